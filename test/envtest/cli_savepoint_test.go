//go:build envtest

package envtest

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/millrace/cluster"
	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/test/locked"
)

// Nothing but the API server is reached: the operator asks the job.
func TestTheCommandLineMakesASavepointAndListsIt(t *testing.T) {
	t.Parallel()
	w := running(t, saves)
	c := w.commandLine(administrator)
	var out, said locked.Buffer
	done := make(chan error, 1)
	go func() {
		done <- c.MakeSavepoint(t.Context(), cluster.MakeOptions{Job: "job", Within: time.Minute, Policy: v1alpha1.DeletionDelete, Stdout: &out, Stderr: &said})
	}()
	var name string
	w.await("a StreamSavepoint", func() error {
		list := w.records(v1alpha1.OriginManual)
		if len(list) != 1 {
			return errors.New("none")
		}
		name = list[0].Name
		return nil
	})
	s := w.complete(name)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if out.String() != s.Status.ID+"\n" || !strings.Contains(said.String(), "streamsavepoint.millrace.dev/"+name+": InProgress: ") {
		t.Errorf("printed %q, said %q", out.String(), said.String())
	}
	if s.Spec.Deadline.Duration != time.Minute || s.Spec.DeletionPolicy != v1alpha1.DeletionDelete {
		t.Errorf("%+v", s.Spec)
	}
	var table, nothing bytes.Buffer
	if err := c.Savepoints(t.Context(), cluster.SavepointsOptions{Job: "job", Layout: cluster.Wide, Now: time.Now(), Stdout: &table, Stderr: &nothing}); err != nil {
		t.Fatal(err)
	}
	contains(t, table.String(), "NAME", "ORIGIN", name, "Completed", "Manual", "3456", s.Status.Location)
	if err := c.Savepoints(t.Context(), cluster.SavepointsOptions{Job: "other", Now: time.Now(), Stdout: &table, Stderr: &nothing}); err != nil || nothing.String() != "no savepoints\n" {
		t.Errorf("%v, %q", err, &nothing)
	}
}

func TestTheCommandLineSaysWhyThereIsNoSavepoint(t *testing.T) {
	t.Parallel()
	w := running(t, saves)
	c := w.commandLine(administrator)
	ask := func() (printed string, err error) {
		var out, said bytes.Buffer
		err = c.MakeSavepoint(t.Context(), cluster.MakeOptions{Job: "job", Within: 10 * time.Second, Stdout: &out, Stderr: &said})
		return out.String(), err
	}
	type answer struct {
		printed string
		err     error
	}
	answered := make(chan answer, 1)
	go func() {
		printed, err := ask()
		answered <- answer{printed, err}
	}()
	w.await("a StreamSavepoint", func() error {
		if len(w.records(v1alpha1.OriginManual)) == 0 {
			return errors.New("none")
		}
		return nil
	})
	id := w.awaitRequest(w.records(v1alpha1.OriginManual)[0].Name)
	w.says(command.Record{Kind: command.Aborted, ID: id, Reason: "no room in the store"})
	if a := <-answered; fault.KindOf(a.err) != fault.Transient || a.printed != "" || !strings.Contains(a.err.Error(), "no room in the store") {
		t.Errorf("%+v", a)
	}
	w.commit(1, 1, 0)
	w.apply(jobYAML(sql1, saves+"suspend: true,"))
	w.finish()
	w.awaitJob("Suspended 1 Suspended")
	if _, err := ask(); fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), "is suspended") {
		t.Errorf("%v", err)
	}
	w.await("nobody waits for it", func() error {
		var list v1alpha1.StreamSavepointList
		if err := kube.List(t.Context(), &list, client.InNamespace(w.namespace)); err != nil {
			return err
		}
		for i := range list.Items {
			if list.Items[i].Status.Phase == v1alpha1.SavepointPending {
				return errors.New(list.Items[i].Name)
			}
		}
		return nil
	})
}
