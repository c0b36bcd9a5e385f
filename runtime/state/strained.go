package state

// Strained is a Backend that puts work off when it is written to, and may get behind with it.
type Strained interface {
	// Strained says that it is behind: before long writes will have to wait, those of other tasks as well. Who is in no hurry writes
	// again later. It is safe for concurrent use, and costs too much to be asked for each row.
	Strained() bool
}
