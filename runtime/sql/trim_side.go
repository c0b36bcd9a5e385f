package sql

// TrimSide says where Trim takes from.
type TrimSide uint8

// The values of TrimSide.
const (
	// TrimBoth is both ends.
	TrimBoth TrimSide = iota + 1
	// TrimLeading is the start.
	TrimLeading
	// TrimTrailing is the end.
	TrimTrailing
)

// String returns the word in upper case.
func (t TrimSide) String() string {
	switch t {
	case TrimBoth:
		return "BOTH"
	case TrimLeading:
		return "LEADING"
	case TrimTrailing:
		return "TRAILING"
	default:
		return ""
	}
}
