// Package httpapi is a worker's doors. They read snapshots, ask questions, and change nothing. The pages are described in
// docs/reference/http-api.md.
//
//	plain     GET /healthz              200 while the process lives and its loop goes on, else 503
//	          GET /readyz               200 once the worker has joined its group and restored what it was given, else 503 with the phase
//	          GET /metrics              in the Prometheus text format
//	          GET /status               as /v1/status; only where no other machine reaches the door, and there is no secured one
//	secured   GET /v1/status            control.Status as JSON
//	          GET /v1/state             the operators that have state
//	          GET /v1/state/{op}/{key}  what is committed of a key
//
// The secured door is TLS and wants a bearer token. Certificate, key and token are files, which are looked at for each
// connection and each request: what was changed counts at once.
package httpapi
