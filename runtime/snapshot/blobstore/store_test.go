package blobstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/snapshot/blobstore"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
)

// s3 starts an S3 server on the loopback interface and returns the URL of a bucket there.
func s3(t *testing.T) string {
	t.Helper()
	backend := s3mem.New()
	check(t, backend.CreateBucket("bucket"))
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_REGION", "us-east-1")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return "s3://bucket/some/prefix?use_path_style=true&endpoint=" + server.URL
}

func urls(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{"s3": s3(t), "file": "file://" + t.TempDir() + "/made", "mem": "mem://"}
}

func TestStores(t *testing.T) {
	for name, url := range urls(t) {
		t.Run(name, func(t *testing.T) {
			s, err := blobstore.Open(t.Context(), url)
			check(t, err)
			t.Cleanup(func() { check(t, s.Close()) })
			blobs(t, s)
			snapshots(t, s)
		})
	}
}

// blobs tries what snapshot.Blobs promises.
func blobs(t *testing.T, s *blobstore.Store) {
	t.Helper()
	ctx := t.Context()
	large := bytes.Repeat([]byte("0123456789"), 1<<20) // S3 takes it in parts
	for name, content := range map[string][]byte{"a/1": {}, "a/2": []byte("two"), "ab/3": large, "b": []byte("b")} {
		check(t, s.Put(ctx, name, content))
	}
	for name, content := range map[string]string{"a/1": "", "a/2": "two", "ab/3": string(large)} {
		if got, err := s.Get(ctx, name, int64(len(content))); err != nil || string(got) != content {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	if _, err := s.Get(ctx, "a/2", 2); fault.KindOf(err) != fault.Corrupt || !strings.Contains(err.Error(), "a/2") {
		t.Errorf("more than asked for: %v", err)
	}
	if _, err := s.Get(ctx, "a/3", 2); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("not there: %v", err)
	}
	check(t, s.Put(ctx, "a/2", []byte("second")))
	check(t, s.Delete(ctx, "a/1"))
	check(t, s.Delete(ctx, "a/1"))
	if got := names(t, s, "a/"); got != "a/2:6" {
		t.Errorf("listed %s", got)
	}
	if got := names(t, s, "a"); got != "a/2:6 ab/3:10485760" {
		t.Errorf("listed %s", got)
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Put(over, "a/4", []byte("four")); err == nil {
		t.Error("written after the end of the context")
	}
	if got := names(t, s, "a/"); got != "a/2:6" {
		t.Errorf("listed %s", got)
	}
}

func names(t *testing.T, s *blobstore.Store, prefix string) string {
	t.Helper()
	var all []string
	check(t, s.List(t.Context(), prefix, func(o snapshot.Object) error {
		if age := time.Since(o.Modified); age < -time.Minute || age > time.Hour {
			t.Errorf("%s is %v old", o.Name, age)
		}
		all = append(all, fmt.Sprintf("%s:%d", o.Name, o.Size))
		return nil
	}))
	return strings.Join(all, " ")
}

type silent struct{}

func (silent) Begin(int64, int64) {}

func (silent) Add(int64, int64) {}

// snapshots takes some, sweeps, and restores the last.
func snapshots(t *testing.T, s *blobstore.Store) {
	t.Helper()
	set := &snapshot.Set{Blobs: s, FileBytes: 4 << 10, Identity: snapshot.Identity{Job: "local.default.job", StateEpoch: 1, Task: "s1/3", Log: "0123"}}
	store, err := memory.New().Open("s1/3")
	check(t, err)
	for commit := range int64(4) {
		var c state.Changes
		for i := range 1000 {
			check(t, c.Put(fmt.Appendf(nil, "key%d-%d", commit, i), []byte("value")))
		}
		check(t, store.Apply(&c, state.Position{Offset: commit + 1, Commit: commit + 1}))
		f, err := store.(state.Freezer).Freeze(1 << 20)
		check(t, err)
		r, err := set.Take(t.Context(), f, snapshot.Attempt{Begin: time.Now()})
		check(t, err)
		if !r.Taken || commit > 0 && r.Reused == 0 {
			t.Errorf("%+v", r)
		}
		swept, err := set.Sweep(t.Context(), time.Now())
		check(t, err)
		if len(swept.Kept) != min(int(commit)+1, snapshot.Keep) {
			t.Errorf("%d are kept", len(swept.Kept))
		}
	}
	back, err := memory.New().Open("s1/3")
	check(t, err)
	r, err := set.Restore(t.Context(), back.(state.Loader), snapshot.Bounds{End: 10, Commit: 4}, silent{})
	check(t, err)
	if r.Manifest == nil || back.Position().Commit != 4 {
		t.Errorf("%+v", r)
	}
	keys := 0
	check(t, back.Scan(nil, nil, func(_, _ []byte) error { keys++; return nil }))
	if keys != 4000 {
		t.Errorf("%d keys came back", keys)
	}
}

func TestURLsThatAreRefused(t *testing.T) {
	for name, url := range map[string]string{
		"another scheme":   "http://host/bucket",
		"no scheme":        "/folder",
		"a password":       "s3://user:hunter2@bucket/prefix",
		"not a URL":        "s3://hunter2%zz",
		"no bucket":        "s3:///prefix",
		"a file of a host": "file://host/folder",
		"unknown options":  "s3://bucket/prefix?region=here&secret=hunter2",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := blobstore.Open(t.Context(), url)
			if fault.KindOf(err) != fault.User || strings.Contains(fmt.Sprint(err), "hunter2") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAStoreThatRefuses(t *testing.T) {
	url := s3(t)
	s, err := blobstore.Open(t.Context(), strings.Replace(url, "bucket", "other", 1))
	check(t, err)
	if err := s.Put(t.Context(), "name", nil); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
	check(t, s.Close())
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
