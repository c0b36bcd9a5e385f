package sim

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/task"
)

// snapshotsOneIn is how many of the seeds are played with snapshots as well: one in so many.
const snapshotsOneIn = 3

// TestSnapshotsAndLostDisks runs seeds in which crashes take the disk along, and the changelogs are shortened all the time: what is
// lost comes back from snapshots.
func TestSnapshotsAndLostDisks(t *testing.T) { losing(t, (*sumsOver).game) }

// TestLapsAndLostDisks is the same without a blob store: the state is rewritten at the head of each changelog, which is cut
// behind each lap, and what is lost comes back from that.
func TestLapsAndLostDisks(t *testing.T) { losing(t, (*sumsOver).laps) }

// losing runs seeds in which disks are lost.
func losing(t *testing.T, play func(*sumsOver) game) {
	t.Helper()
	begin := time.Now()
	sums := &sumsOver{}
	n := max(1, *seeds/snapshotsOneIn)
	for i := range n {
		seed := *first + uint64(i)
		o := runGame(t, seed, seedPlan(seed), bugs{}, play(sums))
		sums.crashes += o.crashes
		if o.wrong == "" {
			continue
		}
		hits := 0
		for range repeats {
			if runGame(t, seed, seedPlan(seed), bugs{}, play(&sumsOver{})).wrong != "" {
				hits++
			}
		}
		t.Errorf("seed %d: %s (run again: %d of %d fail)", seed, o.wrong, hits, repeats)
		if *loud {
			t.Log(o.log)
		}
	}
	t.Logf("%d seeds in %v: %d crashes, %d disks lost, %d tasks filled, %d changelogs shortened",
		n, time.Since(begin), sums.crashes, sums.lost, sums.filled, sums.short)
	if sums.lost == 0 || sums.filled == 0 || sums.short == 0 {
		t.Error("nothing was lost, or nothing restored: the test sees nothing")
	}
}

// sumsOver are sums over games.
type sumsOver struct{ crashes, lost, filled, short int }

// laps is the job that is fed, with state that is rewritten all the time, on disks that crashes take along.
func (s *sumsOver) laps() game {
	return func(w *world, ctx context.Context) outcome {
		w.delivery = spec.ExactlyOnce // in the others there are no laps
		w.laps = task.Laps{LeastBytes: 1, PartBytes: 100, EveryBytes: 1}
		return s.play(ctx, w)
	}
}

// game is the job that is fed, with snapshots, on disks that crashes take along.
func (s *sumsOver) game() game {
	return func(w *world, ctx context.Context) outcome {
		w.blobs = snapshottest.New()
		return s.play(ctx, w)
	}
}

// play plays and adds up.
func (s *sumsOver) play(ctx context.Context, w *world) outcome {
	w.extra = func(ctx context.Context) {
		short, err := shortened(ctx, w.client)
		if err != nil {
			w.fail("look at the changelogs: %v", err)
		}
		s.short += short
	}
	o := w.play(ctx)
	s.lost += w.lost
	s.filled += w.filled
	return o
}

// shortened counts the changelogs that do not begin at 0 any more.
func shortened(ctx context.Context, opts []kgo.Opt) (int, error) {
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	starts, err := kadm.NewClient(client).ListStartOffsets(ctx, physical.Topics{Prefix: prefix, StateEpoch: firstEpoch}.Changelog("s1"))
	n := 0
	starts.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 && strings.Contains(o.Topic, "s1") {
			n++
		}
	})
	return n, err
}
