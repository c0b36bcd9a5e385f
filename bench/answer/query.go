package answer

import (
	"fmt"
	"slices"
	"strings"
)

// Kind says how values of a column are compared.
type Kind uint8

// The kinds.
const (
	// Integer is compared as it is written.
	Integer Kind = iota
	// Decimal is compared to three digits after the point: engines compute with DECIMAL or with floating point.
	Decimal
	// Text is compared byte by byte.
	Text
)

// Column is a column of the output.
type Column struct {
	Name string
	Kind Kind
}

// Query is what the engines compute.
type Query struct {
	Name, Title string
	Columns     []Column
	// Sum is the index of the column whose sum is part of the answer.
	Sum int
	// WindowStart is the index of the column with a window's start, or -1.
	WindowStart int
}

func named(kind Kind, names string) []Column {
	var columns []Column
	for n := range strings.FieldsSeq(names) {
		columns = append(columns, Column{Name: n, Kind: kind})
	}
	return columns
}

// Queries lists what the bench knows.
func Queries() []Query {
	head := named(Integer, "auction bidder")
	price := named(Integer, "price")
	tail := append(named(Integer, "dateTime"), named(Text, "extra")...)
	counts := func(key string) []Column { return named(Integer, key+" bid_count starttime endtime") }
	return []Query{
		{"q0", "pass-through", slices.Concat(head, price, tail), 2, -1},
		{"q1", "map", slices.Concat(head, named(Decimal, "price"), tail), 2, -1},
		{"q2", "filter", named(Integer, "auction price"), 1, -1},
		{"q5", "hopping count by auction, 10 s / 2 s", counts("auction"), 1, 2},
		{"q11", "session count by bidder, gap 10 s", counts("bidder"), 1, 2},
		{"q12", "tumbling count by bidder, 10 s", counts("bidder"), 1, 2},
		{"q21", "CASE and a regular expression", slices.Concat(head, price, named(Text, "channel channel_id")), 2, -1},
		{"q22", "splitting a string", slices.Concat(head, price, named(Text, "channel dir1 dir2 dir3")), 2, -1},
	}
}

// Named returns a query by its name.
func Named(name string) (Query, error) {
	var names []string
	for _, q := range Queries() {
		if q.Name == name {
			return q, nil
		}
		names = append(names, q.Name)
	}
	return Query{}, fmt.Errorf("no query is named %q; there are %s", name, strings.Join(names, ", "))
}
