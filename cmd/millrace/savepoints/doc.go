// Package savepoints is what the command line does with savepoints: ask a job for one and, in a blob store, list them, show what is in
// one, read all of it, delete it. Each is a function of options, which prints to their output as a table or as JSON.
package savepoints
