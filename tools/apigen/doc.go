// Apigen reads the sources of the API types and writes what follows from their comments: the table of what a change of
// each field does (zz_generated.changes.go), and the reference page. It fails on a spec field without a doc comment or
// without a "+millrace:change=" marker, so that neither can be forgotten.
//
//	apigen -types api/v1alpha1 -changes api/v1alpha1/zz_generated.changes.go -reference docs/reference/api.md
package main
