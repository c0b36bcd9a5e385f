package cluster

import (
	"context"
	"fmt"
	"io"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/fault"
)

const (
	// savepointInterval is how often it is looked what became of a savepoint.
	savepointInterval = 500 * time.Millisecond
	// savepointPatience is what comes on top of the time that a job has: for the operator to ask, and to see what became of it.
	savepointPatience = 2 * time.Minute
)

// MakeOptions says which savepoint to make.
type MakeOptions struct {
	// Job is the StreamJob's name.
	Job string
	// Within is how long the job has for it.
	Within time.Duration
	// Policy says whether the data goes with the StreamSavepoint; empty is that it stays.
	Policy v1alpha1.DeletionPolicy
	// Layout is Table, which prints the id, JSON or YAML.
	Layout Layout
	// Stdout takes the result, Stderr what goes on.
	Stdout, Stderr io.Writer
}

// savepointMade is what MakeSavepoint prints as JSON and YAML.
type savepointMade struct {
	Name     string `json:"name"`
	Job      string `json:"job"`
	ID       string `json:"id"`
	Location string `json:"location"`
	Rows     int64  `json:"rows"`
	Bytes    int64  `json:"bytes"`
}

// MakeSavepoint creates a StreamSavepoint of a job that runs, waits for it, and prints its id. One that can't be made as the job is, is deleted
// again: nobody waits for it. Of one that is being made when ctx ends the name is said.
func (c *Cluster) MakeSavepoint(ctx context.Context, o MakeOptions) error {
	if err := o.Layout.check(Table, JSON, YAML); err != nil {
		return err
	}
	job, err := c.Job(ctx, o.Job)
	if err != nil {
		return err
	}
	if err := canSave(job); err != nil {
		return err
	}
	made, err := c.createSavepoint(ctx, &o)
	if err != nil {
		return err
	}
	s, err := c.awaitSavepoint(ctx, made.Name, &o)
	switch {
	case err != nil:
		return err
	case o.Layout == Table:
		_, err = fmt.Fprintln(o.Stdout, s.Status.ID)
		return err
	}
	return o.Layout.print(o.Stdout, savepointMade{
		Name: s.Name, Job: s.Status.Job, ID: s.Status.ID, Location: s.Status.Location, Rows: value(s.Status.Rows), Bytes: value(s.Status.Bytes),
	})
}

func value(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// canSave refuses a job that can make no savepoint.
func canSave(job *v1alpha1.StreamJob) error {
	switch {
	case job.Spec.Savepoints == nil:
		return fault.New(fault.User, fault.InField("spec.savepoints"), "StreamJob %s/%s has no place for savepoints", job.Namespace, job.Name).
			Do("set spec.savepoints.url: it rolls the workers, and then one can be made")
	case job.Status.Prefix == "" || job.Status.Epoch == 0:
		return fault.New(fault.User, fault.Place{}, "StreamJob %s/%s has never run: %s", job.Namespace, job.Name, explanation(job))
	default:
		return nil
	}
}

func (c *Cluster) createSavepoint(ctx context.Context, o *MakeOptions) (*v1alpha1.StreamSavepoint, error) {
	s := &v1alpha1.StreamSavepoint{
		TypeMeta: metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "StreamSavepoint"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: c.Namespace, GenerateName: o.Job + "-",
			Labels: map[string]string{v1alpha1.LabelSavepointOf: o.Job, v1alpha1.LabelSavepointOrigin: string(v1alpha1.OriginManual)},
		},
		Spec: v1alpha1.StreamSavepointSpec{
			JobRef: v1alpha1.JobReference{Name: o.Job}, Origin: v1alpha1.OriginManual, Deadline: metav1.Duration{Duration: o.Within}, DeletionPolicy: o.Policy,
		},
	}
	tree, err := runtime.DefaultUnstructuredConverter.ToUnstructured(s)
	if err != nil {
		return nil, fault.Wrap(fault.Bug, err, "encode the StreamSavepoint")
	}
	delete(tree, "status")
	ctx, cancel := context.WithTimeout(ctx, requestPatience)
	defer cancel()
	k := streamSavepoints()
	made, err := c.objects.Resource(k.GroupVersionResource).Namespace(c.Namespace).Create(ctx, &unstructured.Unstructured{Object: tree}, metav1.CreateOptions{FieldManager: "millrace-cli"})
	if err != nil {
		return nil, c.said(err, "create "+k.Resource, k.name+" of "+c.Namespace+"/"+o.Job)
	}
	return typed[v1alpha1.StreamSavepoint](made)
}

// awaitSavepoint waits until it is decided what becomes of a savepoint, and says meanwhile what goes on.
func (c *Cluster) awaitSavepoint(ctx context.Context, name string, o *MakeOptions) (*v1alpha1.StreamSavepoint, error) {
	said := ""
	deadline := time.Now().Add(o.Within + savepointPatience)
	for {
		s, err := c.streamSavepoint(ctx, name)
		if err != nil {
			return nil, err
		}
		reason, message := saysOf(s)
		if message != said && message != "" {
			said = message
			_, _ = fmt.Fprintf(o.Stderr, "streamsavepoint.millrace.dev/%s: %s: %s\n", name, s.Status.Phase, oneLine(message))
		}
		stalled := apimeta.IsStatusConditionTrue(s.Status.Conditions, v1alpha1.ConditionStalled)
		switch {
		case s.Status.Phase == v1alpha1.SavepointCompleted:
			return s, nil
		case s.Status.Phase == v1alpha1.SavepointFailed:
			return nil, fault.New(fault.Transient, fault.Place{}, "%s: %s", reason, message)
		case s.Status.Phase == v1alpha1.SavepointPending && stalled:
			c.dropSavepoint(ctx, name)
			return nil, fault.New(fault.User, fault.Place{}, "%s: %s", reason, message)
		case time.Now().After(deadline):
			return nil, fault.New(fault.Transient, fault.Place{}, "StreamSavepoint %s/%s is not there yet: %s", c.Namespace, name, oneLine(message)).
				Do("look whether the operator runs; kubectl get streamsavepoint %s shows what becomes of it, and kubectl delete cancels it", name)
		}
		timer := time.NewTimer(savepointInterval)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			_, _ = fmt.Fprintf(o.Stderr, "StreamSavepoint %s/%s goes on; kubectl delete streamsavepoint %s cancels it\n", c.Namespace, name, name)
			return nil, ctx.Err()
		}
	}
}

// dropSavepoint deletes a StreamSavepoint that was just made; what comes of it is nobody's worry.
func (c *Cluster) dropSavepoint(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(ctx, requestPatience)
	defer cancel()
	_ = c.objects.Resource(streamSavepoints().GroupVersionResource).Namespace(c.Namespace).Delete(ctx, name, metav1.DeleteOptions{})
}

func (c *Cluster) streamSavepoint(ctx context.Context, name string) (*v1alpha1.StreamSavepoint, error) {
	o, err := c.get(ctx, streamSavepoints(), name)
	if err != nil {
		return nil, err
	}
	return typed[v1alpha1.StreamSavepoint](o)
}

func streamSavepoints() kind { return ours("streamsavepoints", "StreamSavepoint") }

// saysOf returns what the operator says of a savepoint.
func saysOf(s *v1alpha1.StreamSavepoint) (reason, message string) {
	if c := apimeta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionReady); c != nil {
		return c.Reason, c.Message
	}
	return "", ""
}
