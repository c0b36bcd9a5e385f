// Package savepoints is what the command line asks of running jobs, a savepoint or their end, and what it does with savepoints in a blob
// store: list them, show what is in one, read all of it, delete it. Each is a function of options, which prints to their output as a table or as JSON.
package savepoints
