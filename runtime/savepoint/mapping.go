package savepoint

import (
	"encoding/binary"
	"slices"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/compat"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// mapping makes rows of an operator's state from those that another plan's operator has written. Columns are found by their
// names; those that there were not are NULL, which is what accumulators hold that have seen no row.
type mapping struct {
	columns []mapped
	kinds   []types.Kind
	same    bool
	out     batch.Batch
}

// mapped is a column: from is its place in what was written, or -1.
type mapped struct {
	Column

	from int
	was  Column
}

func newMapping(from, to []Column) (*mapping, error) {
	m := &mapping{kinds: kindsOf(to), same: slices.Equal(from, to)}
	for _, c := range to {
		one := mapped{Column: c, from: slices.IndexFunc(from, func(o Column) bool { return o.Name == c.Name })}
		if one.from >= 0 {
			one.was = from[one.from]
			if one.was != c && !c.reads(one.was) {
				return nil, fault.New(fault.User, fault.Place{}, "the state's column %s is %s, the savepoint's %s", c.Name, c.Kind, one.was.Kind)
			}
		}
		m.columns = append(m.columns, one)
	}
	return m, nil
}

// reads says whether values of another column can be those of this one.
func (c Column) reads(was Column) bool {
	if was.Wide {
		return c.Wide || c.Kind == types.Double
	}
	return !c.Wide && compat.Widens(was.Kind, c.Kind)
}

// apply returns the rows of b as the mapping makes them; they are valid until the next call.
func (m *mapping) apply(b *batch.Batch) (*batch.Batch, error) {
	if m.same {
		return b, nil
	}
	m.out.Reset(m.kinds)
	for i, c := range m.columns {
		to := &m.out.Columns[i]
		switch {
		case c.from < 0:
			for range b.Length {
				to.AppendNull()
			}
		case c.Kind == types.Double && c.was.Kind != types.Double:
			if err := c.toDouble(to, &b.Columns[c.from], b.Length); err != nil {
				return nil, err
			}
		case c.Kind != c.was.Kind: // INT to BIGINT, which lie in memory alike
			from := b.Columns[c.from]
			from.Kind = c.Kind
			to.AppendSelected(&from, nil, b.Length)
		default:
			to.AppendSelected(&b.Columns[c.from], nil, b.Length)
		}
	}
	m.out.Length = b.Length
	return &m.out, nil
}

// toDouble appends integers as DOUBLE.
func (c mapped) toDouble(to, from *batch.Vector, n int) error {
	for row := range n {
		if from.IsNull(row) {
			to.AppendNull()
			continue
		}
		var x int64
		fits := true
		if c.was.Wide {
			x, fits = narrow(from.Bytes(row))
		} else {
			x = from.Int64[row]
		}
		if d := float64(x); fits && int64(d) == x && d < 1<<63 {
			to.AppendFloat64(d)
			continue
		}
		return fault.New(fault.User, fault.Place{}, "the savepoint's %s holds a number that no DOUBLE is", c.Name).
			Do("cast the argument in the query, so that the function begins empty, or change it back")
	}
	return nil
}

// narrow returns an integer of 128 bits as one of 64, and whether it is one.
func narrow(b []byte) (x int64, ok bool) {
	if len(b) != wideBytes {
		return 0, false
	}
	high, low := binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[wideBytes/2:])
	x = int64(low) //nolint:gosec // two's complement
	return x, high == uint64(x>>63)
}
