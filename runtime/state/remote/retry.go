package remote

import (
	"context"
	"errors"
	"time"

	"github.com/millrace/millrace/runtime/fault"
)

const (
	firstPause = 20 * time.Millisecond
	mostPause  = 500 * time.Millisecond
)

// Permanent is an error that no other try heals, whatever its kind: what was lost stays lost until the task is opened again.
type Permanent struct{ error }

// Unwrap returns the error itself.
func (p Permanent) Unwrap() error { return p.error }

// Forever makes an error permanent.
func Forever(err error) error { return Permanent{err} }

// Retry calls do until it succeeds, fails for good, or patience has passed; what is Transient and not Permanent is tried again. again counts
// the calls before. The context of a call ends with the patience: a store has no other.
func Retry(patience time.Duration, do func(ctx context.Context, again int) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience) //nolint:forbidigo // state.Store has no contexts; bounded by the patience
	defer cancel()
	pause := firstPause
	for again := 0; ; again++ {
		err := do(ctx, again)
		if p, ok := errors.AsType[Permanent](err); ok {
			return p.error
		}
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
