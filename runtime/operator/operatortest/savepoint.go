package operatortest

import (
	"bytes"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// Export returns the rows of the records of a store that begin with prefix, and the mark of the export, if there is one.
func Export(t *testing.T, c operator.StateCodec, from state.Store, prefix string) (rows *batch.Batch, marks []int64) {
	t.Helper()
	rows = &batch.Batch{}
	var kinds []types.Kind
	for _, column := range c.Columns() {
		kinds = append(kinds, column.Kind)
	}
	rows.Reset(kinds)
	export := c.Export()
	err := from.Scan([]byte(prefix), nil, func(key, value []byte) error {
		key, ok := bytes.CutPrefix(key, []byte(prefix))
		if !ok {
			return nil
		}
		return export.Rows(key, value, rows)
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows.Columns {
		if n := rows.Columns[i].Len(); n != rows.Length {
			t.Fatalf("column %s has %d values in %d rows", c.Columns()[i].Name, n, rows.Length)
		}
	}
	if mark, ok := export.Mark(); ok {
		marks = append(marks, mark)
	}
	return rows, marks
}

// savepoint moves the state to an empty store by way of rows: the operator goes on there.
func (p *player) savepoint() {
	p.t.Helper()
	p.commit()
	rows, marks := Export(p.t, p.c.Codec, p.store, statePrefix)
	p.must(p.store.Close())
	p.must(p.backend.Close())
	p.backend = p.c.Backend()
	store, err := p.backend.Open(task)
	p.must(err)
	view := state.NewView(store, []byte(statePrefix))
	in := p.c.Codec.Import(marks)
	for row := range rows.Length {
		p.must(in.Record(rows, row, view.Put))
	}
	p.must(in.Finish(view.Put))
	_, err = view.Seal()
	p.must(err)
	p.commits++
	p.must(view.Commit(state.Position{Commit: p.commits}))
	p.must(store.Close())
	p.open()
	p.must(p.op.Advance(p.watermark, &p.record))
}
