package cluster_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/millrace/cluster"
	"github.com/millrace/millrace/controllers/history"
	"github.com/millrace/millrace/runtime/fault"
)

const revisionsPath = "/apis/apps/v1/namespaces/prod/controllerrevisions"

// recorded is a version of a job as the operator records it: with another query, and other changes to its spec.
func recorded(t *testing.T, number int64, sql, outcome string, changes ...func(*v1alpha1.StreamJobSpec)) *appsv1.ControllerRevision {
	t.Helper()
	j := job("delays")
	j.Spec.SQL = sql
	for _, change := range changes {
		change(&j.Spec)
	}
	v, err := history.Of(&j.Spec)
	if err != nil {
		t.Fatal(err)
	}
	r, err := history.Revision(j, v, strings.Repeat(sql[:1], 32))
	if err != nil {
		t.Fatal(err)
	}
	r.Revision, r.CreationTimestamp = number, metav1.NewTime(now().Add(-time.Duration(30-number)*time.Hour))
	if outcome != "" {
		r.Annotations[history.AnnotationOutcome] = outcome
	}
	return r
}

func atLeastOnce(s *v1alpha1.StreamJobSpec) { s.Delivery = v1alpha1.DeliveryAtLeastOnce }

// versions are a job that has gone back to its second version by itself, and the versions that it has had.
func versions(t *testing.T, s *server) *v1alpha1.StreamJob {
	t.Helper()
	first, second, third := recorded(t, 1, "a\nb\nc\n", ""), recorded(t, 3, "a\nx\nc\n", "", atLeastOnce), recorded(t, 4, "failed", "RolledBack: 0 of 2 workers\nwere ready")
	others := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Namespace: "prod", Name: "delays-2-set"}, Revision: 1}
	s.objects[revisionsPath] = []runtime.Object{third, others, first, second}
	j := job("delays")
	j.Spec.SQL = "failed"
	j.Status.Runtime.Revision, j.Status.CurrentRevision, j.Status.UpdateRevision = second.Name, second.Name, third.Name
	s.objects[jobsPath] = []runtime.Object{j}
	return j
}

func TestVersionsAreListedWithWhatTheyChangedAndWhatBecameOfThem(t *testing.T) {
	s := newServer(t)
	versions(t, s)
	var out bytes.Buffer
	if err := s.cluster.History(t.Context(), cluster.HistoryOptions{Job: "delays", Now: now(), Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	same(t, &out, `REVISION   AGE   PLAN           CHANGED         OUTCOME
1          29h   aaaaaaaaaaaa   <none>          Replaced
3          27h   aaaaaaaaaaaa   delivery, sql   Runs
4          26h   ffffffffffff   delivery, sql   RolledBack
`)
	out.Reset()
	if err := s.cluster.History(t.Context(), cluster.HistoryOptions{Job: "delays", Layout: cluster.JSON, Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	var list appsv1.ControllerRevisionList
	if err := json.Unmarshal(out.Bytes(), &list); err != nil || len(list.Items) != 3 || list.Items[1].Revision != 3 {
		t.Errorf("%v: %s", err, &out)
	}
}

func TestAVersionIsShownAndWhatItChanged(t *testing.T) {
	s := newServer(t)
	versions(t, s)
	for name, c := range map[string]struct {
		options cluster.HistoryOptions
		want    string
	}{
		"whole": {cluster.HistoryOptions{Revision: 4}, `# revision 4 of StreamJob prod/delays, plan ffffffffffffffffffffffffffffffff
# RolledBack: 0 of 2 workers were ready
spec:
  commitInterval: 0s
  connectionRef:
    name: default
  maxParallelism: 8
  maxWatermarkDrift: 0s
  sql: failed
`},
		"what it changed": {cluster.HistoryOptions{Revision: 3, Diff: true}, `--- revision 1
+++ revision 3
  spec:
    commitInterval: 0s
    connectionRef:
      name: default
+   delivery: AtLeastOnce
    maxParallelism: 8
    maxWatermarkDrift: 0s
    sql: |
      a
-     b
+     x
      c
`},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			c.options.Job, c.options.Stdout = "delays", &out
			if err := s.cluster.History(t.Context(), c.options); err != nil {
				t.Fatal(err)
			}
			same(t, &out, c.want)
		})
	}
}

// patched lets a server take patches of a job, with what the webhook says of each, and keeps them.
func (s *server) patched(j *v1alpha1.StreamJob, warning string, take func(j *v1alpha1.StreamJob)) *[]string {
	var asked []string
	s.pages[jobsPath+"/delays"] = func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			text, err := io.ReadAll(r.Body)
			if err != nil {
				s.t.Error(err)
			}
			asked = append(asked, strings.TrimSpace(r.URL.Query().Get("dryRun")+" "+string(text)))
			if warning != "" {
				w.Header().Set("Warning", `299 - "`+warning+`"`)
			}
			if r.URL.Query().Get("dryRun") == "" {
				j.Generation++
			}
		} else if take != nil {
			take(j)
		}
		s.answer(w, http.StatusOK, j)
	}
	return &asked
}

func TestARollbackSaysFirstWhatBecomesOfTheState(t *testing.T) {
	const becomes = "spec.sql: the job stops at a savepoint and goes on from it: MAX(x) is dropped"
	for name, c := range map[string]struct {
		options   cluster.RollbackOptions
		asked     []string
		out, said string
	}{
		"the last one that ran": {
			cluster.RollbackOptions{},
			[]string{`All {"spec":{"delivery":"AtLeastOnce","sql":"a\nx\nc\n"}}`, `{"spec":{"delivery":"AtLeastOnce","sql":"a\nx\nc\n"}}`},
			"streamjob.millrace.dev/delays rolled back to revision 3: delivery, sql\n", "Warning: " + becomes + "\n",
		},
		"a certain one": {
			cluster.RollbackOptions{Revision: 1},
			[]string{`All {"spec":{"sql":"a\nb\nc\n"}}`, `{"spec":{"sql":"a\nb\nc\n"}}`},
			"streamjob.millrace.dev/delays rolled back to revision 1: sql\n", "Warning: " + becomes + "\n",
		},
		"a question": {
			cluster.RollbackOptions{Revision: 1, DryRun: true},
			[]string{`All {"spec":{"sql":"a\nb\nc\n"}}`},
			"streamjob.millrace.dev/delays rolled back to revision 1: sql (server dry run)\n", "Warning: " + becomes + "\n",
		},
		"what the spec asks for": {cluster.RollbackOptions{Revision: 4}, nil, "streamjob.millrace.dev/delays asks for revision 4 already\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			asked := s.patched(versions(t, s), becomes, nil)
			var out, said bytes.Buffer
			c.options.Job, c.options.Stdout, c.options.Stderr = "delays", &out, &said
			if err := s.cluster.Rollback(t.Context(), c.options); err != nil {
				t.Fatal(err)
			}
			same(t, &out, c.out)
			same(t, &said, c.said)
			if got, want := strings.Join(*asked, "\n"), strings.Join(c.asked, "\n"); got != want {
				t.Errorf("asked\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestARollbackThatIsRefusedChangesNothing(t *testing.T) {
	s := newServer(t)
	versions(t, s)
	patches := 0
	s.pages[jobsPath+"/delays"] = func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPatch {
			s.answer(w, http.StatusOK, s.objects[jobsPath][0])
			return
		}
		patches++
		if r.URL.Query().Get("dryRun") != "All" {
			t.Error("it was not only asked")
		}
		s.answer(w, http.StatusUnprocessableEntity, &metav1.Status{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Reason: metav1.StatusReasonInvalid, Code: http.StatusUnprocessableEntity,
			Message: "spec.sql: no savepoint carries the state over",
		})
	}
	err := s.cluster.Rollback(t.Context(), cluster.RollbackOptions{Job: "delays", Stdout: io.Discard, Stderr: io.Discard})
	if fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), "no savepoint carries the state over") || patches != 1 {
		t.Errorf("%v, after %d patches", err, patches)
	}
}

func TestAVersionThatThereIsNot(t *testing.T) {
	s := newServer(t)
	j := versions(t, s)
	fails := func(err error, want string) {
		t.Helper()
		if fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	fails(s.cluster.History(t.Context(), cluster.HistoryOptions{Job: "delays", Revision: 2}),
		"StreamJob prod/delays has no revision 2: it has 1, 3, 4; millrace history delays lists them")
	j.Spec.SQL = "a\nb\nc\n"
	s.objects[revisionsPath] = s.objects[revisionsPath][:3] // the first, and one that came to nothing
	fails(s.cluster.Rollback(t.Context(), cluster.RollbackOptions{Job: "delays"}), "StreamJob prod/delays has no version to go back to")
}

func TestSuspendAndResumeSayHowFarTheyAre(t *testing.T) {
	saving := func(j *v1alpha1.StreamJob) {
		s := &j.Status
		s.ObservedGeneration, s.Phase, s.Attempt = j.Generation, v1alpha1.PhaseSavepointing, &v1alpha1.Attempt{}
		s.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReconciling, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonSavepointing, Message: "the savepoint sp-1 is looked for"}}
	}
	resting := func(j *v1alpha1.StreamJob) {
		s := &j.Status
		s.Phase, s.Attempt, s.Parallelism, s.Suspended, s.Conditions = v1alpha1.PhaseSuspended, nil, v1alpha1.ParallelismStatus{}, &v1alpha1.Suspension{Savepoint: "sp-1"}, nil
	}
	running := func(j *v1alpha1.StreamJob) { j.Status.ObservedGeneration = j.Generation }
	failed := func(j *v1alpha1.StreamJob) {
		running(j)
		j.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionStalled, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonSavepointFailed, Message: "the job is not suspended yet"}}
	}
	type step = func(*v1alpha1.StreamJob)
	for name, c := range map[string]struct {
		was       bool // what spec.suspend was
		resume    bool
		steps     []step
		options   cluster.SuspendOptions
		asked     string
		out, said string
		err       string
	}{
		"a stop": {
			steps: []step{nil, saving, nil, resting}, asked: `{"spec":{"suspend":true}}`,
			out: "streamjob.millrace.dev/delays suspended: it goes on from the savepoint sp-1\n", said: "Savepointing: the savepoint sp-1 is looked for\n",
		},
		"one that nobody waits for": {
			options: cluster.SuspendOptions{NoWait: true}, asked: `{"spec":{"suspend":true}}`, out: "streamjob.millrace.dev/delays is to be suspended\n",
		},
		"one that is there": {was: true, steps: []step{resting}, out: "streamjob.millrace.dev/delays is suspended already: it goes on from the savepoint sp-1\n"},
		"one that fails": {
			steps: []step{nil, failed}, asked: `{"spec":{"suspend":true}}`, err: "StreamJob prod/delays: SavepointFailed: the job is not suspended yet",
		},
		"one that takes longer": {
			steps: []step{nil, saving}, options: cluster.SuspendOptions{Timeout: time.Nanosecond}, asked: `{"spec":{"suspend":true}}`, said: "Savepointing: the savepoint sp-1 is looked for\n",
			err: "after 1ns StreamJob prod/delays is not there yet: Savepointing: the savepoint sp-1 is looked for; it goes on without this command",
		},
		"a resumption": {
			was: true, resume: true, steps: []step{nil, running}, asked: `{"spec":{"suspend":false}}`, out: "streamjob.millrace.dev/delays resumed: 2 workers run in epoch 2\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			j := job("delays")
			j.Spec.Suspend = c.was
			asked := s.patched(j, "", func(j *v1alpha1.StreamJob) {
				if len(c.steps) > 0 {
					if do := c.steps[0]; do != nil {
						do(j)
					}
					c.steps = c.steps[1:]
				}
			})
			var out, said bytes.Buffer
			o := c.options
			if o.Timeout == 0 {
				o.Timeout = time.Minute
			}
			o.Job, o.Stdout, o.Stderr = "delays", &out, &said
			do := s.cluster.Suspend
			if c.resume {
				do = s.cluster.Resume
			}
			if err := do(t.Context(), o); (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("%v, want %q", err, c.err)
			}
			same(t, &out, c.out)
			same(t, &said, c.said)
			if got := strings.Join(*asked, "\n"); got != c.asked {
				t.Errorf("asked %s, want %s", got, c.asked)
			}
		})
	}
}

func TestLinesFarFromAnyChangeAreLeftOut(t *testing.T) {
	s := newServer(t)
	lines := func(n int, then string) string { return strings.Repeat("a line\n", n) + then + "\n" }
	j := job("delays")
	s.objects[jobsPath] = []runtime.Object{j}
	s.objects[revisionsPath] = []runtime.Object{recorded(t, 1, lines(20, "before"), ""), recorded(t, 2, lines(20, "after"), "")}
	var out bytes.Buffer
	if err := s.cluster.History(t.Context(), cluster.HistoryOptions{Job: "delays", Revision: 2, Diff: true, Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	same(t, &out, `--- revision 1
+++ revision 2
  …
      a line
      a line
      a line
-     before
+     after
`)
}
