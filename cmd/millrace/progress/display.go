package progress

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// The intervals at which the state is looked at.
const (
	barInterval  = 120 * time.Millisecond
	lineInterval = 2 * time.Second
)

// barParts is the bar's resolution: a bar counts in thousandths of the input.
const barParts = 1000

// Display shows a run's state until Stop.
type Display struct {
	out    io.Writer
	look   func() State
	cancel context.CancelFunc
	done   sync.WaitGroup
	bar    *mpb.Progress

	mu   sync.Mutex
	last State
}

// Start shows what look returns, on a terminal as a bar and elsewhere as lines, until Stop is called or ctx ends. look is
// called from the display's goroutine; its Rate and Elapsed are filled in here.
func Start(ctx context.Context, out io.Writer, terminal bool, look func() State) *Display {
	ctx, cancel := context.WithCancel(ctx)
	d := &Display{out: out, look: look, cancel: cancel}
	if terminal {
		// Not under ctx: at its end mpb would drop the results that wait for the next redrawing.
		d.bar = mpb.New(mpb.WithOutput(out), mpb.WithWidth(30), mpb.WithRefreshRate(barInterval))
	}
	d.done.Go(func() { d.run(ctx) })
	return d
}

// Write prints results above the bar; without a bar it writes to the display's output.
func (d *Display) Write(p []byte) (int, error) {
	if d.bar != nil {
		return d.bar.Write(p)
	}
	return d.out.Write(p)
}

// Stop ends the display and returns when its last line is written.
func (d *Display) Stop() {
	d.cancel()
	d.done.Wait()
	if d.bar != nil {
		d.bar.Wait()
	}
}

func (d *Display) run(ctx context.Context) {
	start := time.Now()
	interval := lineInterval
	var bar *mpb.Bar
	if d.bar != nil {
		interval = barInterval
		bar = d.newBar()
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	before, rowsBefore, rate := start, int64(0), 0.0
	for {
		select {
		case <-ctx.Done():
			if bar != nil {
				bar.Abort(true)
			}
			return
		case now := <-ticker.C:
			s := d.look()
			s.Elapsed = now.Sub(start)
			if since := now.Sub(before); since >= time.Second {
				rate = float64(s.RowsIn-rowsBefore) / since.Seconds()
				before, rowsBefore = now, s.RowsIn
			}
			s.Rate = rate
			d.keep(s)
			if bar != nil {
				bar.SetCurrent(int64(max(s.Fed, 0) * (barParts - 1)))
			} else {
				_, _ = fmt.Fprintln(d.out, s.Line()) // a progress line that can't be shown is no reason to stop
			}
		}
	}
}

func (d *Display) newBar() *mpb.Bar {
	return d.bar.New(barParts, mpb.BarStyle().Lbound("").Filler("━").Tip("━").Padding("─").Rbound(""),
		mpb.BarRemoveOnComplete(),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			d.mu.Lock()
			defer d.mu.Unlock()
			return " " + d.last.Line()
		})))
}

func (d *Display) keep(s State) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = s
}
