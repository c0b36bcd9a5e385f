package inquiry

import (
	"bytes"
	stdjson "encoding/json"
	"time"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/format/json"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// State writes what was found of a key. Who answers, and the commit, are the caller's to fill in.
func (o *Operator) State(k *Key, f *operator.Found) (*control.State, error) {
	s := &control.State{Operator: o.ID, Stage: o.StageName, Partition: k.Partition, Windows: []control.Window{}, More: f.More}
	key := []byte{'['}
	for i, c := range o.Keys {
		if i > 0 {
			key = append(key, ',')
		}
		text, err := write(c, &k.Row.Columns[i], 0)
		if err != nil {
			return nil, err
		}
		key = append(key, text...)
	}
	s.Key = append(key, ']')
	for i := range f.Ends {
		w := control.Window{Start: timeText(f.Starts[i]), End: timeText(f.Ends[i]), Problem: f.Problems[i]}
		if w.Problem == "" {
			var err error
			if w.Values, err = o.values(f, i); err != nil {
				w.Problem = err.Error()
			}
		}
		s.Windows = append(s.Windows, w)
	}
	return s, nil
}

// values writes a window's values as an object.
func (o *Operator) values(f *operator.Found, row int) ([]byte, error) {
	if len(f.Values.Columns) != len(o.Values) {
		return nil, fault.New(fault.Bug, fault.Place{}, "%d values of %s, which has %d", len(f.Values.Columns), o.ID, len(o.Values))
	}
	out := []byte{'{'}
	for i, c := range o.Values {
		if i > 0 {
			out = append(out, ',')
		}
		text, err := write(c, &f.Values.Columns[i], row)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, quoted(c.Name)...), ':'), text...)
	}
	return append(out, '}'), nil
}

// write returns the JSON of a value, as it is in a JSON record.
func write(c types.Column, v *batch.Vector, row int) ([]byte, error) {
	one := c
	if c.Kind == types.Interval { // microseconds
		one.Kind = types.BigInt
	}
	e, err := json.NewEncoder(spec.Format{Type: spec.FormatJSON}, types.Schema{Columns: []types.Column{one}})
	if err != nil {
		return nil, err
	}
	alone := batch.Batch{Length: 1, Columns: make([]batch.Vector, 1)}
	alone.Columns[0].Reset(one.Kind)
	if v.IsNull(row) {
		alone.Columns[0].AppendNull()
	} else {
		from := *v
		from.Kind = one.Kind
		alone.Columns[0].AppendFrom(&from, row)
	}
	record, err := e.Encode(nil, &alone, 0)
	if err != nil {
		return nil, err
	}
	var member map[string]stdjson.RawMessage
	if err := stdjson.Unmarshal(record, &member); err != nil {
		return nil, fault.Wrap(fault.Bug, err, "read a value that was written")
	}
	return member[c.Name], nil
}

// quoted is a name as JSON. What HTML would need is left as it is.
func quoted(name string) []byte {
	var b bytes.Buffer
	e := stdjson.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(name) // a string always does
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func timeText(micros int64) string { return time.UnixMicro(micros).UTC().Format(time.RFC3339Nano) }
