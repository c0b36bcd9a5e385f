//go:build integration

package load_test

import (
	"os"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/test/kafka"
)

func TestARealKafkaIsFilledOnceAndAnew(t *testing.T) {
	node, err := kafka.Run(t.Context(), t.TempDir(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := node.Stop(); err != nil {
			t.Error(err)
		}
	})
	how := kgo.SeedBrokers(node.Address())
	c := config()
	c.Events.Events = 200_000
	first := run(t, c, how)
	if again := run(t, c, how); !first.Loaded || again.Loaded || again.Digest != first.Digest {
		t.Errorf("first %+v\nagain %+v", first, again)
	}
	c.Events.Events = events // the topics are deleted and made again
	if r := run(t, c, how); !r.Loaded || r.Records["bid"] != events/50*46+4 {
		t.Errorf("anew: %+v", r)
	}
}
