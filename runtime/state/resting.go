package state

// Resting is a Store that holds on to something between two looks, until the next Apply or Load.
type Resting interface {
	// Rest gives that back, where no Apply is to be expected soon.
	Rest() error
}
