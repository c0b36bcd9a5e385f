// Package postgresstore is the state backend in a PostgreSQL database.
//
//	millrace_task    id | job, state_epoch, task | owner, position     a row a task; who opened it last, where it stands
//	millrace_state   task, key | value                                 a row a key of a task; task is an id
//
// Keys are bytea, which PostgreSQL orders by its bytes. An Apply is one transaction: the task's row is updated where owner
// and position are those that we know, which also locks it, and then come the changes, sorted, as arrays of some
// mebibytes. It commits without waiting for the disk (synchronous_commit = off): after a crash of the server the task
// stands at some earlier commit, rows and position together, and goes on from the changelog. Flush waits.
//
// A key has at most some 2600 bytes: PostgreSQL's indexes take no more.
package postgresstore
