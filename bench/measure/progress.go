package measure

import (
	"bytes"
	"io"
	"strconv"
	"sync"
)

// progress passes an engine's output on and adds up the lines "progress ROWS" in it.
type progress struct {
	to io.Writer

	mu   sync.Mutex
	line []byte
	rows int64
}

func (p *progress) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for rest := text; ; {
		part, after, whole := bytes.Cut(rest, []byte{'\n'})
		p.line = append(p.line, part...)
		if !whole {
			break
		}
		if number, ok := bytes.CutPrefix(p.line, []byte("progress ")); ok {
			if n, err := strconv.ParseInt(string(number), 10, 64); err == nil {
				p.rows += n
			}
		}
		p.line, rest = p.line[:0], after
	}
	return p.to.Write(text)
}

func (p *progress) total() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rows
}
