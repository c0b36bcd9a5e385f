package exchange

import "github.com/millrace/millrace/runtime/watermark"

// Header is what a record says besides its rows.
type Header struct {
	// JobEpoch is the epoch of the job that the sender ran.
	JobEpoch int64
	// Channels is the number of upstream tasks that the sender knew of. It only grows, and serves as the source epoch.
	Channels int
	// Marks are the channels of the sending worker, ascending.
	Marks []watermark.Mark
	// Rows is the number of rows.
	Rows int
}

// layout is that of a record with this header.
func (h *Header) layout() byte {
	for i := range h.Marks {
		if h.Marks[i].Cut != 0 || h.Marks[i].Owner != 0 {
			return layoutSaid
		}
	}
	return layoutVersion
}
