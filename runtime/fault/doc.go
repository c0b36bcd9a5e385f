// Package fault is the vocabulary of errors.
//
// Every error that leaves a package of the runtime says three things: its kind, the place it is about and what to do.
// The kind decides what happens next, so that nothing ever matches on the text of a message: a User error ends a
// command with status 2 or stalls a job until its spec changes, a Data error is about one row and goes to the bad-row
// policy, a Transient error is retried, a Corrupt error stops a task and asks for a restore from elsewhere, and a Bug
// is a broken invariant of ours.
package fault
