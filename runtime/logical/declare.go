package logical

import (
	"strings"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/sql"
	"github.com/millrace/millrace/runtime/types"
)

// maxColumns bounds the columns of a declared table.
const maxColumns = 2000

// declare turns CREATE TABLE into a table of the catalogue.
func (b *binder) declare(n *sql.CreateTable) (*spec.Table, error) {
	if n.PrimaryKey != nil {
		return nil, b.fault(n.PrimaryKey.At, "PRIMARY KEY is not supported yet").Do("leave it out: rows are appended")
	}
	if len(n.Columns) > maxColumns {
		return nil, b.fault(n.Columns[maxColumns].At, "a table has at most %d columns", maxColumns)
	}
	t := &spec.Table{Name: n.Name.Name, Topic: n.Name.Name, Format: spec.Format{Type: spec.FormatJSON, Timestamps: spec.TimestampRFC3339}}
	for _, c := range n.Columns {
		if t.Schema.Index(c.Name.Name) >= 0 {
			return nil, b.fault(c.Name.At, "the table %s has two columns %s", n.Name.Name, c.Name.Name).Do("rename one")
		}
		kind, err := b.columnKind(c.Type)
		if err != nil {
			return nil, err
		}
		t.Schema.Columns = append(t.Schema.Columns, types.Column{Name: c.Name.Name, Kind: kind})
	}
	if n.Watermark != nil {
		if err := b.declareEventTime(t, n.Watermark); err != nil {
			return nil, err
		}
	}
	for _, o := range n.Options {
		if o.Key == optionConnector && strings.EqualFold(o.Value, connectorNexmark) {
			return t, b.declareNexmark(t, n)
		}
	}
	for _, o := range n.Options {
		if err := b.setOption(t, o); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// columnKind resolves a column's type.
func (b *binder) columnKind(t *sql.TypeName) (types.Kind, error) {
	if t.NotNull {
		return types.Invalid, b.fault(t.At, "NOT NULL is not supported yet").Do("leave it out: every column can hold NULL")
	}
	kind, err := b.kind(t)
	if err == nil && kind == types.Interval {
		return types.Invalid, b.fault(t.At, "a column can't be of type INTERVAL").Do("keep it as BIGINT, in a unit of your choice")
	}
	return kind, err
}

// kind resolves a type's name.
func (b *binder) kind(t *sql.TypeName) (types.Kind, error) {
	kind, ok := types.KindByName(t.Name)
	if !ok && t.Name == "TIMESTAMP_LTZ" {
		kind, ok = types.Timestamp, true // UTC, like TIMESTAMP
	}
	if !ok {
		return types.Invalid, b.unknownType(t)
	}
	if len(t.Params) == 0 {
		return kind, nil
	}
	const most = 6
	if kind != types.Timestamp || len(t.Params) > 1 {
		return types.Invalid, b.fault(t.At, "%s takes no parameters here", t.Name).Do("write %s", kind)
	}
	if p := t.Params[0]; p < 0 || p > most {
		return types.Invalid, b.fault(t.At, "a TIMESTAMP has at most %d digits after the second, not %d", most, p).Do("write TIMESTAMP, which keeps microseconds")
	}
	return kind, nil
}

func (b *binder) unknownType(t *sql.TypeName) error {
	instead := ""
	switch t.Name {
	case "TINYINT", "SMALLINT":
		instead = "INT"
	case "FLOAT", "REAL", "DECIMAL", "NUMERIC", "DEC":
		instead = "DOUBLE"
	case "CHAR", "CHARACTER", "JSON":
		instead = "STRING"
	case "BINARY", "BLOB":
		instead = "BYTES"
	case "TIME", "ARRAY", "MAP", "ROW", "MULTISET", "RAW":
		return b.fault(t.At, "the type %s is not supported yet", t.Name).Do("leave the column out, or declare it STRING where the data hold text")
	default:
		names := kindNames()
		return b.fault(t.At, "unknown type %s", t.Name).Do("%s", suggest(t.Name, names, "the types are "))
	}
	return b.fault(t.At, "the type %s is not supported yet", t.Name).Do("write %s", instead)
}

func kindNames() []string {
	kinds := []types.Kind{types.Boolean, types.Int, types.BigInt, types.Double, types.String, types.Bytes, types.Date, types.Timestamp}
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.String()
	}
	return names
}

// declareEventTime reads WATERMARK FOR ts AS ts, or ts - INTERVAL '5' SECOND.
func (b *binder) declareEventTime(t *spec.Table, w *sql.WatermarkDef) error {
	i := t.Schema.Index(w.Column.Name)
	if i < 0 {
		return b.unknownColumn(w.Column.At, w.Column.Name, t.Schema, t.Name)
	}
	if kind := t.Schema.Columns[i].Kind; kind != types.Timestamp {
		return b.fault(w.Column.At, "the event-time column %s is %s, and must be TIMESTAMP", w.Column.Name, kind).
			Do("declare it as TIMESTAMP; the option 'json.timestamp-format' says how the records hold it")
	}
	delay, err := b.delay(w)
	if err != nil {
		return err
	}
	t.EventTime = &spec.EventTime{Column: w.Column.Name, MaxOutOfOrderness: delay}
	return nil
}

// unknownColumn says that a table has no such column.
func (b *binder) unknownColumn(at sql.Pos, name string, s types.Schema, table string) error {
	names := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		names[i] = c.Name
	}
	e := fault.New(fault.User, at.In(b.file), "unknown column %s", name)
	if table != "" {
		e = fault.New(fault.User, at.In(b.file), "unknown column %s in %s", name, table)
	}
	return e.Do("%s", suggest(name, names, "the columns are "))
}
