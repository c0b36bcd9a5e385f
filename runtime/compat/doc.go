// Package compat compares the state of two plans: what the second one can take over from the first, before anything is stopped. It
// is pure; a savepoint is compared by the plan that it holds.
package compat
