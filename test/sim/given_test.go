package sim

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/millrace/millrace/runtime/fault"
)

// A job that is being deleted loses its internal topics one by one, and its group after them. At each of these moments a node that nobody can reach may
// start a worker once more.
func TestAWorkerBeginsNothingWhereItsJobWasDeleted(t *testing.T) {
	onStage(t, func(ctx context.Context, t *testing.T, s stage) {
		t.Helper()
		g := grow(t, s)
		defer g.client.Close()
		admin := kadm.NewClient(g.client)
		run := func() error {
			g.start(ctx, firstEpoch, true)
			select {
			case err := <-g.ended:
				return err
			case <-time.After(5 * time.Second):
				g.stop()
				return <-g.ended
			}
		}
		g.write(ctx, partitions, 1_000_000)
		if err := run(); err != nil { // makes the topics
			t.Fatal(err)
		}
		g.given = true
		g.write(ctx, partitions, 1_000_001)
		if err := run(); err != nil {
			t.Fatal("with all topics: ", err)
		}
		before, _ := g.came(ctx)
		if len(before) != 2*partitions {
			t.Fatalf("%v came out", before)
		}
		refuses := func(moment string) {
			err := run()
			if fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), "an internal topic is not there") {
				t.Errorf("%s: it ended with %v", moment, err)
			}
		}
		for _, name := range internal(ctx, t, admin) {
			if _, err := admin.DeleteTopics(ctx, name); err != nil {
				t.Fatal(err)
			}
			refuses("without " + name)
		}
		if _, err := admin.DeleteGroup(ctx, prefix); err != nil {
			t.Fatal(err)
		}
		refuses("without its group")
		if again := internal(ctx, t, admin); len(again) > 0 {
			t.Errorf("the topics %v are there again", again)
		}
		if after, _ := g.came(ctx); len(after) != len(before) {
			t.Errorf("%v came out, and before the deletion %v", after, before)
		}
	})
}

// internal lists the job's internal topics.
func internal(ctx context.Context, t *testing.T, admin *kadm.Client) (names []string) {
	t.Helper()
	all, err := admin.ListTopics(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all.Names() {
		if strings.HasPrefix(name, prefix+".") {
			names = append(names, name)
		}
	}
	return names
}
