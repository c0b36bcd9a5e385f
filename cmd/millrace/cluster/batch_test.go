package cluster_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/millrace/cluster"
)

func TestABatchJobIsShownWithWhatItHasReadOfItsRange(t *testing.T) {
	cases := map[string]struct {
		change func(s *v1alpha1.StreamJobStatus)
		want   string
	}{
		"on its way":        {func(*v1alpha1.StreamJobStatus) {}, "Range:       766 of 2000 records, 38 %"},
		"nobody has looked": {func(s *v1alpha1.StreamJobStatus) { s.Lag = nil }, "Range:       2000 records"},
		"of nothing":        {func(s *v1alpha1.StreamJobStatus) { s.Range[0].To, s.Lag.Records = []int64{5, 0}, 0 }, "Range:       0 of 0 records, 100 %"},
		"complete": {func(s *v1alpha1.StreamJobStatus) {
			at := metav1.NewTime(now().Add(-5 * time.Minute))
			s.CompletedAt = &at
		}, "Range:       all of 2000 records, complete since 5m"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s, j := newServer(t), job("delays")
			j.Spec.Mode = v1alpha1.ModeBatch
			j.Status.Range = []v1alpha1.SourceRange{{Topic: "in", From: []int64{5, 0}, To: []int64{1005, 1000}}}
			c.change(&j.Status)
			s.objects[jobsPath] = []runtime.Object{j}
			var out, said bytes.Buffer
			if err := s.cluster.Status(t.Context(), cluster.StatusOptions{Job: "delays", Now: now(), Stdout: &out, Stderr: &said}); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), c.want+"\n") {
				t.Errorf("want %q in\n%s", c.want, out.String())
			}
		})
	}
}
