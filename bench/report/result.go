package report

import (
	"cmp"
	"slices"

	"github.com/millrace/millrace/bench/measure"
)

// Result is the runs of one engine on one query, put together: each figure is the median of the runs.
type Result struct {
	Query         string `json:"query"`
	Engine        string `json:"engine"`
	EngineVersion string `json:"engine_version"`
	Guarantee     string `json:"guarantee"`
	// CommitIntervalMillis is what the engine was told: the commit's, checkpoint's or trigger's.
	CommitIntervalMillis int64 `json:"commit_interval_ms"`
	Events               int64 `json:"events"`
	Runs                 int   `json:"runs"`
	measure.Outcome
	// Lowest and highest of the main figure.
	LowestPerCPUSecond  float64 `json:"lowest_events_per_cpu_second"`
	HighestPerCPUSecond float64 `json:"highest_events_per_cpu_second"`
	// Fault is why the engine has no figures on this query.
	Fault string `json:"fault,omitempty"`
}

// Put takes the runs of one engine on one query together. Head holds what the runs do not say.
func Put(head Result, runs []Run) Result {
	var good []measure.Outcome
	for _, r := range runs {
		if r.Fault != "" {
			head.Fault = r.Fault
			continue
		}
		good = append(good, r.Outcome)
	}
	if head.Runs = len(good); head.Runs == 0 {
		return head
	}
	perCPU := func(o measure.Outcome) float64 { return o.EventsPerCPUSecond }
	head.Outcome = measure.Outcome{
		EventsPerCPUSecond:      median(good, perCPU),
		EventsPerCPUSecondWhole: median(good, func(o measure.Outcome) float64 { return o.EventsPerCPUSecondWhole }),
		EventsPerSecond:         median(good, func(o measure.Outcome) float64 { return o.EventsPerSecond }),
		EventsPerSecondWhole:    median(good, func(o measure.Outcome) float64 { return o.EventsPerSecondWhole }),
		CPUSeconds:              median(good, func(o measure.Outcome) float64 { return o.CPUSeconds }),
		Seconds:                 median(good, func(o measure.Outcome) float64 { return o.Seconds }),
		PeakRSSBytes:            median(good, func(o measure.Outcome) int64 { return o.PeakRSSBytes }),
		FirstResultSeconds:      median(good, func(o measure.Outcome) float64 { return o.FirstResultSeconds }),
		BrokerBytes:             median(good, func(o measure.Outcome) int64 { return o.BrokerBytes }),
		BrokerCPUSeconds:        median(good, func(o measure.Outcome) float64 { return o.BrokerCPUSeconds }),
		OutputRecords:           median(good, func(o measure.Outcome) int64 { return o.OutputRecords }),
		OutputRows:              good[0].OutputRows, OutputSum: good[0].OutputSum, OutputDigest: good[0].OutputDigest, // they are all the same
	}
	byMain := func(a, b measure.Outcome) int { return cmp.Compare(perCPU(a), perCPU(b)) }
	head.LowestPerCPUSecond, head.HighestPerCPUSecond = perCPU(slices.MinFunc(good, byMain)), perCPU(slices.MaxFunc(good, byMain))
	return head
}

// median is the middle value, the mean of the two in the middle where their number is even.
func median[N int64 | float64](outcomes []measure.Outcome, of func(measure.Outcome) N) N {
	values := make([]N, len(outcomes))
	for i, o := range outcomes {
		values[i] = of(o)
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}
