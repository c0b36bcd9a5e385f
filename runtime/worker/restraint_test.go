package worker

import (
	"maps"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

func TestASourceWaitsForThoseThatAreBehindIt(t *testing.T) {
	low := func(at int64) *types.Watermark {
		w := types.Watermark(at)
		return &w
	}
	second := time.Second.Microseconds()
	cases := map[string]struct {
		drift     time.Duration
		positions command.Record
		watermark types.Watermark
		held      bool
		want      control.Waits
	}{
		"nothing is known":                {time.Second, command.Record{}, types.Watermark(99 * second), false, control.WaitsForNothing},
		"no further than allowed":         {time.Second, command.Record{Low: low(5 * second)}, types.Watermark(6 * second), false, control.WaitsForNothing},
		"further":                         {time.Second, command.Record{Low: low(5 * second)}, types.Watermark(6*second + 1), false, control.WaitsForWatermark},
		"any distance is allowed":         {0, command.Record{Low: low(5 * second)}, types.Watermark(99 * second), false, control.WaitsForNothing},
		"no row yet":                      {time.Second, command.Record{Low: low(5 * second)}, types.NoWatermark, false, control.WaitsForNothing},
		"at the end of its input":         {time.Second, command.Record{Low: low(5 * second)}, types.EndOfInput, false, control.WaitsForNothing},
		"the exchange is read":            {0, command.Record{Unread: map[string]int64{"x": 10}}, 0, false, control.WaitsForNothing},
		"the exchange is not read":        {0, command.Record{Unread: map[string]int64{"x": 11}}, 0, false, control.WaitsForExchange},
		"half of it is read":              {0, command.Record{Unread: map[string]int64{"x": 6}}, 0, true, control.WaitsForExchange},
		"more than half":                  {0, command.Record{Unread: map[string]int64{"x": 5}}, 0, true, control.WaitsForNothing},
		"another's exchange is not read":  {0, command.Record{Unread: map[string]int64{"y": 99}}, 0, false, control.WaitsForNothing},
		"nobody has said anything lately": {time.Second, command.Record{}, 0, true, control.WaitsForNothing},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := restraint{maxDrift: c.drift, maxExchangeBytes: 1000, positions: c.positions, bytesPerRecord: func(string) int64 { return 100 }}
			if got := r.waitsFor(c.watermark, c.held, []string{"x"}); got != c.want {
				t.Errorf("waits for %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheCoordinatorSaysHowFarTheSlowestIs(t *testing.T) {
	all := map[kafka.Partition]task.Meta{
		at("in", 0):  {Seq: 1, Watermark: 70},
		at("in", 1):  {Seq: 1, Watermark: 50},
		at("in", 2):  {Seq: 1, Watermark: 10, Idle: true}, // holds nobody back
		at("in", 3):  {Watermark: 5},                      // has never committed
		at("in", 4):  {Seq: 1, Watermark: types.NoWatermark},
		at("in", 5):  {Seq: 1, Watermark: types.EndOfInput},
		at("t.x", 0): {Seq: 3, Offset: 40, Watermark: 1},
		at("t.x", 1): {Seq: 3, Offset: 100, Watermark: 1},
		at("t.y", 0): {Seq: 3, Offset: 90, Watermark: 1},
	}
	ends := map[kafka.Partition]int64{at("t.x", 0): 100, at("t.x", 1): 110, at("t.y", 0): 100}
	exchanges := map[string]string{"t.x": "x", "t.y": "y"}
	r := judgePositions(all, ends, exchanges, true)
	if r.Low == nil || *r.Low != 50 {
		t.Errorf("the slowest is at %v", r.Low)
	}
	if want := map[string]int64{"x": 70}; !maps.Equal(r.Unread, want) {
		t.Errorf("unread: %v, want %v: ten records are not worth a word", r.Unread, want)
	}
	if r := judgePositions(all, ends, exchanges, false); r.Low != nil {
		t.Errorf("%v, though nobody is aligned", r.Low)
	}
	if !samePositions(r, r) || samePositions(r, command.Record{}) {
		t.Error("what is the same is not told from what is not")
	}
}
