package inquiry

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/exchange"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/format/json"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// MaxKeyBytes is the length of the text of a key at most.
const MaxKeyBytes = 8 << 10

// Key is a key of an operator.
type Key struct {
	// Row is a batch of one row with the key's columns.
	Row *batch.Batch
	// Partition is where rows of the key go.
	Partition int32
}

// Key reads a key: a JSON array with the values of the key's columns in order or, of a single column, its value alone, where
// a text, a time or bytes need no quotes. Values are written as in JSON records, times as RFC 3339. An error of kind User names the column and its
// type.
func (o *Operator) Key(text string) (*Key, error) {
	if len(text) > MaxKeyBytes {
		return nil, fault.New(fault.User, fault.Place{}, "a key has at most %d bytes", MaxKeyBytes)
	}
	if !utf8.ValidString(text) {
		return nil, fault.New(fault.User, fault.Place{}, "it is not UTF-8")
	}
	values, err := o.split(text)
	if err != nil {
		return nil, err
	}
	row := &batch.Batch{Length: 1, Columns: make([]batch.Vector, len(o.Keys))}
	positions := make([]int, len(o.Keys))
	for i, c := range o.Keys {
		positions[i] = i
		if err := read(&row.Columns[i], c, values[i]); err != nil {
			return nil, fault.Wrap(fault.User, err, "it is not %s", o.form())
		}
	}
	return &Key{Row: row, Partition: exchange.NewPartitioner(positions, o.Partitions).Partition(row, 0)}, nil
}

// split cuts a key into the JSON of its values.
func (o *Operator) split(text string) ([]stdjson.RawMessage, error) {
	wrong := fault.New(fault.User, fault.Place{}, "it is not %s", o.form())
	if !strings.HasPrefix(text, "[") {
		if len(o.Keys) != 1 {
			return nil, wrong
		}
		return []stdjson.RawMessage{plain(o.Keys[0].Kind, text)}, nil
	}
	var values []stdjson.RawMessage
	if err := stdjson.Unmarshal([]byte(text), &values); err != nil {
		return nil, fault.Wrap(fault.User, err, "it is not %s", o.form())
	}
	if len(values) != len(o.Keys) {
		return nil, wrong
	}
	return values, nil
}

// plain returns the JSON of a value that stands alone.
func plain(kind types.Kind, text string) stdjson.RawMessage {
	switch kind {
	case types.String, types.Bytes, types.Date, types.Timestamp:
		quoted, _ := stdjson.Marshal(text) //nolint:errchkjson // a string always marshals
		return quoted
	default:
		return stdjson.RawMessage(text)
	}
}

// form says what a key looks like.
func (o *Operator) form() string {
	names := make([]string, len(o.Keys))
	for i, c := range o.Keys {
		names[i] = c.Name + " " + c.Kind.String()
	}
	return "a JSON array of [" + strings.Join(names, ", ") + "]"
}

// read appends a JSON value to a column.
func read(v *batch.Vector, c types.Column, value stdjson.RawMessage) error {
	if bytes.IndexByte(value, 0) >= 0 || !stdjson.Valid(value) {
		return fmt.Errorf("column %q: the value is not JSON; expected %s", c.Name, c.Kind)
	}
	one := c
	if c.Kind == types.Interval { // microseconds
		one.Kind = types.BigInt
	}
	d, err := json.NewDecoder(spec.Format{Type: spec.FormatJSON}, types.Schema{Columns: []types.Column{one}})
	if err != nil {
		return err
	}
	record := append(append(append(append([]byte{'{'}, quoted(c.Name)...), ':'), value...), '}')
	b := &batch.Batch{}
	b.Reset([]types.Kind{one.Kind})
	if err := d.Decode(record, b); err != nil {
		return err
	}
	*v = b.Columns[0]
	v.Kind = c.Kind
	return nil
}
