//go:build integration

package integration_test

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestATaskMovesOnceItsNextWorkerIsWarm lets a second worker join, go and come back while rows come in, on a real broker. Every task with state
// waits for it to warm up, and no row is lost or counted twice.
func TestATaskMovesOnceItsNextWorkerIsWarm(t *testing.T) {
	j := newJob(t)
	j.extra = []string{"--warm-up-least-bytes", "1"}
	defer j.stop()
	fed := j.feeds()
	j.start(0)
	time.Sleep(feedFor / 3)
	j.start(1)
	time.Sleep(feedFor / 3)
	j.signal(1, syscall.SIGTERM) // it is started again, and has copies of what it had
	j.check(<-fed)
	text, err := os.ReadFile(filepath.Join(j.folder, "w1.log"))
	if err != nil {
		t.Fatal(err)
	}
	warm := bytes.Count(text, []byte(`"warmed up for a task"`))
	t.Logf("%d tasks were warmed up for", warm)
	if warm == 0 {
		t.Error("no task was warmed up for")
	}
}
