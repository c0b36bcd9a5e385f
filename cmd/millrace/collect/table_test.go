package collect_test

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/cmd/millrace/collect"
	"github.com/millrace/millrace/runtime/types"
)

func TestATableIsAlignedAndGrows(t *testing.T) {
	var out strings.Builder
	table := collect.NewTable(&out, types.Schema{Columns: []types.Column{
		{Name: "carrier", Kind: types.String}, {Name: "flights", Kind: types.BigInt}, {Name: "mean", Kind: types.Double},
	}})
	for _, row := range []string{
		`{"carrier":"AA","flights":7,"mean":77.71428571428571}`,
		`{"flights":9007199254740993,"carrier":"Great Western","mean":null}`,
		`{"carrier":"B6","flights":-1,"mean":0}`,
	} {
		if err := table.Row([]byte(row)); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"CARRIER  FLIGHTS    MEAN",
		"AA             7   77.71",
		"Great Western  9007199254740993    NULL",
		"B6                           -1    0.00",
		"",
	}, "\n")
	if got := out.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
