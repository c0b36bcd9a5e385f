package state

// Changes is an ordered list of writes, held as columns. A later write to a key wins over an earlier one. The zero
// value is empty and ready; Reset keeps the memory.
type Changes struct {
	ops  []op
	data []byte
}

type opKind uint8

const (
	opPut opKind = iota
	opDelete
	opDeleteRange
)

type op struct {
	kind             opKind
	keyStart, keyEnd uint32
	valueEnd         uint32 // value or upper bound: data[keyEnd:valueEnd]
}
