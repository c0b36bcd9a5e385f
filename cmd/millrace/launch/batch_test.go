package launch_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/millrace/millrace/cmd/millrace/launch"
)

// batchOf writes the manifests of the example, with more in the job's spec, under a name of its own.
func batchOf(t *testing.T, name, more string) string {
	t.Helper()
	folder := t.TempDir()
	for _, file := range []string{"job.yaml", "topics.yaml", "kafka.yaml"} {
		text, err := os.ReadFile(filepath.Join("../../../examples/flights", file))
		if err != nil {
			t.Fatal(err)
		}
		if file == "job.yaml" {
			changed := strings.Replace(string(text), "\nspec:\n", "\nspec:\n  mode: Batch\n"+more, 1)
			text = []byte(strings.Replace(changed, "name: ", "name: "+name+"-", 1))
		}
		if err := os.WriteFile(filepath.Join(folder, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// A batch job reads what its topics hold when the command starts, whoever has filled them, up to the end that its manifest says, and ends by itself.
func TestARunOfABatchJobEndsAtWhatThereIs(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	flights := []launch.Binding{{Topic: "flights", File: "../../../examples/flights/flights.jsonl.gz"}}
	past := "  endAt: {type: Timestamp, timestamp: \"2001-01-01T00:00:00Z\"}\n"
	for _, c := range []struct {
		name, more string
		inputs     []launch.Binding
		want       string
	}{
		{"filled", "", flights, "rows out          2 319"},
		{"there", "", nil, "rows out          2 319"},
		{"past", past, nil, "rows out              0"},
	} {
		got := run(t.Context(), launch.Options{
			Manifests: []string{batchOf(t, c.name, c.more)}, Kafka: cluster.ListenAddrs()[0], Inputs: c.inputs,
			Outputs: []launch.Binding{{Topic: "delays_by_carrier", File: filepath.Join(t.TempDir(), "out.jsonl")}},
		})
		if got.err != nil || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%s: %v\n%s\nwant %q", c.name, got.err, got.stderr, c.want)
		}
	}
	got := run(t.Context(), launch.Options{Manifests: []string{batchOf(t, "both", past)}, Kafka: cluster.ListenAddrs()[0], Inputs: flights})
	if got.err == nil || !strings.Contains(got.err.Error(), "take spec.endAt out") {
		t.Errorf("files have no such time: %v", got.err)
	}
}
