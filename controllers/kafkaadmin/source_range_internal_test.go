package kafkaadmin

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

func TestABatchIsOverWhenEachTaskHasCommittedThatItIs(t *testing.T) {
	sources := []v1alpha1.SourceRange{{Topic: "in", From: []int64{2, 0}, To: []int64{10, 4}}}
	within := map[string]int{"x": 2}
	end := task.Meta{JobEpoch: 1, Seq: 3, Watermark: types.EndOfInput}
	handed := task.Meta{JobEpoch: 1, Watermark: types.EndOfInput} // by a hand-over, which is no commit
	going := task.Meta{JobEpoch: 1, Seq: 2, Watermark: 5}
	cases := map[string]struct {
		committed map[string][]kadm.Offset
		want      lifecycle.Reading
	}{
		"nothing is committed": {nil, lifecycle.Reading{Left: 12, Tasks: 4}},
		"on its way":           {map[string][]kadm.Offset{"in": {offset(7, going), offset(4, end)}}, lifecycle.Reading{Left: 3, Tasks: 4, Ended: 1}},
		"all is read, and windows have not fired": {
			map[string][]kadm.Offset{"in": {offset(10, end), offset(4, end)}, "x": {offset(9, end), offset(9, going)}},
			lifecycle.Reading{Tasks: 4, Ended: 3},
		},
		"all is over":                                   {map[string][]kadm.Offset{"in": {offset(10, end), offset(4, end)}, "x": {offset(9, end), offset(9, end)}}, lifecycle.Reading{Tasks: 4, Ended: 4}},
		"what was handed over is no end of ours":        {map[string][]kadm.Offset{"in": {offset(10, handed), offset(4, end)}}, lifecycle.Reading{Tasks: 4, Ended: 1}},
		"somebody else's offset is no end":              {map[string][]kadm.Offset{"in": {{At: 10, Metadata: "mine"}}}, lifecycle.Reading{Left: 4, Tasks: 4}},
		"partitions that were added are none of theirs": {map[string][]kadm.Offset{"in": {offset(10, end), offset(4, end), offset(50, end)}}, lifecycle.Reading{Tasks: 4, Ended: 2}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			committed := kadm.OffsetResponses{}
			for topic, list := range c.committed {
				for number, o := range list {
					o.Topic, o.Partition = topic, int32(number)
					committed.Add(kadm.OffsetResponse{Offset: o})
				}
			}
			if got := reading(committed, sources, within); *got != c.want {
				t.Errorf("got %+v, want %+v", *got, c.want)
			}
		})
	}
}

func offset(at int64, m task.Meta) kadm.Offset { return kadm.Offset{At: at, Metadata: m.Encode()} }
