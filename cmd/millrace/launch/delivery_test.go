package launch_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/cmd/millrace/launch"
)

// TestARunDeliversAsItsManifestSays runs the example under each delivery: the results are the same, and only one has
// transactions.
func TestARunDeliversAsItsManifestSays(t *testing.T) {
	const example = "../../../examples/flights"
	for delivery, transactions := range map[string]bool{"": true, "ExactlyOnce": true, "AtLeastOnce": false, "AtMostOnce": false} {
		t.Run("delivery "+delivery, func(t *testing.T) {
			folder := t.TempDir()
			for _, name := range []string{"job.yaml", "topics.yaml", "kafka.yaml"} {
				text, err := os.ReadFile(filepath.Join(example, name))
				if err != nil {
					t.Fatal(err)
				}
				if name == "job.yaml" && delivery != "" {
					text = []byte(strings.Replace(string(text), "\nspec:\n", "\nspec:\n  delivery: "+delivery+"\n", 1))
				}
				if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
			if err != nil {
				t.Fatal(err)
			}
			defer cluster.Close()
			got := run(t.Context(), launch.Options{
				Manifests: []string{folder}, Kafka: cluster.ListenAddrs()[0],
				Inputs:  []launch.Binding{{Topic: "flights", File: example + "/flights.jsonl.gz"}},
				Outputs: []launch.Binding{{Topic: "delays_by_carrier", File: filepath.Join(folder, "out.jsonl")}},
			})
			if got.err != nil || !strings.Contains(got.stderr, "rows out          2 319") {
				t.Fatal(got.err, got.stderr)
			}
			client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			listed, err := kadm.NewClient(client).ListTransactions(t.Context(), nil, nil)
			if err != nil || (len(listed) > 0) != transactions {
				t.Errorf("the broker knows the transactions %v, %v", listed, err)
			}
		})
	}
}
