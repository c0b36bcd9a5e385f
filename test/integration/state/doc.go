// Package state holds the stores on servers to what every store must do, on real servers that are killed, flushed, slow to
// answer and shared. The tests carry the build tag "integration".
package state
