package admission_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/admission"
	"github.com/millrace/millrace/runtime/physical"
)

func TestATopicsSchemaIsHeldAgainstTheJobsThatNameIt(t *testing.T) {
	stored := func() *v1alpha1.StreamTopic { o := topics()[0]; return &o }
	changed := func(change func(*v1alpha1.StreamTopic)) *v1alpha1.StreamTopic { o := stored(); change(o); return o }
	without := topic("bids", 4, "auction BIGINT", "channel STRING", "ts TIMESTAMP")
	wider := topic("bids", 4, "auction BIGINT", "price BIGINT", "channel STRING", "ts TIMESTAMP")
	otherKey := topic("bids", 4, "auction BIGINT", "price INT", "channel BIGINT", "ts TIMESTAMP")
	more := topic("bids", 4, "auction BIGINT", "price INT", "channel STRING", "ts TIMESTAMP", "url STRING")
	anyChannel := query("INSERT INTO totals SELECT 'x', COUNT(*), COUNT(channel) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY channel, window_start, window_end")
	highest := query("INSERT INTO totals SELECT channel, COUNT(*), MAX(price) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY channel, window_start, window_end")
	run := runs(t, topics())
	cases := map[string]struct {
		now, old *v1alpha1.StreamTopic
		jobs     []*v1alpha1.StreamJob
		want     []string
	}{
		"a label":                                   {changed(func(o *v1alpha1.StreamTopic) { o.Labels = map[string]string{"a": "b"} }), stored(), []*v1alpha1.StreamJob{job()}, nil},
		"more partitions":                           {changed(func(o *v1alpha1.StreamTopic) { o.Spec.Partitions = 8 }), stored(), []*v1alpha1.StreamJob{job()}, nil},
		"a topic that is being deleted":             {changed(func(o *v1alpha1.StreamTopic) { o.Spec.Schema, o.DeletionTimestamp = nil, &metav1.Time{} }), stored(), []*v1alpha1.StreamJob{job()}, nil},
		"a column more":                             {&more, stored(), []*v1alpha1.StreamJob{job(run)}, nil},
		"a column less that a job reads":            {&without, stored(), []*v1alpha1.StreamJob{job(run)}, []string{"refused spec.schema StreamJob sales names this table and would not compile: spec.sql:1:50: unknown column price in"}},
		"a column less that no job reads":           {&without, stored(), []*v1alpha1.StreamJob{job(query("INSERT INTO totals SELECT channel, 1, 1 FROM bids"))}, nil},
		"a table less that a job reads":             {changed(func(o *v1alpha1.StreamTopic) { o.Spec.Schema = nil }), stored(), []*v1alpha1.StreamJob{job(run)}, []string{"refused spec.schema StreamJob sales names this table and would not compile: spec.sql:1:"}},
		"a column less, and the job is going":       {&without, stored(), []*v1alpha1.StreamJob{job(run, deleted)}, nil},
		"a column less of a job that was wrong":     {&without, stored(), []*v1alpha1.StreamJob{job(query("INSERT INTO totals SELECT pric FROM bids"))}, []string{"warned StreamJob sales names this table and would not compile"}},
		"a key of another type":                     {&otherKey, stored(), []*v1alpha1.StreamJob{job(anyChannel, run)}, []string{"refused spec.schema StreamJob sales names this table, and no savepoint carries the state over: "}},
		"a key of another type, nothing runs yet":   {&otherKey, stored(), []*v1alpha1.StreamJob{job(anyChannel)}, nil},
		"a type that is wider":                      {&wider, stored(), []*v1alpha1.StreamJob{job(highest, run)}, []string{"warned StreamJob sales names this table, and the new query keeps other state"}},
		"a topic that a job waits for":              {stored(), nil, []*v1alpha1.StreamJob{job()}, nil},
		"a topic that a job waits for in vain":      {&without, nil, []*v1alpha1.StreamJob{job()}, []string{"warned StreamJob sales names this table and would not compile: spec.sql:1:50: unknown column price"}},
		"a topic whose table a job declares itself": {stored(), nil, []*v1alpha1.StreamJob{job(query("CREATE TABLE bids (channel STRING); INSERT INTO totals SELECT channel, 1, 1 FROM bids"))}, []string{"warned StreamJob sales names this table and would not compile: spec.sql:1:14: there is a table bids already"}},
		"a type that there is not":                  {changed(func(o *v1alpha1.StreamTopic) { o.Spec.Schema.Columns[0].Type = "TEXTY" }), stored(), nil, []string{`refused streamtopic/bids.spec.schema.columns[0].type streamtopic/bids.spec.schema.columns[0].type: unknown type "TEXTY"`}},
		"what a job of another namespace keeps":     {changed(func(o *v1alpha1.StreamTopic) { o.Spec.TopicName = "c.other.job.1.commits" }), nil, nil, []string{"refused spec.topicName spec.topicName: topic c.other.job.1.commits is a StreamJob's own, in the namespace other: name another topic"}},
		"the same, stored before":                   {changed(func(o *v1alpha1.StreamTopic) { o.Spec.TopicName = "c.other.job.1.commits" }), stored(), nil, []string{"warned spec.topicName: topic c.other.job.1.commits is a StreamJob's own"}},
		"what a job of this namespace keeps":        {changed(func(o *v1alpha1.StreamTopic) { o.Spec.TopicName = "c.shop.job.1.commits" }), nil, nil, nil},
		"two jobs are named both":                   {&without, stored(), []*v1alpha1.StreamJob{job(run), job(run, func(j *v1alpha1.StreamJob) { j.Name = "second" })}, []string{"StreamJob sales", "StreamJob second"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var readers []admission.Reader
			for _, j := range c.jobs {
				var plan *physical.Plan
				if j.Status.Epoch > 0 {
					plan = planOf(t, j, topics())
				}
				readers = append(readers, admission.Reader{Job: j, Running: plan})
			}
			list := topics()
			if c.old == nil {
				list = list[1:]
			}
			n := 0
			check(t, judge(&n).Topic(c.now, c.old, list, readers), c.want)
		})
	}
}

func TestAConnectionsServersAreThose(t *testing.T) {
	connection := func(servers ...string) *v1alpha1.KafkaConnection {
		return &v1alpha1.KafkaConnection{ObjectMeta: metav1.ObjectMeta{Name: "default"}, Spec: v1alpha1.KafkaConnectionSpec{BootstrapServers: servers}}
	}
	cases := map[string]struct {
		now, old *v1alpha1.KafkaConnection
		want     []string
	}{
		"a name, and addresses":      {connection("kafka:9092", "10.0.0.1:1", "[::1]:65535"), nil, nil},
		"a port that there is not":   {connection("kafka:9092", "kafka:65536"), nil, []string{`refused spec.bootstrapServers[1] spec.bootstrapServers[1]: "kafka:65536" has no port between 1 and 65535`}},
		"a port of nothing":          {connection("kafka:0"), nil, []string{"refused spec.bootstrapServers[0]"}},
		"an address that is none":    {connection("[:::1]:9092"), nil, []string{"is no address of IPv6"}},
		"a label of a wrong one":     {connection("kafka:0"), connection("kafka:0"), nil},
		"other servers under a job":  {connection("other:9092"), connection("kafka:9092"), []string{"warned the workers of 1 StreamJobs are replaced"}},
		"a wrong server under a job": {connection("other:0"), connection("kafka:9092"), []string{"refused"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			n := 0
			check(t, judge(&n).Connection(c.now, c.old, []v1alpha1.StreamJob{*job()}), c.want)
		})
	}
}
