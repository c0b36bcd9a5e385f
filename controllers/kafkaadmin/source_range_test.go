package kafkaadmin_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/api/v1alpha1"
)

func TestARangeEndsAtWhatIsThereOrAtATime(t *testing.T) {
	c, admin, client := cluster(t)
	ctx := t.Context()
	if _, err := admin.CreateTopics(ctx, 3, 1, nil, "in", "other"); err != nil {
		t.Fatal(err)
	}
	for second := range 10 {
		for p := range int32(2) {
			r := &kgo.Record{Topic: "in", Partition: p, Value: []byte("x"), Timestamp: time.Unix(int64(1000+second)+10*int64(p), 0)}
			if err := client.ProduceSync(ctx, r).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	}
	from, other := []int64{0, 0, 0}, v1alpha1.SourceRange{Topic: "other", From: []int64{0, 0, 0}, To: []int64{0, 0, 0}}
	for name, w := range map[string]struct {
		before time.Time
		topics []string
		want   []v1alpha1.SourceRange
	}{
		"the latest":               {time.Time{}, []string{"other", "in", "in"}, []v1alpha1.SourceRange{{Topic: "in", From: from, To: []int64{10, 10, 0}}, other}},
		"a time":                   {time.Unix(1004, 0), []string{"in"}, []v1alpha1.SourceRange{{Topic: "in", From: from, To: []int64{4, 0, 0}}}},
		"a time between":           {time.Unix(1011, 1), []string{"in"}, []v1alpha1.SourceRange{{Topic: "in", From: from, To: []int64{10, 1, 0}}}},
		"a time that is to come":   {time.Unix(9999, 0), []string{"in"}, []v1alpha1.SourceRange{{Topic: "in", From: from, To: []int64{10, 10, 0}}}},
		"of a job without sources": {time.Time{}, nil, []v1alpha1.SourceRange{}},
	} {
		if got, err := c.Range(ctx, w.topics, w.before); err != nil || !reflect.DeepEqual(got, w.want) {
			t.Errorf("%s: %+v %v, want %+v", name, got, err, w.want)
		}
	}
	if got, err := c.Range(ctx, []string{"nowhere"}, time.Time{}); err == nil {
		t.Errorf("a topic that is not there has the range %+v", got)
	}
}
