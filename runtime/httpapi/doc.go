// Package httpapi is a worker's door: health, readiness, metrics and status. It reads snapshots and changes nothing.
//
//	/healthz   200 while the process lives
//	/readyz    200 once the worker has joined its group and restored what it was given, else 503 with the phase
//	/metrics   in the Prometheus text format
//	/status    control.Status as JSON
package httpapi
