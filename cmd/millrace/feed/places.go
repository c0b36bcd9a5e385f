package feed

import (
	"slices"
	"sync"
)

// maxBreaks bounds what is remembered of where a file's rows are; about 1 MiB.
const maxBreaks = 1 << 16

// places knows on which line each row is. Rows mostly follow each other line by line; only where they do not, behind an empty
// line or a field of several lines, is something remembered. It is safe for concurrent use.
type places struct {
	mu     sync.Mutex
	breaks []lineBreak
	lost   bool // more breaks than are remembered; places behind the last are not known
}

// lineBreak says that the row, counted from 0, is on the line, and each that follows one further.
type lineBreak struct {
	row  int64
	line int
}

// at notes the line of a row; rows come in order.
func (p *places) at(row int64, line int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.breaks); n > 0 && line-p.breaks[n-1].line == int(row-p.breaks[n-1].row) {
		return
	}
	if len(p.breaks) == maxBreaks {
		p.lost = true
		return
	}
	p.breaks = append(p.breaks, lineBreak{row, line})
}

// line returns the line of a row, 0 when it is not known.
func (p *places) line(row int64) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, found := slices.BinarySearchFunc(p.breaks, row, func(b lineBreak, row int64) int { return int(b.row - row) })
	if !found {
		i--
	}
	if i < 0 || p.lost && i == len(p.breaks)-1 {
		return 0
	}
	return p.breaks[i].line + int(row-p.breaks[i].row)
}
