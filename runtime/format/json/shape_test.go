package json_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// randomRecord is an object of some members in some order, with names that repeat, that no column has, that are escaped,
// and with white space and damage here and there.
func randomRecord(rng *rand.Rand) string {
	values := []string{
		`1`, `-7`, `12345678`, `123456789012345`, `1234567890123456789`, `0`, `01`, `1.5`, `2e3`, `1.`, `"x"`, `"a long text of more than a word"`, `"es\"caped\\"`,
		`"é – ü"`, "\"ctrl\x01\"", "\"\xff\"", `null`, `nul`, `true`, `{"a":[1,{}]}`, `[1,"]",2]`, `"2024-01-01T00:00:00.123456Z"`, `"2024-02-30T00:00:00Z"`, `"2024-01-01T23:59:60Z"`,
		"\"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00T00:00:00Z\"", `"2024-01-01t00:00:00+01:00"`, `"2024-01-01T00:00:00.1234567Z"`,
	}
	good := []string{`1`, `"x"`, `2.5`, `"2024-01-01T00:00:00Z"`}
	spaces := []string{"", "", "", " ", "\n\t"}
	space := func() string { return spaces[rng.IntN(len(spaces))] }
	var b strings.Builder
	b.WriteString(space() + "{" + space())
	for i := range rng.IntN(7) {
		if i > 0 {
			b.WriteString(space() + "," + space())
		}
		column := rng.IntN(6)
		name := []string{"i", "s", "d", "t", "anotherNameOfMoreThanSixteenBytes", "x"}[column]
		if rng.IntN(10) == 0 {
			name = fmt.Sprintf("m%d", rng.IntN(2000))
		}
		if rng.IntN(20) == 0 {
			name = `\u0069`
		}
		value := values[rng.IntN(len(values))]
		if column < 4 && rng.IntN(4) > 0 {
			value = good[column]
		}
		b.WriteString(`"` + name + `"` + space() + ":" + space() + value)
	}
	b.WriteString(space() + "}" + space())
	text := b.String()
	if rng.IntN(8) == 0 {
		text = text[:rng.IntN(len(text))]
	}
	return text
}

// A decoder that has seen other records reads a record as a new one does.
func TestWhatWasLearntChangesNothing(t *testing.T) {
	schema := schemaOf(t, "i BIGINT, s STRING, d DOUBLE, t TIMESTAMP")
	rng := rand.New(rand.NewPCG(1, 7))
	old, rows := newDecoder(t, "", schema)
	taken := 0
	for range 20_000 {
		record := randomRecord(rng)
		fresh, one := newDecoder(t, "", schema)
		want := fresh.Decode([]byte(record), one)
		before := rows.Columns[0].Len()
		err := old.Decode([]byte(record), rows)
		if fmt.Sprint(err) != fmt.Sprint(want) {
			t.Fatalf("%q: %v, but %v by a new decoder", record, err, want)
		}
		for i := range rows.Columns {
			if n := rows.Columns[i].Len(); err != nil && n != before || err == nil && n != before+1 {
				t.Fatalf("%q: column %d has %d values after %d, error %v", record, i, n, before, err)
			}
		}
		if err != nil {
			continue
		}
		taken++
		if got, want := rowText(schema, rows, before), rowText(schema, one, 0); got != want {
			t.Fatalf("%q: %s, but %s by a new decoder", record, got, want)
		}
	}
	if taken < 2000 {
		t.Errorf("%d of the records were rows, which tests little", taken)
	}
}
