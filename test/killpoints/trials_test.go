package killpoints

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-logr/logr"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/kafkaadmin"
	"github.com/millrace/millrace/controllers/streamsavepoint"
	"github.com/millrace/millrace/runtime/connector/kafka"
)

// trials begins a job whose versions are tried.
func trials(s *v1alpha1.StreamJobSpec) {
	s.Upgrade.Trial = &v1alpha1.Trial{Rows: 200, Timeout: metav1.Duration{Duration: time.Minute}}
}

// trialsWithoutSavepoint has no place for the savepoint of a trial.
func trialsWithoutSavepoint(s *v1alpha1.StreamJobSpec) {
	trials(s)
	s.Savepoints = nil
}

// keepsSavepoints has somebody look after StreamSavepoints, who does not die with the operator: the kill points are those of jobs.
func keepsSavepoints(w *world) { w.keeper = w.keepSavepoints }

func (w *world) keepSavepoints(ctx context.Context) {
	ctx = log.IntoContext(ctx, logr.FromSlogHandler(w.log.Handler()))
	pool := kafkaadmin.NewPool(time.Now)
	defer pool.Close()
	r := &streamsavepoint.Reconciler{
		Client: w.api, Reader: w.api, Events: silent{}, Chronicle: nobody{}, ClusterID: clusterID, WorkerImage: "millrace/worker:v1", Now: time.Now,
		Jitter: func(d time.Duration) time.Duration { return d },
		Connect: func(_ context.Context, c *v1alpha1.KafkaConnection) (streamsavepoint.Kafka, error) {
			return pool.Get(kafkaadmin.Identity{Connection: string(c.UID)}, kafka.Options{Brokers: c.Spec.BootstrapServers, Dial: w.network.DialContext})
		},
	}
	const look = 200 * time.Millisecond
	for ctx.Err() == nil {
		var list v1alpha1.StreamSavepointList
		if err := w.api.List(ctx, &list); err != nil {
			w.log.Info("savepoints are not listed", "cause", err)
		}
		for i := range list.Items {
			if s := &list.Items[i]; s.Spec.Existing == nil {
				if _, err := r.Reconcile(ctx, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(s)}); err != nil {
					w.log.Info("a pass over a savepoint has failed", "cause", err)
				}
			}
		}
		select {
		case <-time.After(look):
		case <-ctx.Done():
		}
	}
}

// untried holds when nothing is left of trials: neither objects nor a group, and of their savepoints no data.
func untried(ctx context.Context, w *world) error {
	var errs []error
	var works batchv1.JobList
	var saves v1alpha1.StreamSavepointList
	errs = append(errs, w.api.List(ctx, &works), w.api.List(ctx, &saves))
	for i := range works.Items {
		errs = append(errs, errors.New("Job "+works.Items[i].Name+" is left"))
	}
	for i := range saves.Items {
		if saves.Items[i].Spec.Origin == v1alpha1.OriginTrial {
			errs = append(errs, errors.New("StreamSavepoint "+saves.Items[i].Name+" is left"))
		}
	}
	groups, err := w.kafka.ListGroups(ctx)
	errs = append(errs, err)
	for _, g := range groups.Groups() {
		if strings.Contains(g, "trial") {
			errs = append(errs, errors.New("the group "+g+" is left"))
		}
	}
	return errors.Join(errs...)
}

// inTrial holds when a trial is at work.
func inTrial(ctx context.Context, w *world) error {
	job, err := w.job(ctx)
	if err != nil {
		return err
	}
	if t := job.Status.Trial; t == nil || t.Deadline == nil || t.Outcome != "" {
		return fmt.Errorf("%s: %+v", journal(job), t)
	}
	return nil
}

// silent are events that nobody reads.
type silent struct{}

func (silent) Eventf(_, _ runtime.Object, _, _, _, _ string, _ ...any) {}
