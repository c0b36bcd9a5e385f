package conformance

import (
	"log/slog"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/pebblestore"
	"github.com/millrace/millrace/test/flow"
)

// way is one way to run a query.
type way struct {
	name    string
	options flow.Options
	// exactCounts says that late and bad rows are counted exactly: nothing crashes.
	exactCounts bool
}

// ways lists how every query is run; the first gives the rows that the others must give too.
func ways() []way {
	list := []way{
		{"in one go", flow.Options{}, true},
		{"row by row", flow.Options{Portion: 1}, true},
		{"two workers", flow.Options{Workers: 2, Portion: 3, Seed: 1}, true},
		{"two workers, Pebble", flow.Options{Workers: 2, Portion: 3, Seed: 2, Aborts: 4, Backend: onPebble}, true},
	}
	for seed := range uint64(3) {
		list = append(list, way{"three workers, aborts and crashes", flow.Options{Workers: 3, Portion: 2, Aborts: 3, Crashes: 4, Seed: seed}, false})
	}
	return list
}

func onPebble() (state.Backend, error) {
	return pebblestore.Open("state", vfs.NewMem(), 4<<20, pebblestore.Stamp{Job: "test", StateEpoch: 1}, slog.New(slog.DiscardHandler))
}
