package redisstore

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/remote"
)

// store is one task's sorted set.
type store struct {
	backend   *Backend
	task, key string
	owner     int64
	changelog string
	position  state.Position
	encoded   []byte // the position as the server has it
	closed    bool
	ahead     remote.Ahead

	// scratch
	value, name, upper, packed []byte
}

// claim makes us the task's owner.
func (s *store) claim() error {
	keys := []string{s.key, jobKey(s.backend.options.Job)}
	err := s.retry(func(ctx context.Context, _ int) error {
		found, _, err := s.call(ctx, s.backend.client, s.backend.scripts.claim, keys, jobMember(s.backend.options.StateEpoch, s.task))
		s.owner, s.encoded = found.Owner, found.Position
		return err
	})
	if err != nil {
		return err
	}
	s.changelog, s.position, err = remote.DecodePosition(s.encoded)
	return err
}

// Root empties the store if it followed another changelog.
func (s *store) Root(changelog string) error {
	if s.closed {
		return errClosed()
	}
	if len(s.encoded) == 0 || s.changelog == changelog {
		s.changelog = changelog
		return nil
	}
	err := s.retry(func(ctx context.Context, _ int) error {
		found, done, err := s.call(ctx, s.backend.client, s.backend.scripts.clear, []string{s.key}, s.owner)
		if err == nil && !done {
			err = remote.Stranger(s.task, s.owner, found.Owner)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.changelog, s.position, s.encoded = changelog, state.Position{}, nil
	s.ahead.Forget()
	return nil
}

// Bucket says that keys are looked up one by one: their neighbours come along.
func (s *store) Bucket(prefix []byte, length int) error {
	s.ahead.Bucket(prefix, length)
	return nil
}

// Get returns the value of a key.
func (s *store) Get(key []byte) (value []byte, found bool, err error) {
	if s.closed {
		return nil, false, errClosed()
	}
	if value, found, known, err := s.ahead.Get(key, s.some); known || err != nil {
		return value, found, err
	}
	s.name = append(appendStem(append(s.name[:0], '['), key), keyEnd)
	s.upper = append(append(s.upper[:0], s.name...), 0)
	s.upper[0], s.upper[len(s.upper)-2] = '(', pastKey
	members, err := s.members(string(s.name), string(s.upper[:len(s.upper)-1]), 1)
	if err != nil || len(members) == 0 {
		return nil, false, err
	}
	s.value = append(s.value[:0], members[0][len(s.name)-1:]...)
	return s.value, true, nil
}

// some reads a few keys at once.
func (s *store) some(lower, upper []byte, limit int, visit func(key, value []byte)) error {
	members, err := s.members("["+string(appendBound(nil, lower)), "("+string(appendUpper(nil, upper)), int64(limit))
	if err != nil {
		return err
	}
	for _, m := range members {
		key, value, err := split(s.name, m)
		if err != nil {
			return err
		}
		s.name, s.value = key, append(s.value[:0], value...)
		visit(key, s.value)
	}
	return nil
}

const (
	firstPage = 16
	mostPage  = 4096
	pageBytes = 1 << 20
)

// Scan visits the keys in [lower, upper), in pages that grow up to about a mebibyte.
func (s *store) Scan(lower, upper []byte, visit func(key, value []byte) error) error {
	if s.closed {
		return errClosed()
	}
	var key, value []byte
	from, to := "["+string(appendBound(nil, lower)), "("+string(appendUpper(nil, upper))
	for page := int64(firstPage); ; {
		members, err := s.members(from, to, page)
		if err != nil {
			return err
		}
		size := 0
		for _, m := range members {
			k, v, err := split(key, m)
			if err != nil {
				return err
			}
			key, value, size = k, append(value[:0], v...), size+len(m)
			if err := visit(key, value); err != nil {
				return err
			}
		}
		if int64(len(members)) < page {
			return nil
		}
		from = "(" + members[len(members)-1]
		page = min(4*page, mostPage, max(1, pageBytes/int64(size/len(members)+1)))
	}
}

// members returns some members in order. We were their owner when they were read: that is looked at behind them, in the
// same round trip, and an owner never comes back.
func (s *store) members(from, to string, count int64) ([]string, error) {
	var members []string
	err := s.retry(func(ctx context.Context, _ int) error {
		both := s.backend.client.Pipeline()
		read := both.ZRangeByLex(ctx, s.key, &redis.ZRangeBy{Min: from, Max: to, Count: count})
		owner := both.ZRangeByLex(ctx, s.key, &redis.ZRangeBy{Min: "[" + string(ownerSpace), Max: "(" + string(positionSpace), Count: 1})
		if _, err := both.Exec(ctx); err != nil {
			return s.backend.failed(err, s.task)
		}
		found := int64(0)
		if o := owner.Val(); len(o) > 0 {
			found, _ = strconv.ParseInt(o[0][1:], 10, 64)
		}
		if found != s.owner {
			return remote.Forever(remote.Stranger(s.task, s.owner, found))
		}
		members = read.Val()
		return nil
	})
	return members, err
}

// Position returns what the last Apply said.
func (s *store) Position() state.Position { return s.position }

// Close releases the task; its data stay.
func (s *store) Close() error {
	s.closed = true
	s.backend.opened.Give(s.task)
	return nil
}

// retry tries until patience is over.
func (s *store) retry(do func(ctx context.Context, again int) error) error {
	return remote.Retry(s.backend.options.Server.Patience, do)
}

// call runs a script and reads its answer: owner and position that it found or made, and whether it did what it should.
func (s *store) call(ctx context.Context, c redis.Scripter, script *redis.Script, keys []string, args ...any) (found remote.Held, done bool, err error) {
	reply, err := script.Run(ctx, c, keys, args...).Slice()
	if err != nil {
		return found, false, s.backend.failed(err, s.task)
	}
	return parse(reply)
}

// parse reads the answer of a script.
func parse(reply []any) (found remote.Held, done bool, err error) {
	bad := fault.New(fault.Corrupt, fault.Place{}, "the server's answer to a script is not ours")
	if len(reply) != 3 {
		return found, false, bad
	}
	owner, ok := reply[0].(string)
	at, ok2 := reply[1].(string)
	yes, ok3 := reply[2].(int64)
	if !ok || !ok2 || !ok3 {
		return found, false, bad
	}
	if owner != "" {
		if found.Owner, err = strconv.ParseInt(owner, 10, 64); err != nil {
			return found, false, bad
		}
	}
	found.Position = []byte(at)
	return found, yes == 1, nil
}

func errClosed() error { return fault.New(fault.Bug, fault.Place{}, "a closed state store is used") }
