package measure

import "time"

// sample is what was seen at one moment.
type sample struct {
	at               time.Duration // since the process's start
	cpu, brokerCPU   float64
	consumed, output int64
	done             bool // all input is committed
}

// window is what a run used between two samples.
type window struct {
	events             int64
	cpuSeconds, wall   float64
	brokerCPUSeconds   float64
	perCPU, perSeconds float64
}

func between(from, to sample) window {
	w := window{
		events: to.consumed - from.consumed, cpuSeconds: to.cpu - from.cpu, wall: (to.at - from.at).Seconds(),
		brokerCPUSeconds: to.brokerCPU - from.brokerCPU,
	}
	if w.cpuSeconds > 0 && w.wall > 0 {
		w.perCPU, w.perSeconds = float64(w.events)/w.cpuSeconds, float64(w.events)/w.wall
	}
	return w
}

// windows cuts samples: the whole run up to the last progress, and its warm half,
// which is the whole run where no commit was near the middle.
func windows(samples []sample, events int64) (whole, warm window) {
	last := lastProgress(samples)
	end := samples[last]
	end.consumed = events // offsets of markers are counted too, and the last commits may be seen late
	whole = between(sample{brokerCPU: samples[0].brokerCPU}, end)
	// the commit nearest to the middle; the first sample that shows it, since the later ones have worked on what comes next
	middle, off := sample{}, events
	for _, s := range samples[:last+1] {
		if d := max(s.consumed-events/2, events/2-s.consumed); d < off {
			middle, off = s, d
		}
	}
	if off > events/4 { // it committed too seldom for a half to be told from the whole
		return whole, whole
	}
	return whole, between(middle, end)
}

// lastProgress is the index of the last sample that differs from the one before it.
func lastProgress(samples []sample) int {
	last := 0
	for i, s := range samples {
		if s.consumed != samples[last].consumed || s.output != samples[last].output {
			last = i
		}
	}
	return last
}
