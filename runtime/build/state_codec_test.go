package build_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/build"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/types"
)

// counting is a plan that counts by two keys behind an exchange, which hashes them in the other order.
func counting(change func(*physical.Plan)) *physical.Plan {
	return plan(func(p *physical.Plan) {
		schema := types.Schema{Columns: []types.Column{{Name: "a", Kind: types.BigInt}, {Name: "b", Kind: types.String}, {Name: "window_end", Kind: types.Timestamp}}}
		p.Stages[0].Branches[0].Output = physical.Output{Exchange: &physical.ExchangeOutput{Name: "x", Keys: []int{1, 0}, Schema: schema}}
		out := types.Schema{Columns: append(slices.Clip(schema.Columns), types.Column{Name: "COUNT(*)", Kind: types.BigInt})}
		p.Stages = append(p.Stages, physical.Stage{
			Name: "count", Stateful: true, Input: physical.Input{Exchange: &physical.ExchangeInput{Name: "x", Schema: schema}},
			Branches: []physical.Branch{{Operators: []physical.Operator{{ID: "count", Aggregate: &physical.Aggregate{
				Keys: []int{0, 1, 2}, WindowEnd: 2, Schema: out,
				Calls: []physical.AggregateCall{{Function: physical.AggregateCount, Argument: -1, Filter: -1, Kind: types.BigInt}},
			}}}}},
		})
		change(p)
	})
}

func TestStateCodecs(t *testing.T) {
	p := counting(func(*physical.Plan) {})
	if list, err := build.StateCodecs(p, 0); err != nil || len(list) != 0 {
		t.Errorf("a stage without state: %v, %v", list, err)
	}
	list, err := build.StateCodecs(p, 1)
	if err != nil || len(list) != 1 || list[0].ID != "count" {
		t.Fatalf("got %v, %v", list, err)
	}
	var names []string
	for _, k := range list[0].Keys() {
		names = append(names, list[0].Columns()[k].Name)
	}
	if !slices.Equal(names, []string{"b", "a"}) {
		t.Errorf("hashed by %q", names)
	}
	for name, c := range map[string]struct {
		change func(*physical.Plan)
		want   string
	}{
		"nothing feeds it":   {func(p *physical.Plan) { p.Stages[0].Branches = nil }, "nothing feeds"},
		"no input":           {func(p *physical.Plan) { p.Stages[1].Input.Exchange = nil }, "no input"},
		"hashed by no key":   {func(p *physical.Plan) { p.Stages[0].Branches[0].Output.Exchange.Keys = []int{2} }, "is no key"},
		"an unknown of some": {func(p *physical.Plan) { p.Stages[1].Branches[0].Operators[0].Aggregate = nil }, "newer"},
		"behind a projection": {func(p *physical.Plan) {
			p.Stages[1].Branches[0].Operators = append([]physical.Operator{{ID: "p", Project: &physical.Project{}}}, p.Stages[1].Branches[0].Operators...)
		}, ""},
	} {
		if _, err := build.StateCodecs(counting(c.change), 1); fault.KindOf(err) != fault.Bug || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := build.StateCodecs(p, 2); fault.KindOf(err) != fault.Bug {
		t.Errorf("no such stage: %v", err)
	}
}
