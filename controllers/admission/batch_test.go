package admission_test

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

func asBatch(j *v1alpha1.StreamJob) { j.Spec.Mode = v1alpha1.ModeBatch }

func isComplete(j *v1alpha1.StreamJob) { j.Status.CompletedAt = &metav1.Time{Time: time.Unix(1, 0)} }

func TestABatchJobIsNotChangedOnItsWayOrBehindIt(t *testing.T) {
	going := runs(t, topics())
	other := query(strings.Replace(perChannel, "'10'", "'20'", 1))
	kept := func(j *v1alpha1.StreamJob) {
		seconds := int32(5)
		j.Spec.TTLSecondsAfterFinished, j.Spec.Deletion.InternalTopics = &seconds, v1alpha1.DeletionRetain
	}
	wider := func(j *v1alpha1.StreamJob) { j.Spec.Parallelism = 3 }
	cases := map[string]struct {
		old, now *v1alpha1.StreamJob
		want     string // of the first refusal; empty where it is taken
	}{
		"another query before it begins":  {job(asBatch), job(asBatch, other), ""},
		"another query on its way":        {job(asBatch, going), job(asBatch, going, other), "spec.sql: a batch job that has begun is not changed on its way; take the change back, or make a StreamJob of another name"},
		"more workers on its way":         {job(asBatch, going), job(asBatch, going, wider), ""},
		"another delivery on its way":     {job(asBatch, going), job(asBatch, going, func(j *v1alpha1.StreamJob) { j.Spec.Delivery = v1alpha1.DeliveryAtLeastOnce }), "spec.delivery: "},
		"another query when it is over":   {job(asBatch, going, isComplete), job(asBatch, going, isComplete, other), "spec: the batch job is complete, and its spec counts no more; make a StreamJob of another name"},
		"more workers when it is over":    {job(asBatch, going, isComplete), job(asBatch, going, isComplete, wider), "spec: the batch job is complete"},
		"how long it is kept":             {job(asBatch, going, isComplete), job(asBatch, going, isComplete, kept), ""},
		"rows that are made for ever":     {nil, job(asBatch, query("CREATE TABLE made (auction BIGINT) WITH ('connector' = 'nexmark', 'table' = 'bid'); INSERT INTO totals SELECT 'x', 1, 1 FROM made")), "spec.mode: the rows of "},
		"so many rows that are made":      {nil, job(asBatch, query("CREATE TABLE made (auction BIGINT) WITH ('connector' = 'nexmark', 'table' = 'bid', 'events' = '10'); INSERT INTO totals SELECT 'x', 1, 1 FROM made")), ""},
		"a streaming job has no such end": {job(going), job(going, wider), ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			compiled := 0
			got := ""
			if a := judge(&compiled).Job(c.now, c.old, topics(), nil); a.Refused() {
				got = a.Refusals[0].Message
				if a.Refusals[0].Hint == "" {
					t.Error("nobody says what to do")
				}
			}
			if (got == "") != (c.want == "") || !strings.HasPrefix(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	var compiled int
	if a := judge(&compiled).Scale(job(asBatch, going, isComplete), 5, topics(), nil); !a.Refused() || a.Refusals[0].Field != "spec.replicas" {
		t.Errorf("a job that is over is scaled: %+v", a)
	}
}

func TestSilentPartitionsOfABatchJobHoldNothingUp(t *testing.T) {
	silent := topics()
	silent[0].Spec.Schema.EventTime.IdleTimeout = metav1.Duration{}
	compiled := 0
	if a := judge(&compiled).Job(job(asBatch), nil, silent, nil); len(a.Warnings) > 0 {
		t.Errorf("it warns: %v", a.Warnings)
	}
}
