package launch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/cmd/millrace/collect"
	"github.com/millrace/millrace/cmd/millrace/feed"
	"github.com/millrace/millrace/cmd/millrace/progress"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/worker"
)

// run is one run of a job: what was opened for it, and what looks at it.
type run struct {
	options    *Options
	job        *job
	broker     *broker
	began      time.Time
	display    *progress.Display
	feeds      []*feed.Feed
	workers    []*worker.Worker
	collectors []*collect.Collector
	closers    []func() error
	succeeded  bool
	fed        chan struct{} // closed when the inputs are in their topics, to the last record
}

// Run runs a job to the end of its inputs, or until ctx ends; then it commits what it has and leaves. Mistakes of the
// user are found before anything is written.
func Run(ctx context.Context, o Options) (err error) {
	r := &run{options: &o, began: time.Now(), fed: make(chan struct{})}
	defer func() { err = errors.Join(err, r.close()) }()
	if r.job, err = load(ctx, &o); err != nil {
		return err
	}
	if o.Parallelism > 0 {
		r.job.parallelism = o.Parallelism
	}
	if err := bind(&o, r.job); err != nil {
		return err
	}
	sources, err := openInputs(&o, r.job.tables)
	if err != nil {
		return err
	}
	for _, s := range sources {
		r.closers = append(r.closers, s.Close)
	}
	if r.broker, err = openBroker(ctx, o.Kafka); err != nil {
		return err
	}
	r.closers = append(r.closers, func() error { r.broker.close(); return nil })
	if err := r.prepare(ctx, sources); err != nil {
		return err
	}
	return r.work(ctx)
}

// bounded says that the run ends by itself: its inputs are files, or are made and have an end, or the job is to read what there is.
func (r *run) bounded() bool {
	return r.job.batch || len(r.options.Inputs) > 0 || len(r.job.plan.SourceTopics()) == 0 && r.job.plan.Ends()
}

func (r *run) close() error {
	var err error
	for _, closer := range slices.Backward(r.closers) {
		err = errors.Join(err, closer())
	}
	return err
}

// prepare creates topics, outputs, feeds and workers.
func (r *run) prepare(ctx context.Context, sources []*feed.Source) error {
	plan, wanted := r.job.plan, map[string]int32{}
	for _, t := range append(plan.SourceTopics(), plan.SinkTopics()...) {
		wanted[t] = max(1, r.job.partitions[t])
	}
	var mustExist []string
	if r.options.Kafka != "" {
		mustExist = missing(plan.SourceTopics(), r.options.Inputs)
	}
	counts, err := r.broker.ensure(ctx, wanted, mustExist)
	if err != nil {
		return err
	}
	if err := r.prepareFeeds(sources, counts); err != nil {
		return err
	}
	r.display = progress.Start(ctx, r.options.Stderr, r.options.Terminal, r.look)
	r.closers = append(r.closers, func() error { r.display.Stop(); return nil })
	if err := r.prepareCollectors(ctx); err != nil {
		return err
	}
	if err := r.prepareInternal(ctx); err != nil {
		return err
	}
	return r.prepareWorkers(ctx)
}

// prepareInternal creates the job's internal topics: workers that start while these are being made stall for seconds.
func (r *run) prepareInternal(ctx context.Context) error {
	admin, err := kafka.NewAdmin(r.kafka())
	if err != nil {
		return err
	}
	defer admin.Close()
	var topics []kafka.InternalTopic
	for _, t := range r.job.plan.Internal(r.job.topics()) {
		topics = append(topics, kafka.InternalTopic{Name: t.Name, Partitions: t.Partitions})
	}
	return admin.CreateInternal(ctx, topics, kafka.Durability{})
}

func (r *run) kafka() kafka.Options {
	return kafka.Options{Brokers: r.broker.addresses, ClientID: "millrace"}
}

func (r *run) prepareFeeds(sources []*feed.Source, counts map[string]int32) error {
	if len(sources) == 0 {
		return nil
	}
	client, err := r.broker.client(kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchCompression(kgo.Lz4Compression()))
	if err != nil {
		return err
	}
	r.closers = append(r.closers, func() error { client.Close(); return nil })
	for i, b := range r.options.Inputs {
		r.feeds = append(r.feeds, feed.New(client, b.Topic, counts[b.Topic], sources[i]))
	}
	return nil
}

func (r *run) prepareCollectors(ctx context.Context) error {
	stdout := r.options.Stdout
	if r.options.Terminal {
		stdout = r.display
	}
	for _, b := range r.options.Outputs {
		from, err := r.broker.ends(ctx, b.Topic)
		if err != nil {
			return err
		}
		client, err := r.broker.reader(b.Topic, from)
		if err != nil {
			return err
		}
		r.closers = append(r.closers, func() error { client.Close(); return nil })
		out, err := openOutput(r.options, b, r.job.sink(b.Topic), stdout)
		if err != nil {
			return err
		}
		c := collect.New(client, b.Topic, from, out)
		r.collectors = append(r.collectors, c)
		// A file of a run that failed before its first row stays empty; what was committed before a failure is whole.
		r.closers = append(r.closers, func() error { return out.close(r.succeeded || c.Rows() > 0) })
	}
	return nil
}

func (r *run) prepareWorkers(ctx context.Context) error {
	backend, err := openState(ctx, r.options, r.job)
	if err != nil {
		return err
	}
	r.closers = append(r.closers, backend.Close)
	ends, err := r.rangeEnds(ctx)
	if err != nil {
		return err
	}
	for i := range r.job.parallelism {
		w, err := worker.New(worker.Config{
			Plan: r.job.plan, Topics: r.job.topics(), Epoch: 1, Ordinal: i, MaxOrdinal: r.job.parallelism - 1,
			Kafka: r.kafka(), Backend: backend,
			CommitInterval: r.job.commitInterval, StartFrom: r.job.startFrom, Bounded: r.bounded(), InputComplete: r.fed, Ends: ends,
			MaxWatermarkDrift: r.job.maxDrift, MaxExchangeBytes: r.job.maxExchangeBytes, ShedLagRecords: r.job.shedLagRecords,
			Logger: r.options.Logger,
		})
		if err != nil {
			return err
		}
		r.workers = append(r.workers, w)
	}
	return nil
}

// place adds the line of the input file to an error about a record that came from one.
func (r *run) place(err error) error {
	at, ok := fault.PlaceOf(err)
	if !ok || at.Topic == "" {
		return err
	}
	for _, f := range r.feeds {
		if f.Topic() == at.Topic && r.options.Kafka == "" {
			return fmt.Errorf("%s: %w", f.PlaceOf(at.Partition, at.Offset), err)
		}
	}
	return err
}
