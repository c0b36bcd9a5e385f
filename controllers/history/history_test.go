package history_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/history"
	"github.com/millrace/millrace/controllers/render"
)

func spec(t *testing.T, text string) *v1alpha1.StreamJobSpec {
	t.Helper()
	s := &v1alpha1.StreamJobSpec{}
	if err := yaml.UnmarshalStrict([]byte(text), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func version(t *testing.T, text string) history.Version {
	t.Helper()
	v, err := history.Of(spec(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func job(uid types.UID) *v1alpha1.StreamJob {
	return &v1alpha1.StreamJob{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "j", UID: uid}}
}

func TestOnlyWhatStartsOrReplacesAWorkerMakesAVersion(t *testing.T) {
	const text = `{sql: a, parallelism: 1, overload: {type: Shed, maxLagRecords: 9007199254740993}}`
	base := version(t, text)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"nothing":                     {text, nil},
		"the number of workers":       {`{sql: a, parallelism: 2, overload: {type: Shed, maxLagRecords: 9007199254740993}}`, nil},
		"whether it is suspended":     {`{sql: a, suspend: true, overload: {type: Shed, maxLagRecords: 9007199254740993}}`, nil},
		"how changes are made":        {`{sql: a, upgrade: {mode: Stateless}, restoreFrom: sp, deletion: {internalTopics: Retain}, revisionHistoryLimit: 3, overload: {type: Shed, maxLagRecords: 9007199254740993}}`, nil},
		"the query":                   {`{sql: b, overload: {type: Shed, maxLagRecords: 9007199254740993}}`, []string{"sql"}},
		"a number beyond all doubles": {`{sql: a, overload: {type: Shed, maxLagRecords: 9007199254740992}}`, []string{"overload"}},
		"pods, and delivery": {
			`{sql: a, delivery: AtLeastOnce, template: {spec: {nodeSelector: {a: b}}}, overload: {type: Shed, maxLagRecords: 9007199254740993}}`, []string{"delivery", "template"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := version(t, c.text)
			if got := v.Differences(base); !reflect.DeepEqual(got, c.want) {
				t.Errorf("differs in %v, want %v", got, c.want)
			}
			a, b := nameOf(t, v, "u"), nameOf(t, base, "u")
			if same := a == b; same != (c.want == nil) {
				t.Errorf("it is named %s, the other one %s", a, b)
			}
			if (v.Patch(base) == nil) != (c.want == nil) {
				t.Errorf("the patch is %v", v.Patch(base))
			}
		})
	}
}

func nameOf(t *testing.T, v history.Version, uid types.UID) string {
	t.Helper()
	name, err := v.Name("j", uid)
	if err != nil || !strings.HasPrefix(name, "j-") {
		t.Fatalf("%q, %v", name, err)
	}
	return name
}

func TestAJobThatWasMadeAnewHasOtherRevisions(t *testing.T) {
	v := version(t, `{sql: a}`)
	if nameOf(t, v, "u") == nameOf(t, v, "w") {
		t.Error("they have one name")
	}
}

func TestAVersionIsReadBackAndPatchesASpec(t *testing.T) {
	then := spec(t, `{sql: a, parallelism: 1, commitInterval: 100ms, savepoints: {url: "s3://a"}, resources: {limits: {memory: 1Gi}}, state: {backend: Memory}}`)
	now := spec(t, `{sql: b, parallelism: 3, commitInterval: 100ms, suspend: true, template: {spec: {containers: [{name: worker}]}}, resources: {limits: {memory: 1Gi, cpu: "1"}}, state: {backend: Pebble, snapshots: {url: "s3://b"}}}`)
	v, err := history.Of(then)
	if err != nil {
		t.Fatal(err)
	}
	r, err := history.Revision(job("u"), v, "p1")
	if err != nil {
		t.Fatal(err)
	}
	read, err := history.Read(r)
	if err != nil || read.Differences(v) != nil {
		t.Fatalf("differs in %v, %v", read.Differences(v), err)
	}
	current, err := history.Of(now)
	if err != nil {
		t.Fatal(err)
	}
	patch, err := json.Marshal(read.Patch(current))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"resources":{"limits":{"cpu":null}},"savepoints":{"url":"s3://a"},"sql":"a","state":{"backend":"Memory","snapshots":null},"template":null}`
	if string(patch) != want {
		t.Errorf("\n got %s\nwant %s", patch, want)
	}
	if _, err := history.Read(&appsv1.ControllerRevision{}); err == nil {
		t.Error("nothing was read as a version")
	}
}

func TestRevisionsAreNumberedAndTheOldestGo(t *testing.T) {
	limit := func(n int32) *int32 { return &n }
	made := func(name, plan, outcome string, number int64) *appsv1.ControllerRevision {
		r := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{render.AnnotationPlanHash: plan}}, Revision: number}
		if outcome != "" {
			r.Annotations[history.AnnotationOutcome] = outcome
		}
		return r
	}
	three := []*appsv1.ControllerRevision{made("a", "p1", "", 1), made("b", "p2", "", 2), made("c", "p3", "RolledBack: so", 5)}
	for name, c := range map[string]struct {
		have  []*appsv1.ControllerRevision
		want  *appsv1.ControllerRevision
		limit *int32
		live  []string
		told  string
	}{
		"the first":                            {nil, made("a", "p1", "", 0), nil, nil, "create a 1; number 0; delete []"},
		"the next":                             {three, made("d", "p4", "", 0), nil, nil, "create d 6; number 0; delete []"},
		"the newest is there":                  {three[:2], made("b", "p2", "", 0), nil, nil, "number 0; delete []"},
		"the newest, of other tables":          {three[:2], made("b", "p3", "", 0), nil, nil, "number 2; delete []"},
		"the newest, which came to nothing":    {three, made("c", "p3", "", 0), nil, nil, "number 5; delete []"},
		"an older one is the newest again":     {three, made("a", "p1", "", 0), nil, nil, "number 6; delete []"},
		"the oldest of too many go":            {three, made("d", "p4", "", 0), limit(1), nil, "create d 6; number 0; delete [a b]"},
		"but none that runs or may run":        {three, made("d", "p4", "", 0), limit(0), []string{"a"}, "create d 6; number 0; delete [b c]"},
		"what runs counts":                     {three, made("d", "p4", "", 0), limit(2), []string{"c"}, "create d 6; number 0; delete [a]"},
		"nor the one that is to be the newest": {three, made("a", "p1", "", 0), limit(1), nil, "number 6; delete [b]"},
	} {
		t.Run(name, func(t *testing.T) {
			w := history.Record(c.have, c.want, c.limit, c.live)
			got := fmt.Sprintf("number %d; delete %v", w.Renumber, w.Delete)
			if w.Create != nil {
				got = fmt.Sprintf("create %s %d; ", w.Create.Name, w.Create.Revision) + got
			}
			if got != c.told {
				t.Errorf("got %s, want %s", got, c.told)
			}
		})
	}
}

func TestOnlyTheJobsOwnRevisionsCount(t *testing.T) {
	v := version(t, `{sql: a}`)
	mine, err := history.Revision(job("u"), v, "p1")
	if err != nil {
		t.Fatal(err)
	}
	former, err := history.Revision(job("w"), v, "p1")
	if err != nil {
		t.Fatal(err)
	}
	of := history.Mine(job("u"), []appsv1.ControllerRevision{*former, {ObjectMeta: metav1.ObjectMeta{Name: "j-1-set"}}, *mine})
	if len(of) != 1 || of[0].Name != mine.Name {
		t.Errorf("%+v", of)
	}
}
