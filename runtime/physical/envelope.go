package physical

import (
	"fmt"
	"io"
	"math"
	"time"

	"github.com/millrace/millrace/runtime/spec"
)

// The envelope that Millrace is made for. A transaction leaves a marker in each partition that it has written to, which every replica
// writes and every reader skips: this, and not the rows, is what grows with the product of workers, partitions and commits.
const (
	// MostWorkers is the number of a job's workers.
	MostWorkers = 64
	// MostPartitions is the number of partitions of an exchange.
	MostPartitions = 256
	// MostExchanges is the number of a job's exchanges.
	MostExchanges = 5
	// MostMarkers is how many markers a second the transactions of a job's workers leave, all together, for each broker. Workers
	// commit less often rather than leave more.
	MostMarkers = 10_000
)

// TopicKind says what an internal topic is for.
type TopicKind string

// The kinds of internal topics.
const (
	CommitsTopic   TopicKind = "commits"
	ControlTopic   TopicKind = "control"
	ExchangeTopic  TopicKind = "exchange"
	ChangelogTopic TopicKind = "changelog"
	SplitsTopic    TopicKind = "splits"
)

// Load is what a job asks of its brokers at the most: when every worker commits at each interval, and each of these commits touches
// everything that it can.
type Load struct {
	// Workers is the number of workers, and Interval the longest time between two commits of one.
	Workers  int
	Interval time.Duration
	// Topics are the internal topics by kind, in the order in which the plan first names one.
	Topics []KindLoad
	// Exchanges is their number, and Partitions that of each one's partitions.
	Exchanges, Partitions int
	// Transactions and Markers are rates a second, over all workers; both are 0 where commits are no transactions.
	Transactions, Markers float64
}

// KindLoad is the number of internal topics of a kind, and that of their partitions, all together.
type KindLoad struct {
	Kind               TopicKind
	Topics, Partitions int
}

// Load returns what the plan asks of its brokers with so many workers that commit at an interval, above 0. Outputs holds the numbers of
// partitions of the topics that it writes, as far as they are known: any other counts as one.
func (p *Plan) Load(workers int, interval time.Duration, outputs map[string]int32) Load {
	l := Load{Workers: max(1, workers), Interval: interval, Partitions: p.MaxParallelism}
	shared, own := 1, 0 // a worker's transaction is in the partition of the group's offsets, too
	for _, t := range p.Internal(Topics{}) {
		l.add(t)
		switch t.Kind {
		case ExchangeTopic:
			l.Exchanges++
			shared += t.Partitions
		case ChangelogTopic:
			own += t.Partitions // each is one worker's
		case CommitsTopic, ControlTopic, SplitsTopic: // nothing goes there beside all the rest
		}
	}
	for _, name := range p.SinkTopics() {
		shared += int(max(1, outputs[name]))
	}
	if p.Delivery == "" || p.Delivery == spec.ExactlyOnce {
		l.Transactions = float64(l.Workers) / interval.Seconds()
		l.Markers = l.Transactions*float64(shared) + float64(own)/interval.Seconds()
	}
	return l
}

func (l *Load) add(t InternalTopic) {
	for i := range l.Topics {
		if k := &l.Topics[i]; k.Kind == t.Kind {
			k.Topics, k.Partitions = k.Topics+1, k.Partitions+t.Partitions
			return
		}
	}
	l.Topics = append(l.Topics, KindLoad{t.Kind, 1, t.Partitions})
}

// Warnings says in what the envelope is left, and what to do about it; nothing where it is kept.
func (l Load) Warnings() []string {
	var list []string
	warn := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if l.Workers > MostWorkers {
		warn("%d workers are more than the %d that Millrace is made for: lower parallelism, and give each worker more processors", l.Workers, MostWorkers)
	}
	if l.Exchanges > 0 && l.Partitions > MostPartitions {
		warn("%d partitions an exchange are more than the %d that Millrace is made for: lower maxParallelism", l.Partitions, MostPartitions)
	}
	if l.Exchanges > MostExchanges {
		warn("%d exchanges are more than the %d that Millrace is made for: split the job", l.Exchanges, MostExchanges)
	}
	if l.Markers > MostMarkers {
		const step, longest = 100 * time.Millisecond, 5 * time.Second // a transaction lives for ten
		remedy := "lower maxParallelism or parallelism"
		if longer := time.Duration(math.Ceil(float64(l.Interval)*l.Markers/MostMarkers/float64(step))) * step; longer <= longest {
			remedy = fmt.Sprintf("lower maxParallelism, or raise commitInterval to %v", longer)
		}
		warn("%s markers a second are more than the %d that workers leave for each broker, so with one broker they commit less often than each %v: %s",
			rate(l.Markers), MostMarkers, l.Interval, remedy)
	}
	return list
}

// Explain prints the load for people, under what Explain says of the plan.
func (l Load) Explain(w io.Writer) {
	_, _ = fmt.Fprintf(w, "on Kafka, with %s and a commit at least each %v\n", plural(l.Workers, "worker"), l.Interval)
	for _, k := range l.Topics {
		_, _ = fmt.Fprintf(w, "  %-9s  %s, %s\n", k.Kind, plural(k.Topics, "topic"), plural(k.Partitions, "partition"))
	}
	if l.Transactions > 0 {
		_, _ = fmt.Fprintf(w, "  at the most %s transactions and %s markers a second\n", rate(l.Transactions), rate(l.Markers))
	} else {
		_, _ = fmt.Fprintf(w, "  no transactions\n")
	}
	for _, s := range l.Warnings() {
		_, _ = fmt.Fprintf(w, "  warning: %s\n", s)
	}
}

// rate is a number a second in words: whole, or with one digit behind the point below ten.
func rate(n float64) string {
	const few = 10
	if n < few && n != math.Trunc(n) {
		return fmt.Sprintf("%.1f", n)
	}
	return fmt.Sprintf("%.0f", n)
}
