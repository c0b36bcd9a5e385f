package control

// Spent says what a worker's loop did with its time, in seconds. The parts make up the whole.
type Spent struct {
	// Busy is reading, computing and writing.
	Busy float64 `json:"busySeconds"`
	// Backpressure is waiting for brokers to take what was written, with input at hand.
	Backpressure float64 `json:"backpressureSeconds"`
	// Commit is ending transactions, with the flush before.
	Commit float64 `json:"commitSeconds"`
	// Idle is waiting for input.
	Idle float64 `json:"idleSeconds"`
}

// Plus returns the sum.
func (s Spent) Plus(t Spent) Spent {
	return Spent{s.Busy + t.Busy, s.Backpressure + t.Backpressure, s.Commit + t.Commit, s.Idle + t.Idle}
}

// Minus returns what came after t.
func (s Spent) Minus(t Spent) Spent {
	return Spent{s.Busy - t.Busy, s.Backpressure - t.Backpressure, s.Commit - t.Commit, s.Idle - t.Idle}
}

// Whole is the sum of the parts.
func (s Spent) Whole() float64 { return s.Busy + s.Backpressure + s.Commit + s.Idle }

// Shares returns the parts of the whole, from 0 to 1; all are 0 where no time has passed.
func (s Spent) Shares() Shares {
	whole := s.Whole()
	if whole <= 0 {
		return Shares{}
	}
	return Shares{s.Busy / whole, s.Backpressure / whole, s.Commit / whole, s.Idle / whole}
}

// Shares are the parts of a worker's time, each from 0 to 1.
type Shares struct {
	Busy         float64 `json:"busy"`
	Backpressure float64 `json:"backpressure"`
	Commit       float64 `json:"commit"`
	Idle         float64 `json:"idle"`
}
