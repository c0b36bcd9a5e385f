package cluster

import (
	"context"
	"io"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
)

// defaultInterval is that of the CRD, for a job that was written before it had one.
const defaultInterval = 100 * time.Millisecond

// PlanOptions says which plan to show.
type PlanOptions struct {
	// Job is the job's name, and Epoch the epoch whose plan it is; 0 is the one that runs.
	Job   string
	Epoch int64
	// Layout is Table for people, else the plan document.
	Layout Layout
	// Stdout takes the result.
	Stdout io.Writer
}

// Plan shows the plan that a job's workers run, as millrace explain does.
func (c *Cluster) Plan(ctx context.Context, o PlanOptions) error {
	if err := o.Layout.check(Table, JSON, YAML); err != nil {
		return err
	}
	job, err := c.Job(ctx, o.Job)
	if err != nil {
		return err
	}
	epoch := o.Epoch
	if epoch == 0 {
		epoch = job.Status.Epoch
	}
	plan, err := c.plan(ctx, job, epoch)
	if err != nil {
		return err
	}
	if o.Layout != Table {
		return o.Layout.print(o.Stdout, plan)
	}
	text, err := c.explain(ctx, job, plan)
	if err != nil {
		return err
	}
	_, err = io.WriteString(o.Stdout, text)
	return err
}

// plan reads the plan of an epoch.
func (c *Cluster) plan(ctx context.Context, job *v1alpha1.StreamJob, epoch int64) (*physical.Plan, error) {
	if epoch <= 0 {
		return nil, fault.New(fault.User, fault.Place{}, "StreamJob %s/%s has no plan yet: %s", job.Namespace, job.Name, explanation(job)).
			Do("look at millrace status %s; millrace explain -f shows what a manifest compiles to", job.Name)
	}
	o, err := c.get(ctx, core("configmaps", "ConfigMap"), render.EpochName(job.Name, epoch))
	if err != nil {
		return nil, err
	}
	m, err := typed[corev1.ConfigMap](o)
	if err != nil {
		return nil, err
	}
	if !metav1.IsControlledBy(m, job) {
		return nil, fault.New(fault.User, fault.Place{}, "ConfigMap %s is not of the StreamJob %s", m.Name, job.Name)
	}
	return render.ReadPlan(m)
}

// explanation is what the operator says of a job that does not run.
func explanation(job *v1alpha1.StreamJob) string {
	if c := v1alpha1.SaysMost(job.Status.Conditions); c != nil {
		return c.Reason + ": " + oneLine(c.Message)
	}
	return "the operator has not seen it"
}

// explain writes a plan for people, with what it asks of Kafka.
func (c *Cluster) explain(ctx context.Context, job *v1alpha1.StreamJob, plan *physical.Plan) (string, error) {
	items, err := c.list(ctx, topics(), c.Namespace, metav1.ListOptions{})
	if err != nil {
		return "", err
	}
	partitions := map[string]int32{}
	for i := range items {
		topic, err := typed[v1alpha1.StreamTopic](&items[i])
		if err != nil {
			return "", err
		}
		partitions[topic.Topic()] = topic.Spec.Partitions
	}
	interval := job.Spec.CommitInterval.Duration
	if interval <= 0 {
		interval = defaultInterval
	}
	var b strings.Builder
	b.WriteString(physical.Explain(plan) + "\n")
	plan.Load(int(job.Spec.Parallelism), interval, partitions).Explain(&b)
	return b.String(), nil
}
