package sim

import (
	"context"
	"log/slog"
	"strings"
)

// restoresSeen counts what the workers say of restores.
type restoresSeen struct {
	slog.Handler
	world *world
}

// Handle counts, and passes on.
func (r *restoresSeen) Handle(ctx context.Context, record slog.Record) error {
	r.world.mu.Lock()
	switch {
	case strings.HasPrefix(record.Message, "filled from a "):
		r.world.filled++
	case record.Message == "warmed up for a task":
		r.world.warmed++
	}
	r.world.mu.Unlock()
	return r.Handler.Handle(ctx, record)
}

// WithAttrs keeps counting.
func (r *restoresSeen) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &restoresSeen{r.Handler.WithAttrs(attrs), r.world}
}
