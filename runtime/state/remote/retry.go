package remote

import (
	"context"
	"time"

	"github.com/millrace/millrace/runtime/fault"
)

const (
	firstPause = 20 * time.Millisecond
	mostPause  = 500 * time.Millisecond
)

// Retry calls do until it succeeds, fails for good, or patience has passed; what is Transient is tried again. again counts
// the calls before. The context of a call ends with the patience: a store has no other.
func Retry(patience time.Duration, do func(ctx context.Context, again int) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience) //nolint:forbidigo // state.Store has no contexts; bounded by the patience
	defer cancel()
	pause := firstPause
	for again := 0; ; again++ {
		err := do(ctx, again)
		if err == nil || fault.KindOf(err) != fault.Transient || again > 0 && ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		pause = min(2*pause, mostPause)
	}
}
