// Package collect reads a topic's committed records as they come and writes them to a file or the standard output, as
// JSON lines, CSV, or a table for people, with or without the kind of each row beside it.
package collect
