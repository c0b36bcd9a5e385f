package worker

import "time"

const (
	// commitShare bounds what early commits take of the time: one part of so many.
	commitShare = 4
	// shortestPause bounds how often a job asks its brokers for an early commit, however cheap that is. It is the
	// shortest interval that a StreamJob may ask for.
	shortestPause = 10 * time.Millisecond
	// costWeight smooths the cost over about so many commits.
	costWeight = 4
)

// pace decides when a commit is due. Under a backlog that is after the longest interval, because each commit costs the
// same whatever is in it. A worker that has caught up has nothing better to do than to make its results visible: it commits
// earlier, as long as commits stay a small part of its time. A slow broker so makes them rare by itself.
//
// However idle the worker is, commits are never closer than the markers allow that they leave: see stretch.
type pace struct {
	longest time.Duration
	least   time.Duration // between two commits; zero is no bound
	began   time.Time     // of the last commit; zero before the first, which is due at once
	ended   time.Time     // of the last commit
	cost    time.Duration // how long one takes, smoothed; zero before the first
}

// due says whether what is pending is to be committed.
func (p *pace) due(now time.Time, caughtUp bool) bool {
	since := now.Sub(p.began)
	return since >= p.interval() || caughtUp && since >= max(shortestPause, commitShare*p.cost, p.least)
}

// interval is the longest time between two commits.
func (p *pace) interval() time.Duration { return max(p.longest, p.least) }

// long says whether what was processed since the last commit took so long that a poll is to end for the next: the interval, or as long as
// commits take where that is more, so that they stay below half of the time.
func (p *pace) long(now time.Time) bool { return now.Sub(p.ended) >= max(p.interval(), p.cost) }

// took notes a commit. The first one counts as any other, though it does more: later ones soon outweigh it.
func (p *pace) took(began, ended time.Time) {
	p.began, p.ended = began, ended
	p.cost += (ended.Sub(began) - p.cost) / costWeight
}
