// Package oracle compares what Millrace computes with what DuckDB computes from the same files. run.sh runs it.
package oracle
