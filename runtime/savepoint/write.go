package savepoint

import (
	"bytes"
	"context"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/state"
)

// maxFiles bounds the files of an operator in a task: a terabyte.
const maxFiles = 64 << 10

// limits bound what is held before it is written, in bytes of rows as they lie in memory. A file is held until it is
// uploaded, in the form that it has in the store.
type limits struct{ batchBytes, groupBytes, fileBytes int }

func standard() limits {
	return limits{batchBytes: 256 << 10, groupBytes: 4 << 20, fileBytes: 16 << 20}
}

// WriteTask writes the state of a task as it is frozen, and then the task's part, and returns this with its digest: the fact
// that the task commits. A task without state passes nil and no codecs. It may run while the task goes on; the caller closes
// what is frozen. After an error what was written is left: it goes with the savepoint.
//
// The state of an operator that no codec names is an error of kind Bug: the codecs are those of the plan that runs.
func WriteTask(ctx context.Context, blobs snapshot.Blobs, files Files, h Header, frozen state.Frozen, codecs []operator.NamedCodec) (part Part, digest string, err error) {
	return writeTask(ctx, blobs, files, h, frozen, codecs, standard())
}

func writeTask(
	ctx context.Context, blobs snapshot.Blobs, files Files, h Header, frozen state.Frozen, codecs []operator.NamedCodec, l limits,
) (part Part, digest string, err error) {
	if err := h.check(); err != nil {
		return Part{}, "", err
	}
	w := &writing{limits: l, files: files, ctx: func() error { return context.Cause(ctx) }, header: h, codecs: codecs, parts: map[string]OperatorPart{}}
	w.upload = func(name string, content []byte, sum string) error {
		return put(ctx, blobs, dir(h.Job, h.ID)+name, content, sum)
	}
	if frozen != nil {
		if err := frozen.Each(w.add); err != nil {
			return Part{}, "", err
		}
	}
	if err := w.end(); err != nil {
		return Part{}, "", err
	}
	part = Part{Layout: Layout, Header: h, Operators: make([]OperatorPart, 0, len(codecs))}
	for _, c := range codecs {
		one, ok := w.parts[c.ID]
		if !ok {
			one = partOf(c)
		}
		part.Operators = append(part.Operators, one)
	}
	text, err := seal(part)
	if err != nil {
		return Part{}, "", err
	}
	digest = checksum(text)
	if err := put(ctx, blobs, h.name(), text, digest); err != nil {
		return Part{}, "", err
	}
	return part, digest, nil
}

// writing is a part on its way.
type writing struct {
	limits

	files  Files
	header Header
	codecs []operator.NamedCodec
	upload func(name string, content []byte, sum string) error
	// ctx returns why to stop, or nil.
	ctx     func() error
	records int
	parts   map[string]OperatorPart

	// The operator at hand, whose records begin with prefix; empty before the first.
	prefix []byte
	export operator.StateExport
	part   OperatorPart
	batch  batch.Batch

	// The file at hand; file is nil when there is none.
	buffer        bytes.Buffer
	file          RowWriter
	rows          int64
	inGroup, size int
}

// add takes a record.
func (w *writing) add(key, value []byte) error {
	const look = 1 << 10 // records between two looks at the context
	if w.records++; w.records%look == 0 {
		if err := w.ctx(); err != nil {
			return err
		}
	}
	if len(w.prefix) == 0 || !bytes.HasPrefix(key, w.prefix) {
		if err := w.begin(key); err != nil {
			return err
		}
	}
	if err := w.export.Rows(key[len(w.prefix):], value, &w.batch); err != nil {
		return err
	}
	const often = 16 // rows between two looks at the size
	if w.batch.Length < batchRows && (w.batch.Length%often != 0 || w.batch.SizeBytes() < w.batchBytes) {
		return nil
	}
	return w.hand()
}

// begin ends the operator at hand and begins the one of a key.
func (w *writing) begin(key []byte) error {
	if err := w.end(); err != nil {
		return err
	}
	for _, c := range w.codecs {
		prefix := append([]byte(c.ID), 0)
		if !bytes.HasPrefix(key, prefix) {
			continue
		}
		if _, again := w.parts[c.ID]; again {
			return fault.New(fault.Bug, fault.Place{}, "the records of %s are not together", c.ID)
		}
		w.prefix, w.export = prefix, c.Export()
		w.part = partOf(c)
		w.batch.Reset(kindsOf(w.part.Columns))
		return nil
	}
	return fault.New(fault.Bug, fault.Place{}, "task %s/%d has state that no operator of its plan keeps", w.header.Stage, w.header.Partition)
}

// end ends the operator at hand.
func (w *writing) end() error {
	if len(w.prefix) == 0 {
		return nil
	}
	if err := w.hand(); err != nil {
		return err
	}
	if err := w.endFile(); err != nil {
		return err
	}
	if mark, ok := w.export.Mark(); ok {
		w.part.Mark = &mark
	}
	w.parts[w.part.ID] = w.part
	w.prefix = nil
	return nil
}

// hand writes the rows that wait.
func (w *writing) hand() error {
	if w.batch.Length == 0 {
		return nil
	}
	if w.file == nil {
		w.buffer.Reset()
		var err error
		if w.file, err = w.files.Create(&w.buffer, w.part.Columns); err != nil {
			return err
		}
	}
	if err := w.file.Write(&w.batch); err != nil {
		return fault.Wrap(fault.Bug, err, "write a file of a savepoint")
	}
	n := w.batch.SizeBytes()
	w.rows, w.inGroup, w.size = w.rows+int64(w.batch.Length), w.inGroup+n, w.size+n
	w.batch.Reset(kindsOf(w.part.Columns))
	switch {
	case w.size >= w.fileBytes:
		return w.endFile()
	case w.inGroup >= w.groupBytes:
		w.inGroup = 0
		if err := w.file.EndGroup(); err != nil {
			return fault.Wrap(fault.Bug, err, "write a file of a savepoint")
		}
	}
	return nil
}

// endFile uploads the file at hand.
func (w *writing) endFile() error {
	if w.file == nil {
		return nil
	}
	if err := w.file.Close(); err != nil {
		return fault.Wrap(fault.Bug, err, "write a file of a savepoint")
	}
	if len(w.part.Files) == maxFiles {
		return fault.New(fault.User, fault.Place{}, "the state of %s in task %s/%d has more than %d files", w.part.ID, w.header.Stage, w.header.Partition, maxFiles).
			Do("raise maxParallelism")
	}
	blob := w.buffer.Bytes()
	f := File{Name: w.header.file(w.part.ID, len(w.part.Files)), Size: int64(len(blob)), SHA256: checksum(blob), Rows: w.rows}
	if err := w.upload(f.Name, blob, f.SHA256); err != nil {
		return err
	}
	w.part.Files = append(w.part.Files, f)
	w.file, w.rows, w.inGroup, w.size = nil, 0, 0, 0
	return nil
}
