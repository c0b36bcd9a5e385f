package progress_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/cmd/millrace/progress"
	"github.com/millrace/millrace/test/locked"
)

// Results that are written just before the end, or after an interrupt, still come out.
func TestNoResultIsLostBesideTheBar(t *testing.T) {
	for name, interrupted := range map[string]bool{"at the end": false, "after an interrupt": true} {
		t.Run(name, func(t *testing.T) {
			out := &locked.Buffer{}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			display := progress.Start(ctx, out, true, func() progress.State { return progress.State{Phase: "running"} })
			if interrupted {
				cancel()
			}
			for i := range 100 {
				if _, err := fmt.Fprintf(display, "row %d\n", i); err != nil {
					t.Fatal(err)
				}
			}
			display.Stop()
			display.Stop() // as often as one likes
			if n := strings.Count(out.String(), "row "); n != 100 {
				t.Errorf("%d of 100 rows came out", n)
			}
		})
	}
}
