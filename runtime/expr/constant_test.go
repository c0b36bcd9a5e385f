package expr_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/millrace/millrace/runtime/expr"
)

func TestConstantComputesWhatReadsNoColumn(t *testing.T) {
	cases := map[string]string{ // "" is none
		"1 + 2 * 3":         "7",
		"1.5 * 2":           "3.0",
		"'a' || 'b'":        "'ab'",
		"'' || ''":          "''",
		"CAST('' AS BYTES)": "X''",
		"1 < 2 AND NULL":    "NULL",
		"1 < 2":             "TRUE",
		"TIMESTAMP '2013-01-01 00:00:00' + INTERVAL '1' DAY": "TIMESTAMP '2013-01-02 00:00:00'",
		"1 / 0":                                "",
		"CASE WHEN TRUE THEN 1 ELSE 1 / 0 END": "1",
		"CAST('NaN' AS DOUBLE)":                "",
		"a":                                    "",
		"a IS NULL":                            "",
	}
	for text, want := range cases {
		b := binder{columns: columns()}
		n, err := b.parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := expr.Constant(n)
		if ok != (want != "") || ok && (got.String() != want || got.Kind != n.Kind) {
			t.Errorf("%s is %s of type %s, %v, want %s of type %s", text, got, got.Kind, ok, want, n.Kind)
		}
		if !ok {
			continue
		}
		document, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		var back expr.Node
		if err := json.Unmarshal(document, &back); err != nil || !reflect.DeepEqual(back, got) {
			t.Errorf("%s comes back as %s from %s: %v", got, back, document, err)
		}
	}
}
