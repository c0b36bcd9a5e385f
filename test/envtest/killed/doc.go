// Package killed kills the operator, as it is wired and under its own rights, at some of its writes to a real API server, while it upgrades and deletes
// a job whose workers work. test/killpoints does so at every effect, over an API server in memory: here it is seen that the effects are the same ones.
// Build tag envtest.
package killed
