package progress_test

import (
	"testing"
	"time"

	"github.com/millrace/millrace/cmd/millrace/progress"
)

func TestStateLine(t *testing.T) {
	s := progress.State{Phase: "running", Fed: 0.5, RowsIn: 328521, RowsOut: 12, Lag: 1000, Rate: 99999.7, Elapsed: 2160 * time.Millisecond}
	const want = "running  50%  rows in 328 521  out 12  99 999/s  lag 1 000  2.2s"
	if got := s.Line(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.Fed = -1
	const unknown = "running  rows in 328 521  out 12  99 999/s  lag 1 000  2.2s"
	if got := s.Line(); got != unknown {
		t.Errorf("got %q, want %q", got, unknown)
	}
}
