// Package types is the vocabulary of values: the SQL types, columns and schemas, and the units in which their values
// are held. It imports nothing of Millrace and is imported by all of it.
package types
