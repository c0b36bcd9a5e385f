package state

// Rooted is a Store that may outlive the changelog that it follows: a job that was deleted and made again has new topics,
// and offsets of the old ones mean nothing there.
type Rooted interface {
	// Root says which changelog the store follows from now on, by the id of its topic. A store that followed another one
	// becomes empty, at the zero position. It comes after Open and before anything else.
	Root(changelog string) error
}
