package progress

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// The intervals at which the state is looked at.
const (
	barInterval  = 120 * time.Millisecond
	lineInterval = 2 * time.Second
)

const (
	barCells = 30
	// eraseLine goes to the line's begin and clears it (ECMA-48: CR, EL).
	eraseLine = "\r\x1b[K"
)

// Display shows a run's state until Stop: on a terminal one line that is drawn over, with results scrolling above it;
// elsewhere a new line now and then.
type Display struct {
	out      io.Writer
	terminal bool
	look     func() State
	cancel   context.CancelFunc
	done     sync.WaitGroup

	mu    sync.Mutex
	drawn string // the line that stands on the terminal, if any
}

// Start shows what look returns until Stop is called or ctx ends. look is called from the display's goroutine; its Rate
// and Elapsed are filled in here.
func Start(ctx context.Context, out io.Writer, terminal bool, look func() State) *Display {
	ctx, cancel := context.WithCancel(ctx)
	d := &Display{out: out, terminal: terminal, look: look, cancel: cancel}
	d.done.Go(func() { d.run(ctx) })
	return d
}

// Write prints whole lines of results above the line of the state. It works before, during and after the display's
// life, and from any goroutine.
func (d *Display) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.drawn == "" {
		return d.out.Write(p)
	}
	if _, err := io.WriteString(d.out, eraseLine); err != nil {
		return 0, err
	}
	n, err := d.out.Write(p)
	if err == nil {
		_, err = io.WriteString(d.out, d.drawn)
	}
	return n, err
}

// Stop ends the display and takes its line away. It may be called more than once.
func (d *Display) Stop() {
	d.cancel()
	d.done.Wait()
	d.draw("")
}

func (d *Display) run(ctx context.Context) {
	start := time.Now()
	interval := lineInterval
	if d.terminal {
		interval = barInterval
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	before, rowsBefore, rate := start, int64(0), 0.0
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			s := d.look()
			s.Elapsed = now.Sub(start)
			if since := now.Sub(before); since >= time.Second {
				rate = float64(s.RowsIn-rowsBefore) / since.Seconds()
				before, rowsBefore = now, s.RowsIn
			}
			s.Rate = rate
			if d.terminal {
				d.draw(s.bar() + " " + s.Line())
			} else {
				_, _ = fmt.Fprintln(d.out, s.Line()) // a progress line that can't be shown is no reason to stop
			}
		}
	}
}

// draw replaces the line on the terminal; an empty one leaves none.
func (d *Display) draw(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if line == d.drawn {
		return
	}
	_, _ = io.WriteString(d.out, eraseLine+line) // as above
	d.drawn = line
}

// bar draws the share of the input that was read; nothing when it is not known.
func (s State) bar() string {
	if s.Fed < 0 {
		return ""
	}
	full := int(min(1, s.Fed) * barCells)
	return strings.Repeat("━", full) + strings.Repeat("─", barCells-full)
}
