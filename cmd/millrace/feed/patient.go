package feed

import (
	"context"
	"io"
)

// patientReader reads from what may be silent for ever, such as a terminal, and gives up when it is told to. Nothing can
// take back a read that waits for the standard input: its goroutine stays behind with a buffer of its own, and ends with
// the next input or with the process.
type patientReader struct {
	r    io.Reader
	done <-chan struct{}
	why  func() error

	buffer  []byte
	results chan readResult
}

type readResult struct {
	n   int
	err error
}

func newPatientReader(r io.Reader) *patientReader {
	return &patientReader{r: r, buffer: make([]byte, 1<<16), results: make(chan readResult, 1)}
}

// until makes Read end with ctx. Call it before the first Read.
func (p *patientReader) until(ctx context.Context) {
	p.done, p.why = ctx.Done(), func() error { return context.Cause(ctx) }
}

// Read reads once, or returns why it is done.
func (p *patientReader) Read(into []byte) (int, error) {
	part := p.buffer[:min(len(p.buffer), len(into))]
	go func() {
		n, err := p.r.Read(part)
		p.results <- readResult{n, err}
	}()
	select {
	case got := <-p.results:
		return copy(into, part[:got.n]), got.err
	case <-p.done:
		return 0, p.why()
	}
}
