package worker

import (
	"reflect"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/task"
)

func at(topic string, n int32) kafka.Partition { return kafka.Partition{Topic: topic, Number: n} }

func none(topic string, n int32) kafka.Committed {
	return kafka.Committed{Partition: at(topic, n), Offset: -1}
}

func of(topic string, n int32, m task.Meta) kafka.Committed {
	return kafka.Committed{Partition: at(topic, n), Offset: m.Offset, Metadata: m.Encode()}
}

func TestJudge(t *testing.T) {
	cases := map[string]struct {
		found []kafka.Committed
		want  standing
		kind  fault.Kind // Unknown: no error
	}{
		"nothing committed yet":            {[]kafka.Committed{none("in", 0), none("in", 1)}, unstamped, fault.Unknown},
		"all of our epoch":                 {[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 2}), of("in", 1, task.Meta{JobEpoch: 2, Offset: 7})}, stamped, fault.Unknown},
		"all of an older epoch":            {[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 1}), of("in", 1, task.Meta{JobEpoch: 1})}, unstamped, fault.Unknown},
		"older, and one partition is new":  {[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 1}), none("in", 1)}, unstamped, fault.Unknown},
		"one of a higher epoch":            {[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 2}), of("in", 1, task.Meta{JobEpoch: 3})}, unstamped, fault.Fenced},
		"ours, and one partition is new":   {[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 2}), none("in", 1)}, grown, fault.Unknown},
		"ours, and one between is gone":    {[]kafka.Committed{none("in", 0), of("in", 1, task.Meta{JobEpoch: 2})}, unstamped, fault.Corrupt},
		"ours, and a topic's are all gone": {[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 2}), none("x", 0)}, unstamped, fault.Corrupt},
		"an offset without metadata":       {[]kafka.Committed{{Partition: at("in", 0), Offset: 5}}, unstamped, fault.Corrupt},
		"an offset of another consumer":    {[]kafka.Committed{{Partition: at("in", 0), Offset: 5, Metadata: "host-17"}}, unstamped, fault.Corrupt},
		"an offset that was moved by hand": {[]kafka.Committed{{Partition: at("in", 0), Offset: 5, Metadata: task.Meta{JobEpoch: 2, Offset: 9}.Encode()}}, unstamped, fault.Corrupt},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := judge(c.found, 2)
			if got != c.want || fault.KindOf(err) != c.kind {
				t.Errorf("%v, %v; want %v and an error of kind %v", got, err, c.want, c.kind)
			}
		})
	}
}

func TestStamps(t *testing.T) {
	b := beginnings{
		starts:   map[kafka.Partition]int64{at("in", 0): 100, at("in", 1): 200, at("x", 0): 9},
		firsts:   map[kafka.Partition]int64{at("in", 0): 3, at("in", 1): 4, at("x", 0): 0},
		internal: map[string]bool{"x": true},
	}
	lived := b
	lived.lived = true
	cases := map[string]struct {
		found []kafka.Committed
		b     beginnings
		want  []kafka.Committed
		err   string
	}{
		"a first start begins where it was told, an exchange at its first record": {
			[]kafka.Committed{none("in", 0), none("in", 1), none("x", 0)},
			b,
			[]kafka.Committed{
				of("in", 0, task.Meta{JobEpoch: 5, Offset: 100}), of("in", 1, task.Meta{JobEpoch: 5, Offset: 200}), of("x", 0, task.Meta{JobEpoch: 5}),
			},
			"",
		},
		"a committed offset keeps all but its epoch": {
			[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 4, Owner: 3, Seq: 17, Offset: 55, Watermark: 9})},
			lived,
			[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 5, Owner: 3, Seq: 17, Offset: 55, Watermark: 9})},
			"",
		},
		"of a former state epoch a source keeps no cut": {
			[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 2, Owner: 3, Seq: 17, Offset: 55, Watermark: 9, Shed: 4, Cut: task.Cut{ID: 8, Offset: 55}})},
			b,
			[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 5, Owner: 3, Seq: 17, Offset: 55, Watermark: 9})},
			"",
		},
		"a partition that was added begins with its first record": {
			[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 4, Offset: 55}), none("in", 1)},
			lived,
			[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 5, Offset: 55}), of("in", 1, task.Meta{JobEpoch: 5, Offset: 4})},
			"",
		},
		"a lost offset is not made up": {
			[]kafka.Committed{none("in", 0), of("in", 1, task.Meta{JobEpoch: 4, Offset: 55})}, lived, nil, "in/0 is gone",
		},
		"a job whose offsets are all gone does not start anew": {
			[]kafka.Committed{none("in", 0), none("in", 1)}, lived, nil, "its offsets are gone",
		},
		"a higher epoch stays": {
			[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 6})}, lived, nil, "epoch 6",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := stamps(c.found, 5, 3, c.b)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("got %v, want an error with %q", err, c.err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, %v\nwant %v", got, err, c.want)
			}
		})
	}
}

func TestASavepointIsOfWhereTheJobStands(t *testing.T) {
	r := &restoration{id: "sp", epoch: 4, sources: map[kafka.Partition]task.Cut{at("in", 0): {Offset: 55}, at("in", 1): {Offset: 7}}}
	cases := map[string]struct {
		found []kafka.Committed
		want  string
	}{
		"where it was stopped":                  {[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 4, Seq: 9, Offset: 55}), of("in", 1, task.Meta{JobEpoch: 4, Seq: 3, Offset: 7})}, ""},
		"an epoch that has committed nothing":   {[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 5, Offset: 55})}, ""},
		"offsets that nobody knows any more":    {[]kafka.Committed{none("in", 0), none("in", 1)}, ""},
		"a topic that it did not read":          {[]kafka.Committed{of("new", 0, task.Meta{JobEpoch: 4, Seq: 9, Offset: 99})}, ""},
		"rows behind it":                        {[]kafka.Committed{of("in", 0, task.Meta{JobEpoch: 4, Seq: 10, Offset: 56})}, "gone on to 56"},
		"a commit of a later epoch, of no rows": {[]kafka.Committed{of("in", 1, task.Meta{JobEpoch: 5, Seq: 1, Offset: 7})}, "epoch 5 has committed"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := r.stands(c.found)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestLanded(t *testing.T) {
	mine := func(n int32, seq, owner int64, sealed bool) part {
		return part{running: &running{in: at("in", n)}, meta: task.Meta{JobEpoch: 2, Seq: seq, Owner: owner}, sealed: sealed}
	}
	found := func(n int32, seq, owner int64) kafka.Committed {
		return of("in", n, task.Meta{JobEpoch: 2, Seq: seq, Owner: owner})
	}
	cases := map[string]struct {
		parts []part
		found []kafka.Committed
		want  bool
		kind  fault.Kind
	}{
		"all there":                  {[]part{mine(0, 5, 3, true), mine(1, 9, 3, true)}, []kafka.Committed{found(0, 5, 3), found(1, 9, 3)}, true, fault.Unknown},
		"none there":                 {[]part{mine(0, 5, 3, true), mine(1, 9, 3, true)}, []kafka.Committed{found(0, 4, 3), found(1, 8, 3)}, false, fault.Unknown},
		"a task that sat by":         {[]part{mine(0, 5, 3, true), mine(1, 8, 3, false)}, []kafka.Committed{found(0, 5, 3), found(1, 8, 2)}, true, fault.Unknown},
		"not there, one sat by":      {[]part{mine(0, 5, 3, true), mine(1, 8, 3, false)}, []kafka.Committed{found(0, 4, 3), found(1, 8, 2)}, false, fault.Unknown},
		"a first commit, not there":  {[]part{mine(0, 1, 1, true)}, []kafka.Committed{found(0, 0, 0)}, false, fault.Unknown},
		"another owner went on":      {[]part{mine(0, 5, 3, true)}, []kafka.Committed{found(0, 6, 4)}, false, fault.Transient},
		"another owner, same seq":    {[]part{mine(0, 5, 3, true)}, []kafka.Committed{found(0, 5, 4)}, false, fault.Transient},
		"another worker, same owner": {[]part{mine(0, 5, 3, true)}, []kafka.Committed{of("in", 0, task.Meta{JobEpoch: 2, Seq: 5, Owner: 3, Worker: 1})}, false, fault.Transient},
		"half of it":                 {[]part{mine(0, 5, 3, true), mine(1, 9, 3, true)}, []kafka.Committed{found(0, 5, 3), found(1, 8, 3)}, false, fault.Corrupt},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := landed(c.parts, c.found)
			if got != c.want || fault.KindOf(err) != c.kind {
				t.Errorf("%v, %v; want %v and an error of kind %v", got, err, c.want, c.kind)
			}
		})
	}
}
