package plan

import (
	"math/rand/v2"
	"slices"
	"time"
)

// How far apart faults are, in milliseconds. Most last for a second or so, and many meet.
const (
	leastGap = 1000
	mostGap  = 6000
)

// deck is what faults are drawn from: each once before any comes again, so that a short run sees every kind too. Times
// are in milliseconds, from least to most.
func deck() []card {
	return []card{
		{kind: Kill, most: 2000},
		{kind: Kill, most: 500},
		{kind: Kill, least: 10_500, most: 13_000}, // it is back after its session: others have its tasks
		{kind: Wipe, most: 2000},
		{kind: Stop, least: 500, most: 6000},
		{kind: Stop, least: 10_500, most: 15_000}, // longer than a session and a transaction: it goes on as a zombie
		{kind: Cut},
		{kind: Cut},
		{kind: Lose, least: 100, most: 3000},
		{kind: Lose, least: 100, most: 3000},
		{kind: Lose, least: 10_500, most: 13_000},     // longer than a session
		{kind: LoseEnds, least: 10_500, most: 13_000}, // longer than the end of a transaction is waited for
		{kind: LoseEnds, least: 100, most: 5000},
		{kind: Stall, to: ToBroker, least: 200, most: 4000},
		{kind: Stall, to: ToWorkers, least: 200, most: 4000},
		{kind: Delay, to: ToBroker, least: 1000, most: 5000, mostBy: 1500},
		{kind: Delay, to: ToWorkers, least: 1000, most: 5000, mostBy: 300},
		{kind: LateMarkers, least: 2000, most: 6000, mostBy: 1000},
		{kind: BrokerKill, most: 2000},
	}
}

// card is a fault that is not yet drawn in full.
type card struct {
	kind                Kind
	to                  Direction
	least, most, mostBy int64
}

// Draw returns the plan of a seed: 1, 4 and 2 workers in turn, and faults from the first second to the last.
func Draw(seed uint64, length time.Duration) Plan {
	r := rand.New(rand.NewPCG(seed, uint64(length)))
	const few, many, parts = 2, 4, 6
	up, down := round(length/parts), round((parts-2)*length/parts)
	p := Plan{{At: 0, Kind: Scale, Workers: 1}, {At: up, Kind: Scale, Workers: many}, {At: down, Kind: Scale, Workers: few}}
	workers := func(at time.Duration) int {
		switch {
		case at < up:
			return 1
		case at < down:
			return many
		default:
			return few
		}
	}
	var cards []card
	for at := gap(r); at < length; at += gap(r) {
		if len(cards) == 0 {
			cards = deck()
			r.Shuffle(len(cards), func(i, j int) { cards[i], cards[j] = cards[j], cards[i] })
		}
		p = append(p, cards[0].draw(r, at, workers(at)))
		cards = cards[1:]
	}
	slices.SortStableFunc(p, func(a, b Fault) int { return int(a.At - b.At) })
	return p
}

func gap(r *rand.Rand) time.Duration { return millis(leastGap + r.Int64N(mostGap-leastGap)) }

func millis(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// draw fills in what the card leaves open.
func (c card) draw(r *rand.Rand, at time.Duration, workers int) Fault {
	f := Fault{At: at, Kind: c.kind, To: c.to}
	has, _ := fieldsOf(c.kind)
	if has.worker {
		f.Worker = r.IntN(workers)
	}
	if has.duration {
		f.For = millis(c.least + r.Int64N(c.most-c.least+1))
	}
	if has.by {
		f.By = millis(1 + r.Int64N(c.mostBy))
	}
	return f
}
