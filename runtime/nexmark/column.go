package nexmark

import "github.com/millrace/millrace/runtime/types"

// column is how one field of an event is made; exactly one of number and text is set. A TIMESTAMP's number is in
// milliseconds.
type column struct {
	name   string
	kind   types.Kind
	number func(g *Generator, e Event) int64
	text   func(g *Generator, dst []byte, e Event) []byte
}

func numberColumn(name string, value func(*Generator, Event) int64) column {
	return column{name: name, kind: types.BigInt, number: value}
}

func timeColumn(name string, value func(*Generator, Event) int64) column {
	return column{name: name, kind: types.Timestamp, number: value}
}

func textColumn(name string, value func(*Generator, []byte, Event) []byte) column {
	return column{name: name, kind: types.String, text: value}
}

// field tells the random numbers of an event's fields apart. The values are part of the data set.
type field uint64

const (
	fieldName field = iota
	fieldEmail
	fieldCard
	fieldCity
	fieldState
	fieldExtra
	fieldItem
	fieldDescription
	fieldInitial
	fieldReserve
	fieldExpires
	fieldSeller
	fieldCategory
	fieldAuction
	fieldBidder
	fieldPrice
	fieldChannel
	fieldURL
	fieldPool
	fieldHotURL
)

const fieldBits = 5 // of the number that seeds an event's field
