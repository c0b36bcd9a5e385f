//go:build integration

package integration_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

// TestALostDiskComesBackFromLaps kills workers whose disks go with them, on a real broker that deletes what lies before the laps.
func TestALostDiskComesBackFromLaps(t *testing.T) {
	j := newJob(t)
	j.feeding = feedFor / 2
	j.diskless = true
	j.state = []string{"--lap-least-bytes", "1"}
	defer j.stop()
	r := rand.New(rand.NewPCG(5, 6))
	fed := j.feeds()
	j.start(0)
	j.start(1)
	for begin := time.Now(); time.Since(begin) < j.feeding; {
		time.Sleep(time.Duration(1500+r.IntN(1500)) * time.Millisecond)
		j.signal(r.IntN(2), syscall.SIGKILL)
		j.kills++
	}
	j.check(<-fed)
	short := 0
	starts, err := kadm.NewClient(j.client).ListStartOffsets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	starts.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 && strings.HasPrefix(o.Topic, prefix) && strings.HasSuffix(o.Topic, "-changelog") {
			short++
		}
	})
	filled := 0
	for _, name := range []string{"w0.log", "w1.log"} {
		text, err := os.ReadFile(filepath.Join(j.folder, name))
		if err != nil {
			t.Fatal(err)
		}
		filled += bytes.Count(text, []byte(`"filled from a lap of the changelog"`))
	}
	t.Logf("%d changelogs of %d were shortened, %d tasks filled from laps", short, partitions, filled)
	if short == 0 || filled == 0 {
		t.Error("nothing was deleted, or nothing came back: the test sees nothing")
	}
}
