// Package object reads and writes the API server the way all reconcilers of Millrace do: children by server-side apply
// with one field owner and only when they differ, status once a pass and only when it changed. Idle means no writes.
package object
