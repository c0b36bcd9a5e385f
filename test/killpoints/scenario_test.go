package killpoints

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/test/fakenode"
)

// condition says what is not so yet.
type condition func(ctx context.Context, w *world) error

// step is something that the user does, and what must come of it.
type step struct {
	name  string
	do    func(w *world)
	until condition
}

// judges says what must have come out in the end.
type judges int

const (
	everything  judges = iota // each row once, and each window with all of its rows
	soFar                     // of what came, no row twice and no window with other rows than its own
	atLeastOnce               // each row, and each window with all of its rows, but maybe more than once
	copiesOnly                // each row once; state was given up
	nothingOut                // the user has decided to read it anew
	rangeOnly                 // the rows of the job's range, and no others
)

// scenario begins with a job that runs, and goes on from there. Effects are recorded once it does.
type scenario struct {
	name  string
	set   func(w *world)                     // nil for nothing
	begin func(spec *v1alpha1.StreamJobSpec) // nil for the usual job
	// starts is when the job has begun; nil when it runs.
	starts condition
	// whole records the start, too.
	whole bool
	steps []step
	// judges says how much of the output is looked at, and ends is what must be in the end besides.
	judges judges
	ends   condition
}

func edit(change func(s *v1alpha1.StreamJobSpec)) func(w *world) {
	return func(w *world) { w.change(change) }
}

func query(sql string) func(w *world) {
	return edit(func(s *v1alpha1.StreamJobSpec) { s.SQL = sql })
}

func suspend(yes bool) func(w *world) {
	return edit(func(s *v1alpha1.StreamJobSpec) { s.Suspend = yes })
}

func remove(w *world) {
	job, err := w.job(w.t.Context())
	w.must(err)
	w.must(w.api.Delete(w.t.Context(), job))
}

// noTopics is what is left of a deleted job whose node does not answer: the node's pod.
func noTopics(ctx context.Context, w *world) error {
	left, err := w.internal(ctx)
	if len(left) > 0 {
		err = errors.Join(err, fmt.Errorf("topics %v are left", left))
	}
	return err
}

// all holds when each of them does.
func all(list ...condition) condition {
	return func(ctx context.Context, w *world) error {
		var errs []error
		for _, c := range list {
			errs = append(errs, c(ctx, w))
		}
		return errors.Join(errs...)
	}
}

// runs holds when all workers of the job run in an epoch, which has nothing to prove any more, be it as its spec says or not.
func runs(epoch int64) condition {
	return func(ctx context.Context, w *world) error {
		job, err := w.job(ctx)
		if err != nil {
			return err
		}
		s := &job.Status
		settled := s.Phase == v1alpha1.PhaseRunning && !meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionReconciling)
		if s.Epoch != epoch || s.Attempt != nil || s.Probation != nil || !settled || s.ObservedGeneration != job.Generation {
			return fmt.Errorf("%s: %+v", journal(job), s.Conditions)
		}
		return nil
	}
}

// stalls holds when the job says for a reason that its spec is not followed.
func stalls(reason string) condition {
	return func(ctx context.Context, w *world) error {
		job, err := w.job(ctx)
		if err != nil {
			return err
		}
		if c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ConditionStalled); c == nil || c.Reason != reason {
			return fmt.Errorf("it says %+v", c)
		}
		return nil
	}
}

func rests(savepoint bool) condition {
	return func(ctx context.Context, w *world) error {
		job, err := w.job(ctx)
		if err != nil {
			return err
		}
		s := &job.Status
		if s.Phase != v1alpha1.PhaseSuspended || s.Suspended == nil || s.Attempt != nil || (s.Suspended.Savepoint != "") != savepoint {
			return fmt.Errorf("%s: %+v %+v", journal(job), s.Suspended, s.Conditions)
		}
		return workers(0)(ctx, w)
	}
}

// workers holds when there are so many pods, and no more.
func workers(n int) condition {
	return func(ctx context.Context, w *world) error {
		var pods corev1.PodList
		if err := w.api.List(ctx, &pods); err != nil {
			return err
		}
		if len(pods.Items) != n {
			return fmt.Errorf("there are %d pods, not %d", len(pods.Items), n)
		}
		return nil
	}
}

func gone(ctx context.Context, w *world) error {
	if _, err := w.job(ctx); !apierrors.IsNotFound(err) {
		return errors.Join(errors.New("the job is there"), err)
	}
	return nil
}

// clean holds when there is nothing but what the epoch that runs needs.
func clean(epoch, stateEpoch int64) condition {
	return func(ctx context.Context, w *world) error {
		var errs []error
		var sets appsv1.StatefulSetList
		var plans corev1.ConfigMapList
		var pods corev1.PodList
		errs = append(errs, w.api.List(ctx, &sets), w.api.List(ctx, &plans), w.api.List(ctx, &pods))
		name := fmt.Sprintf("%s-%d", jobName, epoch)
		for i := range sets.Items {
			if sets.Items[i].Name != name {
				errs = append(errs, errors.New("StatefulSet "+sets.Items[i].Name+" is left"))
			}
		}
		for i := range plans.Items {
			if plans.Items[i].Name != name {
				errs = append(errs, errors.New("ConfigMap "+plans.Items[i].Name+" is left"))
			}
		}
		for i := range pods.Items {
			if !strings.HasPrefix(pods.Items[i].Name, name+"-") {
				errs = append(errs, errors.New("Pod "+pods.Items[i].Name+" is left"))
			}
		}
		topics, err := w.internal(ctx)
		errs = append(errs, err)
		for _, t := range topics {
			if !strings.HasPrefix(t, fmt.Sprintf("%s.%d.", prefix, stateEpoch)) {
				errs = append(errs, errors.New("topic "+t+" is left"))
			}
		}
		return errors.Join(errs...)
	}
}

// internal lists the internal topics of the job.
func (w *world) internal(ctx context.Context) ([]string, error) {
	topics, err := w.kafka.ListTopics(kadm.WithAuthorizedOps(ctx))
	return slices.DeleteFunc(topics.Names(), func(name string) bool { return !strings.HasPrefix(name, prefix+".") }), err
}

// nothing holds when the job has left nothing but so many internal topics.
func nothing(topics int) condition {
	return func(ctx context.Context, w *world) error {
		var errs []error
		for _, list := range append(fakenode.Owned(), &appsv1.StatefulSetList{}, &corev1.PodList{}) {
			errs = append(errs, w.api.List(ctx, list, client.InNamespace(namespace)))
			if n := meta.LenList(list); n > 0 {
				errs = append(errs, fmt.Errorf("%s: %d are left", kindOf(list), n))
			}
		}
		left, err := w.internal(ctx)
		if len(left) != topics {
			errs = append(errs, fmt.Errorf("topics %v are left", left))
		}
		return errors.Join(append(errs, err)...)
	}
}
