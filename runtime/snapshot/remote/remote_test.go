package remote_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"reflect"
	"testing"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/snapshot/remote"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
)

// starter starts a service for each connection, and keeps the service's ends.
type starter struct {
	t      *testing.T
	blobs  snapshot.Blobs
	failed error
	ends   []net.Conn
}

func (s *starter) start() (io.ReadWriteCloser, error) {
	ours, theirs := net.Pipe()
	s.ends = append(s.ends, theirs)
	go func() {
		if err := remote.Serve(s.t.Context(), s.blobs, s.failed, theirs); err != nil {
			s.t.Error(err)
		}
	}()
	return ours, nil
}

func open(t *testing.T, s *starter) *remote.Client {
	t.Helper()
	c, err := remote.Open(t.Context(), s.start)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestAStoreElsewhereIsAStore(t *testing.T) {
	s := &starter{t: t, blobs: snapshottest.New()}
	c := open(t, s)
	for _, name := range []string{"a/1", "a/2", "b/1"} {
		if err := c.Put(t.Context(), name, []byte("content of "+name)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := c.Get(t.Context(), "a/2", 100); err != nil || string(got) != "content of a/2" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := c.Get(t.Context(), "a/2", 5); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("one that is too long: %v", err)
	}
	if err := c.Delete(t.Context(), "a/1"); err != nil {
		t.Error(err)
	}
	if _, err := c.Get(t.Context(), "a/1", 100); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("one that is gone: %v", err)
	}
	var names []string
	if err := c.List(t.Context(), "", func(o snapshot.Object) error { names = append(names, o.Name); return nil }); err != nil {
		t.Error(err)
	}
	if want := []string{"a/2", "b/1"}; !reflect.DeepEqual(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
	stop := errors.New("enough")
	if err := c.List(t.Context(), "", func(snapshot.Object) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a visit that ends it: %v", err)
	}
}

func TestAProcessThatDiesIsStartedAgain(t *testing.T) {
	s := &starter{t: t, blobs: snapshottest.New()}
	c := open(t, s)
	if err := c.Put(t.Context(), "a", []byte("1")); err != nil {
		t.Fatal(err)
	}
	_ = s.ends[0].Close()
	if err := c.Put(t.Context(), "b", []byte("2")); fault.KindOf(err) != fault.Transient {
		t.Errorf("while it is gone: %v", err)
	}
	if got, err := c.Get(t.Context(), "a", 10); err != nil || string(got) != "1" || len(s.ends) != 2 {
		t.Errorf("%q, %v, %d starts", got, err, len(s.ends))
	}
}

func TestAStoreThatCannotBeOpenedIsSaidAtOnce(t *testing.T) {
	s := &starter{t: t, failed: fault.New(fault.User, fault.Place{}, "the URL is refused")}
	if _, err := remote.Open(t.Context(), s.start); fault.KindOf(err) != fault.User || err.Error() != "the URL is refused" {
		t.Error(err)
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	s := &starter{t: t, blobs: slow{snapshottest.New(), make(chan struct{})}}
	c := open(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Put(ctx, "a", nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(s.blobs.(slow).until)
	if _, err := c.Get(t.Context(), "b", 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the next call: %v", err)
	}
}

// slow is a store whose Put waits.
type slow struct {
	*snapshottest.Blobs
	until chan struct{}
}

// Put waits.
func (s slow) Put(ctx context.Context, name string, content []byte) error {
	<-s.until
	return s.Blobs.Put(ctx, name, content)
}
