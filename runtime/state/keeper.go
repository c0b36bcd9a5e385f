package state

// Keeper is a Backend that keeps what a closed store holds, on this machine: a task that comes back goes on from there.
type Keeper interface {
	// Kept returns where the closed stores stand, by task; those that have never committed are left out. It is safe for
	// concurrent use.
	Kept() (map[string]Position, error)
}

// Sized is a Store that knows how much it holds.
type Sized interface {
	// Size returns about how many bytes are stored, on disk where that is where they are.
	Size() (int64, error)
}
