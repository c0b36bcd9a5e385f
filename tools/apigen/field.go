package main

// kind is a top-level kind: its doc comment and the fields of its spec and status, depth first in source order.
type kind struct {
	name   string
	doc    string
	spec   []field
	status []field
}

// field is one field of a kind.
type field struct {
	// path is the field's place in a manifest, without list indexes: "spec.schema.columns.name".
	path string
	// typ is the type as the reference page names it.
	typ string
	// doc is the comment without markers.
	doc string
	// change is the value of +millrace:change; empty in a status.
	change string
	// markers are the +kubebuilder and +default markers by name, of the field and of its type.
	markers map[string]string
	// optional says whether a manifest may leave it out.
	optional bool
}
