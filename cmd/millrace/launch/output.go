package launch

import (
	"compress/gzip"
	"errors"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/cmd/millrace/collect"
	"github.com/millrace/millrace/cmd/millrace/csvfile"
	"github.com/millrace/millrace/cmd/millrace/filetype"
	"github.com/millrace/millrace/cmd/millrace/parquetfile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/types"
)

// output is where a topic's rows go: the standard output, or a file, which is made only when everything else was found
// right.
type output struct {
	collect.Writer

	file io.Closer // nil for the standard output
	pack io.Closer // the compression, or nil
}

// columns returns the columns of what is written of a topic.
func (o *Options) columns(sink physical.Sink) (types.Schema, error) {
	if o.Changes {
		return collect.ChangeSchema(sink.Schema)
	}
	return sink.Schema, nil
}

func openOutput(o *Options, b Binding, sink physical.Sink, stdout io.Writer) (*output, error) {
	columns, err := o.columns(sink)
	if err != nil {
		return nil, err
	}
	kind, err := filetype.Of(b.File)
	if err != nil {
		return nil, err
	}
	out, w := &output{}, stdout
	if b.File != "-" {
		f, err := os.Create(b.File)
		if err != nil {
			return nil, fault.Wrap(fault.User, err, "create the output").At(fault.InField("--output " + b.Topic))
		}
		out.file, w = f, f
	}
	if w, err = out.wrap(w, kind.Compression); err != nil {
		return nil, errors.Join(err, out.close(false))
	}
	switch {
	case kind.Format == filetype.Parquet:
		var sheet *parquetfile.Writer
		if sheet, err = parquetfile.NewWriter(w, columns); err == nil {
			out.Writer, err = collect.NewColumns(sheet, sink.Format, columns)
		}
	case kind.Format == filetype.CSV || b.File == "-" && o.Layout == LayoutCSV:
		out.Writer, err = collect.NewColumns(csvfile.NewWriter(w, columns), sink.Format, columns)
	case b.File == "-" && o.Layout == LayoutTable:
		out.Writer = collect.NewTable(w, columns)
	default:
		out.Writer = collect.NewLines(w)
	}
	if err != nil {
		return nil, errors.Join(err, out.close(false))
	}
	if o.Changes {
		out.Writer = collect.NewChanges(out.Writer)
	}
	return out, nil
}

// wrap compresses what goes into w. Rows of a compressed file can be read when it is closed, or earlier by blocks.
func (out *output) wrap(w io.Writer, c filetype.Compression) (io.Writer, error) {
	switch c {
	case filetype.Gzip:
		z := gzip.NewWriter(w)
		out.pack = z
		return z, nil
	case filetype.Zstd:
		z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, fault.Wrap(fault.Bug, err, "make a zstd writer")
		}
		out.pack = z
		return z, nil
	case filetype.None:
		return w, nil
	default:
		return nil, fault.New(fault.Bug, fault.Place{}, "an unknown compression")
	}
}

// close ends the file; whole says that it gets its end, as column names above no rows.
func (out *output) close(whole bool) error {
	var err error
	if whole && out.Writer != nil {
		err = out.Close()
	}
	if out.pack != nil {
		err = errors.Join(err, out.pack.Close())
	}
	if out.file != nil {
		err = errors.Join(err, out.file.Close())
	}
	if err != nil {
		return fault.Wrap(fault.Transient, err, "end the output")
	}
	return nil
}
