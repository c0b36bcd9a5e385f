// Package collect reads a topic's committed records as they come and writes them to a file or the standard output, as
// JSON lines or as a table for people.
package collect
