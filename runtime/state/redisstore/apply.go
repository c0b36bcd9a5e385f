package redisstore

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/remote"
)

// chunkBytes is where packed changes are cut: one run of a script that large takes Redis some 30 ms.
const chunkBytes = 256 << 10

// Apply writes changes and position, in one transaction of the server.
func (s *store) Apply(changes *state.Changes, at state.Position) error {
	if s.closed {
		return errClosed()
	}
	packed, cuts, err := s.pack(changes)
	if err != nil {
		return err
	}
	w := remote.Write{Task: s.task, Owner: s.owner, Before: s.encoded, After: remote.EncodePosition(s.changelog, at)}
	err = s.retry(func(ctx context.Context, _ int) error {
		found, done, err := s.write(ctx, w, packed, cuts)
		if err != nil || done {
			return err
		}
		// It was not done now; it may have been, when an answer was lost.
		done, err = w.Outcome(found)
		switch {
		case done:
			return nil
		case err == nil:
			return fault.New(fault.Bug, fault.Place{}, "a write of task %s was refused without a reason", s.task)
		default:
			return remote.Forever(err)
		}
	})
	if err != nil {
		return err
	}
	s.ahead.Apply(changes)
	s.stand(at, w.After)
	return nil
}

func (s *store) stand(at state.Position, encoded []byte) {
	at.Meta = slices.Clone(at.Meta)
	s.position, s.encoded = at, encoded
}

// pack packs changes in their order, and says where it may be cut: at each, a chunk ends. The last cut is the end.
func (s *store) pack(changes *state.Changes) (packed []byte, cuts []int, err error) {
	s.packed = s.packed[:0]
	last := 0
	err = changes.Each(func(kind state.OpKind, key, value []byte) error {
		if len(s.packed)-last > chunkBytes {
			last = len(s.packed)
			cuts = append(cuts, last)
		}
		switch kind {
		case state.OpPut:
			s.name = appendStem(s.name[:0], key)
			s.packed = appendPacked(s.packed, packedPut, s.name, value)
		case state.OpDelete:
			s.name = appendStem(s.name[:0], key)
			s.packed = appendPacked(s.packed, packedDelete, s.name, nil)
		case state.OpDeleteRange:
			s.name, s.upper = appendBound(s.name[:0], key), appendUpper(s.upper[:0], value)
			s.packed = appendPacked(s.packed, packedRange, s.name, s.upper)
		default:
			return fault.New(fault.Bug, fault.Place{}, "unknown kind of write %d", kind)
		}
		return nil
	})
	return s.packed, append(cuts, len(s.packed)), err
}

// write sends a write once. A server that lacks the script gets it.
func (s *store) write(ctx context.Context, w remote.Write, packed []byte, cuts []int) (found remote.Held, done bool, err error) {
	script, keys := s.backend.scripts.apply, []string{s.key}
	if len(cuts) == 1 {
		return s.call(ctx, s.backend.client, script, keys, w.Owner, w.Before, w.After, "1", "1", packed)
	}
	for range 2 {
		both := s.backend.client.TxPipeline()
		var answers []*redis.Cmd
		from := 0
		for i, to := range cuts {
			answers = append(answers, script.EvalSha(ctx, both, keys, w.Owner, w.Before, w.After, flag(i == 0), flag(i == len(cuts)-1), packed[from:to]))
			from = to
		}
		if _, err = both.Exec(ctx); err == nil {
			reply, err := answers[len(answers)-1].Slice()
			if err != nil {
				return found, false, s.backend.failed(err, s.task)
			}
			return parse(reply)
		}
		if answer, ok := errors.AsType[redis.Error](err); !ok || !strings.HasPrefix(answer.Error(), "NOSCRIPT") {
			break
		}
		if err = script.Load(ctx, s.backend.client).Err(); err != nil {
			break
		}
	}
	return found, false, s.backend.failed(err, s.task)
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return ""
}
