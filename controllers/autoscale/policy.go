package autoscale

import "time"

// Policy is what a user wants of a job's workers.
type Policy struct {
	// Min and Max bound the number of workers: 1 ≤ Min ≤ Max.
	Min, Max int
	// Target is the share of their time that workers should be in use, above 0 and at most 1.
	Target float64
	// LagObjective is how long records may wait: past it, a lag that grows is acted on at once.
	LagObjective time.Duration
	// CatchUp is how quickly a backlog should be gone; 0 leaves backlogs out of the need.
	CatchUp time.Duration
	// ScaleDownDelay is how long all needs must have been lower before workers are taken away.
	ScaleDownDelay time.Duration
	// ZeroAfter is how long nothing may arrive before all workers go; 0 keeps them.
	ZeroAfter time.Duration
}

// The constants of the autoscaler, in wall-clock time.
const (
	// Window is over what rates are taken, and ShortWindow is over what they are where lag grows past its objective.
	Window      = time.Minute
	ShortWindow = 30 * time.Second
	// Stale is how old the newest sample may be, and how far two may be apart.
	Stale = 45 * time.Second
	// Stuck is how long workers may take to become ready before it is acted without those that are missing.
	Stuck = 5 * time.Minute
	// DefaultSettling is the settling time of a job that was never scaled, MaxSettling the longest that counts.
	DefaultSettling = 30 * time.Second
	MaxSettling     = 10 * time.Minute
	// HoldIneffective is how long a job is not given more workers after the last ones brought nothing. It doubles each time, up to MaxHold.
	HoldIneffective = 10 * time.Minute
	MaxHold         = 2 * time.Hour
	// WakeAfter is how long a job without workers rests before it gets some for a while even without input: brokers forget the
	// offsets of a group that nobody is in after offsets.retention.minutes, a week unless somebody shortened it.
	WakeAfter = 24 * time.Hour
)

const (
	// tolerance is how far the need may be above the number of workers without a change.
	tolerance = 0.1
	// backlogged is the lag, in terms of input, at which what workers do is what they can do.
	backlogged = 30 * time.Second
	// doubt is how far capacity by time in use may be above what was observed.
	doubt = 1.15
	// inUse is the share of their time that workers are in use at least when a backlog shows what they can do: where it is less, some are
	// full and others wait, which more of them do not change.
	inUse = 0.5
	// waiting is the share of time below which workers are not the limit, whatever the lag, and blocked the share of backpressure
	// from which the brokers are.
	waiting, blocked = 0.3, 0.5
	// gainExpected is the least part of the throughput that was expected of more workers.
	gainExpected = 0.1
	// skew is how far a task is above the mean of the others of its stage when its stage is skewed.
	skew = 2
	// leastBusy is the share of a worker's time below which a task that makes no rows does nothing.
	leastBusy = 0.01
	// half is the largest part of the workers that goes at a time.
	half = 2
)
