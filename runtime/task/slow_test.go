package task_test

import (
	"bytes"
	"encoding/binary"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// slow is a counter that emits two groups at a time: an operator.Gradual.
type slow struct {
	counter
	behind, stored bool
}

const atOnce = 2

func (s *slow) Open(view *state.View) error {
	if err := s.counter.Open(view); err != nil {
		return err
	}
	return s.Reset()
}

func (s *slow) Reset() (err error) {
	s.at, s.behind = types.NoWatermark, false
	_, s.stored, err = s.view.Get(nil)
	return err
}

func (s *slow) Flush() error {
	if s.behind == s.stored {
		return nil
	}
	if s.stored = s.behind; s.behind {
		return s.view.Put(nil, nil)
	}
	return s.view.Delete(nil)
}

func (s *slow) Behind() bool { return s.behind }

func (s *slow) Advance(w types.Watermark, out operator.Output) error {
	if s.at = w; s.behind {
		return nil
	}
	return s.Continue(out)
}

func (s *slow) Resume(w types.Watermark) error {
	s.at, s.behind = w, s.stored
	if s.stored {
		return nil
	}
	return s.view.Scan([]byte{0}, s.due(), func(_, _ []byte) error {
		return fault.New(fault.Bug, fault.Place{}, "a group of a window that has fired")
	})
}

// due is the first key of a window that is not due.
func (s *slow) due() []byte {
	if s.at == types.EndOfInput {
		return nil
	}
	return binary.BigEndian.AppendUint64(nil, (uint64(s.at)+1)^1<<63)
}

func (s *slow) Continue(out operator.Output) error {
	s.out.Reset([]types.Kind{types.BigInt, types.Timestamp, types.BigInt})
	var next []byte
	err := s.view.Scan([]byte{0}, s.due(), func(k, v []byte) error {
		if s.out.Length >= atOnce {
			if next == nil {
				next = bytes.Clone(k)
			}
			return nil
		}
		s.out.Columns[0].AppendInt64(int64(binary.BigEndian.Uint64(k[8:])))
		s.out.Columns[1].AppendInt64(int64(binary.BigEndian.Uint64(k) ^ 1<<63))
		s.out.Columns[2].AppendInt64(int64(binary.BigEndian.Uint64(v)))
		s.out.Length++
		return nil
	})
	s.behind = next != nil
	if err != nil || s.out.Length == 0 {
		return err
	}
	if next == nil {
		next = s.due()
	}
	if err := out.Push(&s.out); err != nil {
		return err
	}
	return s.view.DeleteRange([]byte{0}, next)
}
