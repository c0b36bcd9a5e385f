package lifecycle_test

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
)

// version makes the spec ask for a version.
func version(name string) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) { o.Version = name }
}

// ran says of which version the epoch is, and which was begun last.
func ran(name, last string) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		s := &o.Job.Status
		s.Runtime.Revision, s.CurrentRevision, s.UpdateRevision = name, name, last
	}
}

// tellVersions writes what a decision says of versions: of each action its place among all, then the status.
func tellVersions(d lifecycle.Decision) string {
	var b strings.Builder
	for i, a := range d.Actions {
		if a.Kind != lifecycle.RecordVersion && a.Kind != lifecycle.EndVersion {
			continue
		}
		reason, _, _ := strings.Cut(a.Outcome, ":")
		before := ""
		if i+1 < len(d.Actions) {
			before = " before to " + d.Actions[i+1].Kind.String()
		}
		fmt.Fprintf(&b, "%s %s %s%s%s; ", a.Kind, a.Version, a.PlanHash, reason, before)
	}
	s := d.Status
	fmt.Fprintf(&b, "current %s, update %s", s.CurrentRevision, s.UpdateRevision)
	if s.Runtime != nil {
		fmt.Fprintf(&b, ", of epoch %d %s", s.Epoch, s.Runtime.Revision)
	}
	if s.Attempt != nil {
		fmt.Fprintf(&b, ", of the attempt %s", s.Attempt.Runtime.Revision)
	}
	return b.String()
}

func TestVersionsAreRecorded(t *testing.T) {
	cases := map[string]struct {
		world *lifecycle.Observed
		want  string
	}{
		"the first one with the intent to start": {
			world(version("v1")), "record the version v1 p1; current , update v1, of the attempt v1",
		},
		"nothing while it runs": {
			world(epoch(1), ran("v1", "v1"), version("v1")), "current v1, update v1, of epoch 1 v1",
		},
		"one with another plan with the intent, before anybody is asked for anything": {
			world(epoch(1), ran("v1", "v1"), stateful, otherState, version("v2")), "record the version v2 p2; current v1, update v2, of epoch 1 v1, of the attempt v2",
		},
		"one with the same plan before its pods are applied": {
			world(epoch(1), ran("v1", "v1"), version("v2")), "record the version v2 p1 before to apply the workload; current v1, update v2, of epoch 1 v2",
		},
		"it is not current while pods are of another one": {
			world(epoch(1), ran("v1", "v2"), begun("v2"), version("v2"), func(o *lifecycle.Observed) { o.Pods[1].Current = false }),
			"current v1, update v2, of epoch 1 v2",
		},
		"nor while nobody has looked which pods are": {
			world(epoch(1), ran("v1", "v2"), begun("v2"), version("v2"), func(o *lifecycle.Observed) { o.Workloads[0].Settled = false }),
			"current v1, update v2, of epoch 1 v2",
		},
		"it is when all of its pods are there": {
			world(epoch(1), ran("v1", "v2"), begun("v2"), version("v2")), "current v2, update v2, of epoch 1 v2",
		},
		"that of a job which ran before anybody recorded": {
			world(epoch(1), version("v1")), "record the version v1 p1 before to apply the workload; current , update v1, of epoch 1 v1",
		},
		"not one that is refused": {
			world(epoch(1), ran("v1", "v1"), otherState, version("v2")), "current v1, update v1, of epoch 1 v1",
		},
		"nor one whose query does not compile": {
			world(epoch(1), ran("v1", "v1"), version("v2"), func(o *lifecycle.Observed) { o.Plan, o.Query = nil, lifecycle.Obstacle{Reason: "InvalidQuery"} }),
			"current v1, update v1, of epoch 1 v1",
		},
		"nor one whose template can't be merged": {
			world(epoch(1), ran("v1", "v1"), version("v2"), func(o *lifecycle.Observed) { o.Template = lifecycle.Obstacle{Reason: "InvalidTemplate"} }),
			"current v1, update v1, of epoch 1 v1",
		},
		"the end of one whose savepoint failed": {
			world(epoch(1), ran("v1", "v2"), stateful, otherState, version("v2"), saving(v1alpha1.AttemptNewState, lifecycle.SavepointFailed), of("v2")),
			"note the end of a version v2 SavepointFailed; current v1, update v2, of epoch 1 v1",
		},
		"the end of one that is not wanted any more": {
			world(epoch(1), ran("v1", "v2"), stateful, version("v1"), saving(v1alpha1.AttemptNewState, lifecycle.SavepointAsked), of("v2")),
			"note the end of a version v2 GivenUp; current v1, update v2, of epoch 1 v1",
		},
		"no end of what goes on after a stop that failed": {
			world(epoch(1), ran("v1", "v1"), stateful, version("v1"), saving(v1alpha1.AttemptSuspend, lifecycle.SavepointFailed), of("v1")),
			"current v1, update v1, of epoch 1 v1",
		},
		"what runs is the newest again when the spec asks for it again": {
			world(epoch(1), ran("v1", "v2"), version("v1")), "record the version v1 p1 before to apply the workload; current v1, update v1, of epoch 1 v1",
		},
		"the end of one that was left, once it is sure that it is": {
			world(probation(lifecycle.CommitsNone, false), ran("v2", "v2"), before("v1"), back(lifecycle.CommitsNone)),
			"note the end of a version v2 RolledBack; current v2, update v2, of epoch 2 v2, of the attempt v1",
		},
		"not of one that goes on after all": {
			world(probation(lifecycle.CommitsNone, false), ran("v2", "v2"), before("v1"), back(lifecycle.CommitsSome)),
			"current v2, update v2, of epoch 2 v2, of the attempt v2",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tellVersions(lifecycle.Next(c.world)); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// begun says which version the pods were told to be.
func begun(name string) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) { o.Job.Status.Runtime.Revision = name }
}

// of says of which version the attempt is.
func of(name string) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) { o.Job.Status.Attempt.Runtime.Revision = name }
}

// before says of which version the epoch is that the job may go back to.
func before(name string) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) { o.Job.Status.Probation.Runtime.Revision = name }
}

// Whoever keeps manifests in git sees a job that went back as degraded, with the reason; to take the commit back starts nothing.
func TestTakingBackACommitThatWasRolledBackRestartsNothing(t *testing.T) {
	rolledBack := func(o *lifecycle.Observed) {
		o.Job.Generation = 2
		o.Job.Status.LastFailure = &v1alpha1.Failure{Generation: 2, Reason: v1alpha1.ReasonRolledBack, Message: "0 of 2 workers of epoch 2 were ready"}
	}
	o := world(epoch(3), ran("v1", "v2"), stateful, otherState, version("v2"), rolledBack)
	stands := lifecycle.Next(o)
	if got, want := tell(stands), "apply the workload 3/1 x2 w:1; Running epoch 3 Stalled by RolledBack (RolledBack)"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if meta.FindStatusCondition(stands.Status.Conditions, v1alpha1.ConditionReconciling) != nil {
		t.Error("it is said to be on its way")
	}
	o.Job.Status, o.Job.Generation = stands.Status, 3
	o.Plan = &lifecycle.Plan{Format: 1, Hash: "p1", StateHash: "s1", InputHash: "i1"}
	version("v1")(o)
	takenBack := lifecycle.Next(o)
	if got, want := tell(takenBack), "record the version; apply the workload 3/1 x2 w:1; Running epoch 3 Ready (Ready)"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if s := takenBack.Status; s.LastFailure != nil || s.Runtime.PlanHash != "p1" || s.CurrentRevision != "v1" || s.UpdateRevision != "v1" {
		t.Errorf("status %+v", s)
	}
}
