package envtest

import (
	"bytes"
	"os"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/compile"
)

// The samples are not only accepted: the job among them compiles against the topics among them.
func TestTheSampleJobCompiles(t *testing.T) {
	read := func(file string) [][]byte {
		t.Helper()
		text, err := os.ReadFile("../../config/samples/millrace_v1alpha1_" + file + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Split(text, []byte("\n---\n"))
	}
	var topics []v1alpha1.StreamTopic
	for _, document := range read("streamtopic") {
		topic := v1alpha1.StreamTopic{}
		if err := yaml.UnmarshalStrict(document, &topic); err != nil {
			t.Fatal(err)
		}
		topics = append(topics, topic)
	}
	job := &v1alpha1.StreamJob{}
	if err := yaml.UnmarshalStrict(read("streamjob")[0], job); err != nil {
		t.Fatal(err)
	}
	job.Spec.MaxParallelism = 32 // the schema's default
	input, err := render.Job(job, topics)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := compile.Compile(input)
	if err != nil {
		t.Fatal(err)
	}
	if sources, sinks := plan.SourceTopics(), plan.SinkTopics(); len(sources) != 1 || sources[0] != "orders" || len(sinks) != 1 || sinks[0] != "sales_per_hour" {
		t.Errorf("reads %v, writes %v", sources, sinks)
	}
}
