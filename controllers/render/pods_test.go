package render_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
)

func setOf(t *testing.T, w *render.Workload) *appsv1.StatefulSet {
	t.Helper()
	objects, err := w.Objects()
	if err != nil {
		t.Fatal(err)
	}
	set, ok := objects[len(objects)-1].(*appsv1.StatefulSet)
	if !ok {
		t.Fatalf("%T is no StatefulSet", objects[len(objects)-1])
	}
	return set
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Pods that are kept are those that would be made, in whatever epoch they run: only the operator's part is older.
func TestKeptPodsRunInAnotherEpochAsNewOnesWould(t *testing.T) {
	j := job()
	j.Spec.State.Storage = &v1alpha1.Storage{Size: resource.MustParse("1Gi")}
	j.Spec.Savepoints = &v1alpha1.Savepoints{URL: "gs://bucket/prefix"}
	made := workload(j)
	document, err := made.Pods()
	if err != nil {
		t.Fatal(err)
	}
	in := func(kept string) *appsv1.StatefulSet {
		w := workload(j)
		w.Epoch, w.StateEpoch, w.RestoreFrom, w.RestoreExactly, w.Kept = 12, 7, "sp", true, kept
		return setOf(t, w)
	}
	kept, anew := in(document), in("")
	if a, b := encoded(t, kept), encoded(t, anew); a != b {
		t.Errorf("kept pods are\n%s\nnew ones would be\n%s", a, b)
	}
	args := kept.Spec.Template.Spec.Containers[0].Args
	for _, want := range []string{"--epoch=12", "--state-epoch=7", "--restore-from=sp", "--restore-exactly"} {
		if !slices.Contains(args, want) {
			t.Errorf("no %s in %v", want, args)
		}
	}
	if text := encoded(t, kept); strings.Contains(text, "%{") {
		t.Errorf("a mark is left: %s", text)
	}
}

func TestPodsAreKeptForWhatTheyWereMadeFrom(t *testing.T) {
	w := workload(job())
	w.Operator = "1.2.3"
	document, err := w.Pods()
	if err != nil {
		t.Fatal(err)
	}
	if by := render.RenderedBy(document); by != "1.2.3" {
		t.Errorf("they are of version %q", by)
	}
	w.Kept, w.KeptFor = document, render.PodsKey("hash", "image:1")
	held := setOf(t, w).Annotations
	if got, ok := render.KeptPods(held, w.KeptFor); !ok || got != document {
		t.Error("they are not found")
	}
	for _, key := range []string{render.PodsKey("other", "image:1"), render.PodsKey("hash", "image:2"), ""} {
		if _, ok := render.KeptPods(held, key); ok {
			t.Errorf("they are found for %q", key)
		}
	}
	for _, damaged := range []string{"", "{", `{"template":{}}`} {
		held[render.AnnotationPods] = damaged
		if _, ok := render.KeptPods(held, w.KeptFor); ok {
			t.Errorf("%q counts", damaged)
		}
	}
}

func TestPodsThatCantBeKeptAreRefused(t *testing.T) {
	j := job()
	j.Spec.Template = &runtime.RawExtension{Raw: []byte(`{"metadata":{"annotations":{"a":"` + strings.Repeat("x", 192<<10) + `"}}}`)}
	if _, err := workload(j).Objects(); fault.KindOf(err) != fault.User || !strings.HasPrefix(err.Error(), "spec.template: ") {
		t.Errorf("got %v", err)
	}
}

// The hash of what a plan is compiled from is in the journals of running jobs: an operator that came to another one would compile them anew, and begin
// an epoch where its compiler makes another plan of them. A new field of spec.Job is left out of its JSON where it is zero.
func TestTheSameQueryHasTheSameHashInAllVersions(t *testing.T) {
	text, err := os.ReadFile("testdata/input.json")
	if err != nil {
		t.Fatal(err)
	}
	var input spec.Job
	if err := json.Unmarshal(text, &input); err != nil {
		t.Fatal(err)
	}
	const want = "7bb31bc8d26dadc21fbb39997ddf317d"
	if got, err := render.InputHash(input); err != nil || got != want {
		t.Errorf("the hash is %s (%v), and in jobs that run %s", got, err, want)
	}
}
