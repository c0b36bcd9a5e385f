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

// TestALostDiskComesBackFromSnapshots kills workers whose disks go with them, on a real broker that deletes what lies before the
// snapshots.
func TestALostDiskComesBackFromSnapshots(t *testing.T) {
	j := newJob(t)
	j.snapshots, j.diskless = true, true
	defer j.stop()
	r := rand.New(rand.NewPCG(3, 4))
	fed := j.feeds()
	j.start(0)
	j.start(1)
	for begin := time.Now(); time.Since(begin) < feedFor; {
		time.Sleep(time.Duration(3000+r.IntN(2000)) * time.Millisecond)
		j.signal(r.IntN(2), syscall.SIGKILL)
		j.kills++
	}
	j.check(<-fed)
	starts, err := kadm.NewClient(j.client).ListStartOffsets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	short := 0
	starts.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 && strings.HasPrefix(o.Topic, prefix) && strings.HasSuffix(o.Topic, "-changelog") {
			short++
		}
	})
	filled, refused := 0, 0
	for _, name := range []string{"w0.log", "w1.log"} {
		text, err := os.ReadFile(filepath.Join(j.folder, name))
		if err != nil {
			t.Fatal(err)
		}
		filled += bytes.Count(text, []byte(`"filled from a snapshot"`))
		refused += bytes.Count(text, []byte(`"a snapshot is passed over"`))
	}
	t.Logf("%d changelogs of %d were shortened, %d tasks filled from snapshots, %d snapshots passed over", short, partitions, filled, refused)
	if short == 0 || filled == 0 {
		t.Error("nothing was deleted, or nothing came back: the test sees nothing")
	}
}
