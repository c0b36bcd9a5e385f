package worker

import (
	"time"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/types"
)

// DefaultMaxExchangeBytes is how much of an exchange may wait for its readers before those who write to it stop: some seconds
// of a busy job, which the readers have on disk and not in memory.
const DefaultMaxExchangeBytes = 256 << 20

// resumeShare is what of that must be left before they go on: one part of so many.
const resumeShare = 2

// restraint is what holds sources back: those that are behind them.
type restraint struct {
	maxDrift         time.Duration // 0: none
	maxExchangeBytes int64
	positions        command.Record // of the job's tasks; the zero value says nothing
	// bytesPerRecord is the mean of an exchange's records, by its name.
	bytesPerRecord func(exchange string) int64
}

// waitsFor says what a source waits for. Held says that it waits already; exchanges are those that it writes to.
func (r *restraint) waitsFor(watermark types.Watermark, held bool, exchanges []string) control.Waits {
	if low := r.positions.Low; r.maxDrift > 0 && low != nil && watermark > *low && watermark != types.EndOfInput && int64(watermark)-int64(*low) > r.maxDrift.Microseconds() {
		return control.WaitsForWatermark
	}
	most := r.maxExchangeBytes
	if held {
		most /= resumeShare
	}
	for _, x := range exchanges {
		if n := r.positions.Unread[x]; n > 0 && n*r.bytesPerRecord(x) > most {
			return control.WaitsForExchange
		}
	}
	return control.WaitsForNothing
}

// waits says what a task waits for at present.
func (s *session) waits(t *running, r *restraint) control.Waits {
	switch {
	case t.Importing():
		return control.WaitsForState
	case t.Held(), t.AwaitsCut():
		return control.WaitsForSavepoint
	case !t.source:
		return control.WaitsForNothing
	case t.Finished() && !s.cfg.Bounded:
		return control.WaitsAtEnd
	}
	return r.waitsFor(t.Watermark(), t.waits == control.WaitsForExchange, s.feeds[t.stage])
}

// feeds lists the exchanges that each stage writes to.
func (c *Config) feeds() [][]string {
	list := make([][]string, len(c.Plan.Stages))
	for i, s := range c.Plan.Stages {
		for _, b := range s.Branches {
			if x := b.Output.Exchange; x != nil {
				list[i] = append(list[i], x.Name)
			}
		}
	}
	return list
}
