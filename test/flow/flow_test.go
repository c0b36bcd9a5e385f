package flow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/test/flow"
)

func schema(columns ...types.Column) types.Schema { return types.Schema{Columns: columns} }

func column(i int, name string, k types.Kind) expr.Node {
	return expr.Node{Kind: k, Column: &expr.Column{Index: i, Name: name}}
}

// plan counts and sums bids above 10 by bidder in windows of ten seconds.
func plan(badRows spec.BadRows) *physical.Plan {
	ten, start := int64(10), 1
	bids := schema(types.Column{Name: "bidder", Kind: types.String}, types.Column{Name: "price", Kind: types.BigInt}, types.Column{Name: "ts", Kind: types.Timestamp})
	moved := schema(bids.Columns[0], types.Column{Name: "window_start", Kind: types.Timestamp}, types.Column{Name: "window_end", Kind: types.Timestamp}, bids.Columns[1])
	result := schema(bids.Columns[0], moved.Columns[1], moved.Columns[2], types.Column{Name: "n", Kind: types.BigInt}, types.Column{Name: "total", Kind: types.BigInt})
	json := spec.Format{Type: spec.FormatJSON, Timestamps: spec.TimestampMillis}
	above := expr.Node{Kind: types.Boolean, Call: &expr.Call{Function: ">", Args: []expr.Node{
		column(1, "price", types.BigInt), {Kind: types.BigInt, Literal: &expr.Literal{Int64: &ten}},
	}}}
	return &physical.Plan{
		Format: physical.Format, MaxParallelism: 3, BadRows: badRows,
		Stages: []physical.Stage{
			{
				Name:  "bids",
				Input: physical.Input{Topic: &physical.TopicInput{Topic: "bids", Format: json, Schema: bids, EventTime: &physical.EventTime{Column: 2, MaxOutOfOrdernessMicros: 2_000_000}}},
				Branches: []physical.Branch{{
					Operators: []physical.Operator{
						{ID: "filter", Filter: &physical.Filter{Predicate: above}},
						{ID: "window", AssignWindow: &physical.AssignWindow{Time: 2, SizeMicros: 10_000_000}},
						{ID: "project", Project: &physical.Project{Columns: []physical.ProjectedColumn{
							{Name: "bidder", Expr: column(0, "bidder", types.String)},
							{Name: "window_start", Expr: column(3, "window_start", types.Timestamp)},
							{Name: "window_end", Expr: column(4, "window_end", types.Timestamp)},
							{Name: "price", Expr: column(1, "price", types.BigInt)},
						}}},
					},
					Output: physical.Output{Exchange: &physical.ExchangeOutput{Name: "by-bidder", Keys: []int{0}, Schema: moved}},
				}},
			},
			{
				Name: "counts", Stateful: true,
				Input: physical.Input{Exchange: &physical.ExchangeInput{Name: "by-bidder", Schema: moved}},
				Branches: []physical.Branch{{
					Operators: []physical.Operator{{ID: "aggregate", Aggregate: &physical.Aggregate{
						Keys: []int{0, 1, 2}, WindowStart: &start, WindowEnd: 2, Schema: result,
						Calls: []physical.AggregateCall{
							{Function: physical.AggregateCount, Argument: -1, Filter: -1, Kind: types.BigInt},
							{Function: physical.AggregateSum, Argument: 3, Filter: -1, Kind: types.BigInt},
						},
					}}},
					Output: physical.Output{Sink: &physical.Sink{Topic: "out", Format: json, Schema: result}},
				}},
			},
		},
	}
}

func bids(n int) []flow.Input {
	var in []flow.Input
	for i := range n {
		at := int64(i*37) - int64(i%5*700)
		if i%50 == 49 {
			at -= 30_000 // late
		}
		value := fmt.Sprintf(`{"bidder":"b%d","price":%d,"ts":%d}`, i%11, i%40, at)
		in = append(in, flow.Input{Topic: "bids", Partition: int32(i % 2), Value: []byte(value)})
	}
	return in
}

func sorted(values [][]byte) string {
	lines := make([]string, len(values))
	for i, v := range values {
		lines[i] = string(v)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestEveryWayToRunGivesTheSameRows(t *testing.T) {
	partitions := map[string]int{"bids": 2}
	straight, err := flow.Run(plan(spec.BadRowsFail), bids(3000), flow.Options{Partitions: partitions})
	if err != nil {
		t.Fatal(err)
	}
	want := sorted(straight.Output["out"])
	if len(straight.Output["out"]) < 100 || straight.Late == 0 {
		t.Fatalf("%d rows, %d late: the input is too simple", len(straight.Output["out"]), straight.Late)
	}
	ways := map[string]flow.Options{
		"small portions":        {Portion: 7},
		"two workers":           {Workers: 2, Portion: 200},
		"two workers, aborts":   {Workers: 2, Portion: 100, Aborts: 3},
		"three, aborts, crash":  {Workers: 3, Portion: 60, Aborts: 4, Crashes: 10},
		"one worker that falls": {Portion: 100, Crashes: 5},
	}
	for name, o := range ways {
		for seed := range uint64(5) {
			t.Run(fmt.Sprint(name, " ", seed), func(t *testing.T) {
				o.Partitions, o.Seed = partitions, seed
				got, err := flow.Run(plan(spec.BadRowsFail), bids(3000), o)
				if err != nil {
					t.Fatal(err)
				}
				if text := sorted(got.Output["out"]); text != want {
					t.Errorf("differs from the straight run:\n%s", text)
				}
			})
		}
	}
}

func TestBadRecord(t *testing.T) {
	in := bids(10)
	in[7].Value = []byte(`{"bidder":"b7","price":"many","ts":1}`)
	o := flow.Options{Partitions: map[string]int{"bids": 2}}
	_, err := flow.Run(plan(spec.BadRowsFail), in, o)
	if place, _ := fault.PlaceOf(err); fault.KindOf(err) != fault.Data || place != fault.InRecord("bids", 1, 3) || !strings.Contains(err.Error(), "price") {
		t.Errorf("got %v", err)
	}
	res, err := flow.Run(plan(spec.BadRowsSkip), in, o)
	if err != nil || res.Bad != 1 {
		t.Errorf("got %v, %d bad", err, res.Bad)
	}
}
