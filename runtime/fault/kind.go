package fault

// Kind says who has to act on an error, and so what the program does with it.
type Kind uint8

// The kinds. The zero value is Unknown: an error that nobody classified is the world's.
const (
	// Unknown is an error that nobody classified; it is treated like Transient, but is not retried for ever.
	Unknown Kind = iota
	// User is a mistake in what a person wrote: SQL, manifest, flag, file. It does not go away by itself.
	User
	// Data is about one record or row: it did not decode, or an expression failed on it.
	Data
	// Transient is the world's: a broker away, a timeout, a disk full for now. Trying again can help.
	Transient
	// Corrupt is stored data that is not what was written: a checksum, a position that contradicts another.
	Corrupt
	// Fenced says that another owner has taken over; the holder stops and leaves everything as it is.
	Fenced
	// Bug is a broken invariant of Millrace itself.
	Bug
)

// String returns the kind as it appears in messages, metrics and conditions.
func (k Kind) String() string {
	switch k {
	case User:
		return "user"
	case Data:
		return "data"
	case Transient:
		return "transient"
	case Corrupt:
		return "corrupt"
	case Fenced:
		return "fenced"
	case Bug:
		return "bug"
	case Unknown:
		return "unknown"
	default:
		return "unknown"
	}
}
