// Package connector holds what all sources and sinks have in common: the record, as it is read and as it is written.
package connector
