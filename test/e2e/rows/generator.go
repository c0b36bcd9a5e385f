package rows

import "strconv"

const (
	firstMillis = 1_700_000_000_000 // a whole number of windows
	stepMillis  = 100
	sensors     = 7
	// everyNoise and everyLate are primes, so that they meet all sensors.
	everyNoise, everyLate = 13, 101
	lateMillis            = 60_000
	closeMillis           = 60_000
)

// Generator makes the readings of one partition, the same ones in every run.
type Generator struct {
	partition int64
	n, now    int64
}

// NewGenerator begins a partition.
func NewGenerator(partition int32) *Generator {
	return &Generator{partition: int64(partition), now: firstMillis}
}

// Beside begins another partition at the time where this one is.
func (g *Generator) Beside(partition int32) *Generator {
	return &Generator{partition: int64(partition), now: g.now}
}

// Next returns the next reading. Time moves on by a tenth of a second a reading; some readings come up to
// DisorderMillis behind, and a few so far behind that they are late.
func (g *Generator) Next() Reading {
	g.n++
	g.now += stepMillis
	r := Reading{Sensor: "sensor-" + strconv.FormatInt((g.n+g.partition)%sensors, 10), Value: g.n%17 - 3, TakenAt: g.now}
	if g.n%everyNoise == 0 {
		r.Sensor = Noise
	}
	switch {
	case g.n%everyLate == 0:
		r.TakenAt -= lateMillis
	case g.n%3 == 0:
		r.TakenAt -= g.n * 7 % DisorderMillis
	}
	return r
}

// At returns a reading of another sensor, at the time where the partition is.
func (g *Generator) At(sensor string) Reading {
	return Reading{Sensor: sensor, Value: 1, TakenAt: g.now}
}

// Close returns a reading so much later that all windows before it end.
func (g *Generator) Close() Reading {
	g.now += closeMillis
	return Reading{Sensor: closing, TakenAt: g.now}
}
