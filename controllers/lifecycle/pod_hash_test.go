package lifecycle_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
)

var addHashes = flag.Bool("add-hashes", false, "write the hashes of cases in testdata/pod_hash.json that have none")

// hashed is what a user asks for, as the API server gave it to the operator that came to the hash.
type hashed struct {
	Name       string          `json:"name"`
	Spec       json.RawMessage `json:"spec"`
	Connection json.RawMessage `json:"connection"`
	Hash       string          `json:"hash"`
}

const hashesFile = "testdata/pod_hash.json"

// The hash is in the journals of running jobs: an operator that came to another one would replace all their workers. So no hash of the file is ever
// written anew; a field that is new is left out as long as nobody uses it.
func TestTheSameWishesHaveTheSameHashInAllVersions(t *testing.T) {
	text, err := os.ReadFile(hashesFile)
	if err != nil {
		t.Fatal(err)
	}
	var cases []hashed
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for i := range cases {
		c := &cases[i]
		spec, connection := &v1alpha1.StreamJobSpec{}, &v1alpha1.KafkaConnectionSpec{}
		if err := json.Unmarshal(c.Spec, spec); err != nil {
			t.Fatal(c.Name, err)
		}
		if err := json.Unmarshal(c.Connection, connection); err != nil {
			t.Fatal(c.Name, err)
		}
		got := lifecycle.PodHash(spec, connection)
		if c.Hash == "" && *addHashes {
			c.Hash = got
		}
		if got != c.Hash {
			t.Errorf("%s: the hash is %s, and in jobs that run %s", c.Name, got, c.Hash)
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%s has the hash of %s", c.Name, other)
		}
		seen[got] = c.Name
	}
	if *addHashes {
		text, err := json.MarshalIndent(cases, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(hashesFile, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// What nobody has asked for is no wish: a zero, wherever the API knows zeros as nothing. In Kubernetes' own types a zero may say something.
func TestAZeroIsNoWishButWhereKubernetesKnowsIt(t *testing.T) {
	hash := func(spec string) string {
		s := &v1alpha1.StreamJobSpec{}
		if err := json.Unmarshal([]byte(spec), s); err != nil {
			t.Fatal(err)
		}
		return lifecycle.PodHash(s, &v1alpha1.KafkaConnectionSpec{})
	}
	none := hash(`{}`)
	for _, same := range []string{`{"maxWatermarkDrift":"0s"}`, `{"state":{"snapshots":null}}`, `{"overload":{}}`, `{"sql":"SELECT 1","parallelism":4}`} {
		if hash(same) != none {
			t.Errorf("%s counts as a wish", same)
		}
	}
	for _, other := range []string{
		`{"template":{"spec":{"terminationGracePeriodSeconds":0}}}`, `{"template":{"spec":{"hostNetwork":false}}}`, `{"resources":{"requests":{"cpu":"0"}}}`,
		`{"commitInterval":"1s"}`, `{"runtimeVersion":"v1"}`,
	} {
		if hash(other) == none {
			t.Errorf("%s does not count", other)
		}
	}
}

// The API server fills in the defaults of a new CRD in what it has stored long ago. A default that came later than the hashes has to be among those that
// do not count.
func TestADefaultThatIsNewIsNoWish(t *testing.T) {
	text, err := os.ReadFile("testdata/first_defaults.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Fields(string(text))
	found := map[string]any{}
	for kind, file := range map[string]string{"StreamJob": "streamjobs", "KafkaConnection": "kafkaconnections"} {
		text, err := os.ReadFile("../../config/crd/bases/millrace.dev_" + file + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		var crd struct {
			Spec struct {
				Versions []struct {
					Schema struct {
						OpenAPIV3Schema struct{ Properties map[string]schema }
					}
				}
			}
		}
		if err := yaml.Unmarshal(text, &crd); err != nil {
			t.Fatal(err)
		}
		defaults(kind, "spec", crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"], found)
	}
	for _, path := range slices.Sorted(maps.Keys(found)) {
		want, ok := v1alpha1.LaterDefault(path)
		if slices.Contains(known, path) {
			continue
		}
		if !ok || !same(want, found[path]) {
			t.Errorf("%s has a default, %v, which rolls the workers of every job with the new CRD: give it a row in laterDefaults (api/v1alpha1/later_default.go)", path, found[path])
		}
	}
	if len(found) < 3 {
		t.Errorf("found no more defaults than %v", found)
	}
}

type schema struct {
	Default    any
	Properties map[string]schema
}

// defaults collects those of the fields that roll the pods, by paths as PodHash has them.
func defaults(kind, path string, of schema, found map[string]any) {
	if of.Default != nil && v1alpha1.ChangeOf(kind, path) == v1alpha1.ChangeRoll {
		found[kind+strings.TrimPrefix(path, "spec")] = of.Default
	}
	for name, inner := range of.Properties {
		defaults(kind, path+"."+name, inner, found)
	}
}

func same(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}
