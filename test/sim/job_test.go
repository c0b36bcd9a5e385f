package sim

import (
	"time"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

const (
	partitions   = 4 // of the input and of the exchange
	windowSize   = 10 * time.Second
	outOfOrder   = 5 * time.Second
	inputTopic   = "in"
	copyTopic    = "copy"
	countsTopic  = "counts"
	prefix       = "local.sim.job"
	firstEpoch   = 1
	commitEvery  = 100 * time.Millisecond
	trimEvery    = 500 * time.Millisecond
	timestampIdx = 2
)

func column(c types.Column, i int) physical.ProjectedColumn {
	return physical.ProjectedColumn{Name: c.Name, Expr: expr.Node{Kind: c.Kind, Column: &expr.Column{Index: i, Name: c.Name}}}
}

// job is the plan under test, both kinds of stage in it: every row goes to copy, and counts has the rows of each key in
// each window.
func job() *physical.Plan {
	key := types.Column{Name: "k", Kind: types.String}
	id := types.Column{Name: "id", Kind: types.BigInt}
	ts := types.Column{Name: "ts", Kind: types.Timestamp}
	start := types.Column{Name: "window_start", Kind: types.Timestamp}
	end := types.Column{Name: "window_end", Kind: types.Timestamp}
	n := types.Column{Name: "n", Kind: types.BigInt}
	json := spec.Format{Type: spec.FormatJSON, Timestamps: spec.TimestampMillis}
	input := types.Schema{Columns: []types.Column{key, id, ts}}
	moved := types.Schema{Columns: []types.Column{key, start, end}}
	counted := types.Schema{Columns: []types.Column{key, start, end, n}}
	return &physical.Plan{
		Format: physical.Format, Hash: "sim", StateHash: "sim", MaxParallelism: partitions, BadRows: spec.BadRowsFail,
		Stages: []physical.Stage{
			{
				Name: "s0",
				Input: physical.Input{Topic: &physical.TopicInput{
					Topic: inputTopic, Format: json, Schema: input,
					EventTime: &physical.EventTime{Column: timestampIdx, MaxOutOfOrdernessMicros: outOfOrder.Microseconds()},
				}},
				Branches: []physical.Branch{
					{
						Operators: []physical.Operator{{ID: "copy", Project: &physical.Project{Columns: []physical.ProjectedColumn{column(key, 0), column(id, 1), column(ts, 2)}}}},
						Output:    physical.Output{Sink: &physical.Sink{Topic: copyTopic, Format: json, Schema: input}},
					},
					{
						Operators: []physical.Operator{
							{ID: "window", AssignWindow: &physical.AssignWindow{Time: timestampIdx, SizeMicros: windowSize.Microseconds()}},
							{ID: "cut", Project: &physical.Project{Columns: []physical.ProjectedColumn{column(key, 0), column(start, 3), column(end, 4)}}},
						},
						Output: physical.Output{Exchange: &physical.ExchangeOutput{Name: "x0", Keys: []int{0}, Schema: moved}},
					},
				},
			},
			{
				Name: "s1", Stateful: true,
				Input: physical.Input{Exchange: &physical.ExchangeInput{Name: "x0", Schema: moved}},
				Branches: []physical.Branch{{
					Operators: []physical.Operator{{ID: "count", Aggregate: &physical.Aggregate{
						Keys: []int{0, 1, 2}, WindowEnd: 2, Schema: counted,
						Calls: []physical.AggregateCall{{Function: physical.AggregateCount, Argument: -1, Filter: -1, Kind: types.BigInt}},
					}}},
					Output: physical.Output{Sink: &physical.Sink{Topic: countsTopic, Format: json, Schema: counted}},
				}},
			},
		},
	}
}
