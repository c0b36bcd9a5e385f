package worker

// turn is a lock: the loop and the group's callbacks take turns with the tasks. It is a channel and not a mutex because
// a goroutine that waits for a channel lets a test's fake time go on, and one that waits for a mutex does not.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

func (t turn) take() { t <- struct{}{} }

func (t turn) give() { <-t }
