package proxy

import (
	"context"
	"sync"
	"time"
)

// conditions are what the proxy does to bytes now. Faults of one kind add up, since they may overlap.
type conditions struct {
	delay  [directions]time.Duration
	stalls [directions]int
	losing int           // all answers
	ends   int           // those on connections that end a transaction
	late   time.Duration // what is sent on connections that carry markers
}

// weather holds the conditions, and tells those who wait that they have changed.
type weather struct {
	mu      sync.Mutex
	now     conditions
	changed chan struct{}
}

func newWeather() *weather { return &weather{changed: make(chan struct{})} }

func (w *weather) change(do func(*conditions)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do(&w.now)
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *weather) look() (now conditions, changed <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now, w.changed
}

// clear returns the conditions once nothing stalls the direction, or the end of ctx.
func (w *weather) clear(ctx context.Context, d Direction) (conditions, error) {
	for {
		now, changed := w.look()
		if now.stalls[d] == 0 {
			return now, ctx.Err()
		}
		select {
		case <-ctx.Done():
			return now, ctx.Err()
		case <-changed:
		}
	}
}
