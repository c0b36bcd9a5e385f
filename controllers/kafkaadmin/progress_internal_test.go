package kafkaadmin

import (
	"reflect"
	"testing"
	"time"

	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

func TestProgress(t *testing.T) {
	const epoch = 2
	at := func(offset int64, m task.Meta) partition {
		if m.JobEpoch == 0 {
			m.JobEpoch = epoch
		}
		return partition{end: 10, committed: true, offset: offset, meta: m}
	}
	seen := func(seconds int64) task.Meta {
		return task.Meta{Seq: 1, Watermark: types.Watermark(seconds * 1_000_000)}
	}
	idle := func(seconds int64) task.Meta {
		m := seen(seconds)
		m.Idle = true
		return m
	}
	timeless := task.Meta{Seq: 1, Watermark: types.NoWatermark}
	fresh := partition{start: 4, end: 10}
	cases := map[string]struct {
		inputs []input
		want   lifecycle.Progress
	}{
		"nothing committed: the whole log is lag": {
			[]input{{"in", []partition{fresh}}}, lifecycle.Progress{LagRecords: 6},
		},
		"the lowest watermark counts": {
			[]input{{"in", []partition{at(9, seen(7)), at(10, seen(5))}}}, lifecycle.Progress{LagRecords: 1, ReadRecords: 19, Watermark: time.Unix(5, 0)},
		},
		"an idle partition holds nothing back": {
			[]input{{"in", []partition{at(10, seen(7)), at(10, idle(5))}}}, lifecycle.Progress{ReadRecords: 20, Watermark: time.Unix(7, 0)},
		},
		"all idle: the highest": {
			[]input{{"in", []partition{at(10, idle(7)), at(10, idle(5))}}}, lifecycle.Progress{ReadRecords: 20, Watermark: time.Unix(7, 0)},
		},
		"one that never said anything holds all back": {
			[]input{{"in", []partition{at(10, seen(7)), at(10, task.Meta{})}}}, lifecycle.Progress{ReadRecords: 20},
		},
		"an input without event time says nothing": {
			[]input{{"in", []partition{at(10, seen(7))}}, {"rates", []partition{at(10, timeless), at(10, timeless)}}},
			lifecycle.Progress{ReadRecords: 30, Watermark: time.Unix(7, 0)},
		},
		"an input whose end was reached is no time": {
			[]input{{"in", []partition{at(10, task.Meta{Seq: 1, Watermark: types.EndOfInput})}}}, lifecycle.Progress{ReadRecords: 10},
		},
		"partitions beyond the stamped ones were added": {
			[]input{{"in", []partition{at(10, seen(7)), fresh, fresh}}},
			lifecycle.Progress{LagRecords: 12, ReadRecords: 10, Added: []string{"in/1", "in/2"}},
		},
		"not before the epoch is handed over": {
			[]input{{"in", []partition{at(10, task.Meta{JobEpoch: epoch - 1}), fresh}}}, lifecycle.Progress{LagRecords: 6, ReadRecords: 10},
		},
		"an offset that is gone is none that was added": {
			[]input{{"in", []partition{fresh, at(10, task.Meta{}), fresh}}}, lifecycle.Progress{LagRecords: 12, ReadRecords: 10},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := progress(c.inputs, epoch); !reflect.DeepEqual(*got, c.want) {
				t.Errorf("got %+v, want %+v", *got, c.want)
			}
		})
	}
}
