package nexmark

// The shape of the stream.
const (
	// group is a person, three auctions and 46 bids.
	group           = 50
	auctionsInGroup = 3
	firstBid        = 1 + auctionsInGroup

	firstID       = 1000
	firstCategory = 10
	categories    = 5

	activePeople    = 1000
	auctionsRunning = 100
	idsAhead        = 10 // a bid may come before its auction
	hotEvery        = 100
)

// Generator makes events. It never changes: any number of goroutines may use it.
type Generator struct {
	c      Config
	seed   uint64
	pool   []byte
	prices *prices
}

// New returns the generator of a data set, or a User error.
func New(c Config) (*Generator, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	seed := mix(c.Seed + golden)
	return &Generator{c: c, seed: seed, pool: newPool(seed), prices: newPrices()}, nil
}

// Config returns the configuration with its defaults filled in.
func (g *Generator) Config() Config { return g.c }

// Event returns the event at a position, counted from 0, of the stream.
func (g *Generator) Event(position int64) Event {
	n, size := g.c.FirstEvent+position, g.c.OutOfOrderGroup
	if size > 1 {
		at := n % size
		n += at*shuffleFactor%size - at
	}
	e := Event{ID: n, Millis: g.millis(n), Kind: Bid}
	switch place := n % group; {
	case place == 0:
		e.Kind = Person
	case place < firstBid:
		e.Kind = Auction
	}
	return e
}

func (g *Generator) millis(id int64) int64 {
	// Split, so that a large id does not overflow.
	seconds, rest := id/g.c.EventsPerSecond, id%g.c.EventsPerSecond
	return g.c.StartMillis + seconds*1000 + rest*1000/g.c.EventsPerSecond
}

func (g *Generator) random(e Event, f field) random { return randomOf(g.seed, e.ID, f) }

// lastPerson is the number, from 0, of the person that registered last.
func lastPerson(id int64) int64 { return id / group }

// lastAuction is the number, from 0, of the auction that was opened last; for an auction its own.
func lastAuction(id int64) int64 {
	return id/group*auctionsInGroup + min(id%group-1, auctionsInGroup-1)
}

// somebody returns the number of one of the active people, or of one who is about to register.
func somebody(r *random, id int64) int64 {
	people := lastPerson(id) + 1
	active := min(people, activePeople)
	return people - active + r.below(active+idsAhead)
}
