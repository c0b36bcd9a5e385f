package worker

import (
	"sync/atomic"
	"time"
)

// pulse says since when the loop has been at one piece of work that waits for nobody else: a batch of a task's records, its share of a commit,
// or the way of that to the store. Brokers that are away are waited for elsewhere. The loop beats it, and anybody may look; the zero value is a
// loop that is at no such piece.
type pulse struct{ since atomic.Int64 } // nanoseconds since 1970; 0 for no piece

func (p *pulse) begins(at time.Time) { p.since.Store(at.UnixNano()) }

func (p *pulse) ends() { p.since.Store(0) }

// began is when the piece at hand was begun; zero where there is none.
func (p *pulse) began() time.Time {
	if since := p.since.Load(); since != 0 {
		return time.Unix(0, since)
	}
	return time.Time{}
}
