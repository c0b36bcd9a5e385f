// Package launch is millrace run: it brings a job, a broker, inputs and outputs together, shows what happens, and ends
// by itself when the inputs are files.
//
//	manifests or SQL ─► Job: plan, topics ─┐
//	files ─► feeds ─► broker ─► workers ─► broker ─► collectors ─► files, standard output
//	                                        └─► progress, summary
package launch
