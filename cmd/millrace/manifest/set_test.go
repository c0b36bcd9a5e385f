package manifest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/millrace/manifest"
	"github.com/millrace/millrace/config/crd"
	"github.com/millrace/millrace/runtime/fault"
)

func TestTheExampleIsAdmittedWithDefaults(t *testing.T) {
	set, err := manifest.Load(t.Context(), crd.Files, []string{"../../../examples/flights"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Connections) != 1 || len(set.Topics) != 2 || len(set.Jobs) != 1 {
		t.Fatalf("%d connections, %d topics, %d jobs", len(set.Connections), len(set.Topics), len(set.Jobs))
	}
	job := set.Jobs[0].Spec
	if job.Parallelism != 1 || job.MaxParallelism != 32 || job.ConnectionRef.Name != "default" || job.CommitInterval.Duration.String() != "100ms" ||
		job.Delivery != v1alpha1.DeliveryExactlyOnce {
		t.Errorf("defaults were not filled in: %+v", job)
	}
}

func TestMistakesNameFileObjectAndField(t *testing.T) {
	const head = "apiVersion: millrace.dev/v1alpha1\nkind: StreamJob\nmetadata: {name: j}\n"
	cases := map[string]struct{ text, want string }{
		"an unknown field":        {head + "spec: {sql: SELECT 1, paralelism: 2}\n", "m.yaml: StreamJob/j: spec.paralelism: Forbidden: unknown field"},
		"a value of a wrong type": {head + "spec: {sql: SELECT 1, parallelism: two}\n", `m.yaml: StreamJob/j: spec.parallelism: Invalid value: "string"`},
		"a rule":                  {head + "spec: {sql: SELECT 1, parallelism: 9, maxParallelism: 4}\n", "spec.parallelism must not be above spec.maxParallelism"},
		"a range":                 {head + "spec: {sql: SELECT 1, parallelism: 0}\n", "spec.parallelism: Invalid value: 0"},
		"no query":                {head + "spec: {}\n", "spec.sql is required"},
		"a version":               {strings.Replace(head, "v1alpha1", "v9", 1) + "spec: {}\n", `apiVersion: Unsupported value: "millrace.dev/v9"`},
		"a server and no backend": {head + "spec: {sql: SELECT 1, state: {redis: {url: \"redis://store\"}}}\n", "redis is given with the backend Redis"},
		"a backend and no server": {head + "spec: {sql: SELECT 1, state: {backend: Postgres}}\n", "postgres is given with the backend Postgres"},
		"a password in a URL":     {head + "spec: {sql: SELECT 1, state: {backend: Redis, redis: {url: \"redis://me:secret@store:6379\"}}}\n", "without a password"},
		"a password in another":   {head + "spec: {sql: SELECT 1, state: {backend: Postgres, postgres: {url: \"postgres://me:secret@db/state\"}}}\n", "without a password"},
		"TLS that checks nothing": {head + "spec: {sql: SELECT 1, state: {backend: Postgres, postgres: {url: \"postgres://me@db/state?sslmode=prefer\"}}}\n", "sslmode=disable"},
		"the same object twice":   {head + "spec: {sql: SELECT 1}\n---\n" + head + "spec: {sql: SELECT 1}\n", "metadata.name: Duplicate value"},
		"broken YAML":             {head + "spec: {sql: SELECT 1\n", "m.yaml:1:1: read as YAML"},
		"a key twice":             {head + "spec:\n  sql: a\n  sql: b\n", "already set in map"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.WriteFile("m.yaml", []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := manifest.Load(t.Context(), crd.Files, []string{"m.yaml"}, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestServersOfStateAreAdmitted(t *testing.T) {
	const head = "apiVersion: millrace.dev/v1alpha1\nkind: StreamJob\nmetadata: {name: j}\nspec: {sql: SELECT 1, state: "
	for _, state := range []string{
		`{backend: Redis, redis: {url: "redis://store"}}`,
		`{backend: Redis, redis: {url: "rediss://me@[::1]:6380/3", caRef: {name: a, key: b}}}`,
		`{backend: Postgres, postgres: {url: "postgres://me@db.shop.svc:5432/state", passwordRef: {name: a, key: b}}}`,
		`{backend: Postgres, postgres: {url: "postgresql://me@db/state?sslmode=disable"}}`,
	} {
		if _, err := manifest.Load(t.Context(), crd.Files, []string{"-"}, strings.NewReader(head+state+"}\n")); err != nil {
			t.Errorf("%s: %v", state, err)
		}
	}
}

func TestKindsOfOthersAreIgnoredAndNamed(t *testing.T) {
	const text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n---\n# only a comment\n"
	set, err := manifest.Load(t.Context(), crd.Files, []string{"-"}, strings.NewReader(text))
	if err != nil || len(set.Ignored) != 1 || set.Ignored[0] != "ConfigMap/settings (-)" {
		t.Errorf("%v, %v", set.Ignored, err)
	}
}

func TestFilesThatAreNotThere(t *testing.T) {
	empty := t.TempDir()
	for _, name := range []string{filepath.Join(empty, "none.yaml"), empty} {
		_, err := manifest.Load(t.Context(), crd.Files, []string{name}, nil)
		if fault.KindOf(err) != fault.User {
			t.Errorf("%s: %v, want an error of kind user", name, err)
		}
	}
}
