package savepoints

import (
	"context"
	"fmt"
	"strings"

	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/snapshot"
)

// Inspect prints what is in a savepoint, by its manifest; as JSON it is the manifest.
func Inspect(ctx context.Context, o Options) error {
	return o.with(ctx, func(blobs snapshot.Blobs) error {
		m, err := o.find(ctx, blobs)
		if err != nil {
			return err
		}
		if o.Layout == JSON {
			return o.printJSON(m)
		}
		return o.printManifest(m)
	})
}

func (o *Options) printManifest(m *savepoint.Manifest) error {
	w := table(o.Stdout)
	w.line("savepoint:", m.ID)
	w.line("job:", m.Job)
	w.line("kind:", or(m.Kind))
	w.line("taken:", moment(m.TakenAt))
	w.line("epoch:", number(m.Epoch)+", state of epoch "+number(m.StateEpoch))
	w.line("plan:", m.PlanHash+", state "+m.StateHash)
	w.line("maxParallelism:", number(int64(m.MaxParallelism)))
	w.line("total:", fmt.Sprintf("%d rows, %s in %d files", m.Totals.Rows, size(m.Totals.Bytes), m.Totals.Files))
	if err := w.w.Flush(); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(o.Stdout)
	w = table(o.Stdout)
	w.line("SOURCE", "PARTITION", "OFFSET", "WATERMARK")
	for _, s := range m.Sources {
		mark := watermark(s.Watermark)
		if s.Idle {
			mark += ", idle"
		}
		w.line(s.Topic, number(int64(s.Partition)), number(s.Offset), mark)
	}
	if err := w.w.Flush(); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(o.Stdout)
	w = table(o.Stdout)
	w.line("OPERATOR", "ROWS", "SIZE", "FILES", "COLUMNS")
	for i := range m.Operators {
		p := &m.Operators[i]
		w.line(p.ID, number(p.Totals.Rows), size(p.Totals.Bytes), number(int64(p.Totals.Files)), columns(p.Columns))
	}
	if err := w.w.Flush(); err != nil || !o.Files {
		return err
	}
	return o.printFiles(m)
}

func columns(list []savepoint.Column) string {
	texts := make([]string, len(list))
	for i, c := range list {
		if texts[i] = c.Name + " " + c.Kind.String(); c.Wide {
			texts[i] = c.Name + " DECIMAL(38, 0)"
		}
	}
	return strings.Join(texts, ", ")
}

func (o *Options) printFiles(m *savepoint.Manifest) error {
	_, _ = fmt.Fprintln(o.Stdout)
	w := table(o.Stdout)
	w.line("FILE", "ROWS", "SIZE", "SHA256")
	for i := range m.Operators {
		for _, p := range m.Operators[i].Partitions {
			for _, f := range p.Files {
				w.line(f.Name, number(f.Rows), size(f.Size), f.SHA256)
			}
		}
	}
	return w.w.Flush()
}
