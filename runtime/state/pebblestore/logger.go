package pebblestore

import (
	"fmt"
	"log/slog"
)

// logger passes Pebble's messages on: what it does all day at the debug level.
type logger struct{ log *slog.Logger }

// Infof reports flushes, compactions and the like.
func (l logger) Infof(format string, args ...any) { l.log.Debug(fmt.Sprintf(format, args...)) }

// Errorf reports errors of background work, which Pebble retries.
func (l logger) Errorf(format string, args ...any) { l.log.Error(fmt.Sprintf(format, args...)) }

// Fatalf ends the process, as Pebble requires: it is called where its state in memory can no longer be trusted, often on
// a goroutine of its own. Nothing is lost: the next process restores from the changelog.
func (l logger) Fatalf(format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	l.log.Error(message)
	panic("local state store: " + message) //nolint:forbidigo // Pebble relies on this not returning, and has no other way
}
