// Package launch is millrace run: it brings a job, a broker, inputs and outputs together, shows what happens, and ends
// by itself when the inputs are files.
//
//	manifests or SQL ─► Job: plan, topics ─┐
//	files ─► feeds ─► broker ─► workers ─► broker ─► collectors ─► files, standard output
//	                                        └─► progress, summary
//
// All of that runs at the same time: results come while the files are being read. Where an input ends is known, and
// told to the workers, when its last record is acknowledged.
package launch
