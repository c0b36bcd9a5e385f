// Package control holds what a worker and whoever watches over it say to each other: a worker's status, as the HTTP API
// serves it and the operator and the command line read it.
package control
