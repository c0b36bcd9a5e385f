package remote_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/remote"
)

func TestWhatBecameOfAWrite(t *testing.T) {
	write := remote.Write{Task: "s/0", Owner: 4, Before: []byte("p1"), After: []byte("p2")}
	cases := map[string]struct {
		found remote.Held
		done  bool
		kind  fault.Kind
	}{
		"it was done":                     {remote.Held{Owner: 4, Position: []byte("p2")}, true, fault.Unknown},
		"it was not":                      {remote.Held{Owner: 4, Position: []byte("p1")}, false, fault.Unknown},
		"a later owner, where we stood":   {remote.Held{Owner: 5, Position: []byte("p1")}, false, fault.Fenced},
		"a later owner, where we go":      {remote.Held{Owner: 5, Position: []byte("p2")}, false, fault.Fenced},
		"an earlier owner":                {remote.Held{Owner: 3, Position: []byte("p1")}, false, fault.Transient},
		"nothing: flushed":                {remote.Held{}, false, fault.Transient},
		"we, and an older position":       {remote.Held{Owner: 4, Position: []byte("p0")}, false, fault.Transient},
		"we, and no position: half of it": {remote.Held{Owner: 4}, false, fault.Transient},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			done, err := write.Outcome(c.found)
			if done != c.done || fault.KindOf(err) != c.kind || (err == nil) != (c.kind == fault.Unknown) {
				t.Errorf("%v %v", done, err)
			}
		})
	}
}

func TestAPositionComesBackAndADamagedOneDoesNot(t *testing.T) {
	want := state.Position{Offset: -3, Commit: 1 << 40, Meta: []byte("meta")}
	encoded := remote.EncodePosition("topic-id", want)
	log, got, err := remote.DecodePosition(encoded)
	if err != nil || log != "topic-id" || !reflect.DeepEqual(got, want) {
		t.Errorf("%q %+v %v", log, got, err)
	}
	if log, got, err = remote.DecodePosition(nil); err != nil || log != "" || got.Commit != 0 {
		t.Errorf("nothing is %q %+v %v", log, got, err)
	}
	for n := range len(encoded) - len(want.Meta) {
		if n == 0 {
			continue
		}
		if _, _, err := remote.DecodePosition(encoded[:n]); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%d bytes of it: %v", n, err)
		}
	}
	encoded[0] = 9
	if _, _, err := remote.DecodePosition(encoded); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("another version: %v", err)
	}
}

func TestAURLThatIsWrongIsNotQuoted(t *testing.T) {
	for _, url := range []string{"", "http://h/", "redis:opaque", "redis://u:hunter2@h", "redis://hunter2%zz@h", "redis:///1", "redis://h#hunter2"} {
		s := remote.Server{URL: url}
		if _, err := s.Parse("redis", "rediss"); fault.KindOf(err) != fault.User || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", url, err)
		}
	}
	s := remote.Server{URL: "rediss://me@[::1]:7/2"}
	if u, err := s.Parse("redis", "rediss"); err != nil || u.Hostname() != "::1" || u.User.Username() != "me" || s.Patience != remote.DefaultPatience {
		t.Errorf("%v %v", u, err)
	}
}
