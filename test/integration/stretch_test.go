//go:build integration

package integration_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestCommitsAreFurtherApartWhereMarkersAreBounded gives two workers fewer markers than their commits would leave: they say so, once, and
// what they compute is the same.
func TestCommitsAreFurtherApartWhereMarkersAreBounded(t *testing.T) {
	j := newJob(t)
	j.http = true
	j.extra = []string{"--max-markers", "40"}
	j.start(0)
	j.start(1)
	fed := j.feeds()
	j.await("both workers have stretched their interval", func() bool {
		return j.status(0).CommitInterval > 200*time.Millisecond && j.status(1).CommitInterval > 200*time.Millisecond
	})
	j.check(<-fed)
	for ordinal := range 2 {
		t.Logf("worker %d commits at least each %v", ordinal, j.status(ordinal).CommitInterval)
		text, err := os.ReadFile(filepath.Join(j.folder, fmt.Sprintf("w%d.log", ordinal)))
		if n := bytes.Count(text, []byte("commits are further apart than commitInterval")); err != nil || n != 1 {
			t.Errorf("worker %d says so %d times (%v)", ordinal, n, err)
		}
	}
	j.stop()
}
