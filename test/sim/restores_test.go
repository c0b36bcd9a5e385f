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
	if strings.HasPrefix(record.Message, "filled from a ") {
		r.world.mu.Lock()
		r.world.filled++
		r.world.mu.Unlock()
	}
	return r.Handler.Handle(ctx, record)
}

// WithAttrs keeps counting.
func (r *restoresSeen) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &restoresSeen{r.Handler.WithAttrs(attrs), r.world}
}
