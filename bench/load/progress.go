package load

import "sync/atomic"

// Progress counts what was made and what the broker has, while a load runs. Any goroutine may look at it.
type Progress struct {
	made, stored atomic.Int64
}

// Made and Stored return how many events there are so far.
func (p *Progress) Made() int64 { return p.made.Load() }

// Stored returns how many of them the broker has acknowledged.
func (p *Progress) Stored() int64 { return p.stored.Load() }
