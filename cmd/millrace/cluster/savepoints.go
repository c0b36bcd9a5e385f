package cluster

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

// SavepointsOptions says which StreamSavepoints to list.
type SavepointsOptions struct {
	// Job is that of a StreamJob; empty is all of the namespace.
	Job string
	// Layout is Table, Wide, JSON or YAML.
	Layout Layout
	// Now is the time from which ages count.
	Now time.Time
	// Stdout takes the result, Stderr what there is to say besides.
	Stdout, Stderr io.Writer
}

// Savepoints lists StreamSavepoints, the newest first.
func (c *Cluster) Savepoints(ctx context.Context, o SavepointsOptions) error {
	if err := o.Layout.check(Table, Wide, JSON, YAML); err != nil {
		return err
	}
	items, err := c.list(ctx, streamSavepoints(), c.Namespace, metav1.ListOptions{})
	if err != nil {
		return err
	}
	list := []*v1alpha1.StreamSavepoint{}
	for i := range items {
		s, err := typed[v1alpha1.StreamSavepoint](&items[i])
		if err != nil {
			return err
		}
		if o.Job == "" || s.Spec.JobRef.Name == o.Job {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b *v1alpha1.StreamSavepoint) int { return b.CreationTimestamp.Compare(a.CreationTimestamp.Time) })
	switch {
	case o.Layout == JSON || o.Layout == YAML:
		return o.Layout.print(o.Stdout, list)
	case len(list) == 0:
		_, err = fmt.Fprintln(o.Stderr, "no savepoints")
		return err
	}
	return o.table(list)
}

func (o *SavepointsOptions) table(list []*v1alpha1.StreamSavepoint) error {
	head := []string{"NAME", "JOB", "PHASE", "ORIGIN", "ROWS", "BYTES", "REASON", "AGE"}
	if o.Layout == Wide {
		head = append(head, "ID", "POLICY", "LOCATION")
	}
	t := newTable(o.Stdout, head...)
	for _, s := range list {
		reason, _ := saysOf(s)
		cells := []string{
			s.Name, s.Spec.JobRef.Name, string(s.Status.Phase), string(s.Spec.Origin), counted(s.Status.Rows), counted(s.Status.Bytes), reason, since(o.Now, s.CreationTimestamp.Time),
		}
		if o.Layout == Wide {
			cells = append(cells, s.Status.ID, string(s.Spec.DeletionPolicy), s.Status.Location)
		}
		t.row(cells...)
	}
	return t.Flush()
}

func counted(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
