package load

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/nexmark"
)

const (
	linger          = 20 * time.Millisecond
	batchBytes      = 256 << 10
	bufferedRecords = 100_000
	slabRecords     = 1024
	slabBytes       = 512 << 10
	closingMillis   = 3_600_000
	metadataAge     = 100 * time.Millisecond
	deletePatience  = time.Minute
	retryPause      = 100 * time.Millisecond
)

type loader struct {
	Config
	how       []kgo.Opt
	client    *kgo.Client
	admin     *kadm.Client
	generator *nexmark.Generator
	progress  *Progress
	failure   atomic.Pointer[error] // the first record that was not stored
}

// Run loads what is not there yet. How says how to reach the brokers; p may be watched meanwhile.
func Run(ctx context.Context, c Config, p *Progress, how ...kgo.Opt) (Result, error) {
	if err := c.check(); err != nil {
		return Result{}, err
	}
	l := &loader{Config: c, how: append(how, kgo.MetadataMinAge(metadataAge)), progress: p}
	var err error
	if l.generator, err = nexmark.New(c.Events); err != nil {
		return Result{}, err
	}
	codec := map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}[c.Compression]
	if l.client, err = kgo.NewClient(append(l.how, kgo.RecordPartitioner(kgo.BasicConsistentPartitioner(pick)), kgo.ProducerBatchCompression(codec),
		kgo.ProducerBatchMaxBytes(batchBytes), kgo.ProducerLinger(linger), kgo.MaxBufferedRecords(bufferedRecords))...); err != nil {
		return Result{}, fault.Wrap(fault.User, err, "make a client")
	}
	defer l.client.Close()
	l.admin = kadm.NewClient(l.client)
	return l.run(ctx)
}

func (l *loader) run(ctx context.Context) (Result, error) {
	before, found, err := l.readMarker(ctx)
	if err != nil {
		return Result{}, err
	}
	ends, err := l.ends(ctx)
	if err != nil {
		return Result{}, err
	}
	m := l.marker()
	if found && before.holds(m, ends) {
		return result(before, false), nil
	}
	if !found && len(ends) > 0 && !l.Replace {
		return Result{}, fault.New(fault.User, fault.Place{}, "there are topics that no load has made: %s", strings.Join(topicsOf(ends), ", ")).
			Do("give other names, or ask for them to be replaced")
	}
	if err := l.makeTopics(ctx, m, ends); err != nil {
		return Result{}, err
	}
	if m.Digest, err = l.fill(ctx); err != nil {
		return Result{}, err
	}
	if m.Ends, err = l.ends(ctx); err != nil {
		return Result{}, err
	}
	m.Complete = true
	return result(m, true), l.writeMarker(ctx, m)
}

func result(m marker, loaded bool) Result {
	r := Result{Loaded: loaded, Digest: m.Digest, Records: map[string]int64{}}
	for topic, ends := range m.Ends {
		r.Records[topic] = sum(ends)
	}
	return r
}

// makeTopics says what is about to be done, and makes the topics empty.
func (l *loader) makeTopics(ctx context.Context, m marker, old map[string][]int64) error {
	replication := l.Replication
	if replication == 0 {
		replication = -1
	}
	compact := "compact"
	_, err := l.admin.CreateTopic(ctx, 1, replication, map[string]*string{"cleanup.policy": &compact}, l.Marker)
	if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		return transient(err, "create topic "+l.Marker)
	}
	if err := l.writeMarker(ctx, m); err != nil {
		return err
	}
	if len(old) > 0 {
		deleted, err := l.admin.DeleteTopics(ctx, topicsOf(old)...)
		if err == nil {
			err = deleted.Error()
		}
		if err != nil {
			return transient(err, "delete the old topics")
		}
	}
	ctx, cancel := context.WithTimeout(ctx, deletePatience)
	defer cancel()
	for _, topic := range l.Topics {
		for {
			_, err := l.admin.CreateTopic(ctx, l.Partitions, replication, nil, topic)
			if err == nil {
				break
			}
			if !errors.Is(err, kerr.TopicAlreadyExists) { // a deleted topic is there for a while
				return transient(err, "create topic "+topic)
			}
			if err := pause(ctx); err != nil {
				return transient(err, "wait for the end of the old topic "+topic)
			}
		}
	}
	return nil
}

func pause(ctx context.Context) error {
	timer := time.NewTimer(retryPause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// fill makes all events and returns their digest.
func (l *loader) fill(ctx context.Context) (string, error) {
	digest := nexmark.NewDigest()
	s := &slab{}
	for i := range l.Events.Events {
		e := l.generator.Event(i)
		l.produce(ctx, s, e, -1, digest)
		if l.failure.Load() != nil || ctx.Err() != nil {
			break
		}
	}
	if l.Closing {
		l.close(ctx, s)
	}
	if err := l.client.Flush(ctx); err != nil {
		return "", transient(err, "store the events")
	}
	if err := l.failure.Load(); err != nil {
		return "", transient(*err, "store the events")
	}
	return digest.String(), nil
}

// close adds an event of each kind to each partition: those that would come next, an hour later.
func (l *loader) close(ctx context.Context, s *slab) {
	need := [3]int32{l.Partitions, l.Partitions, l.Partitions}
	for i := l.Events.Events; need != [3]int32{}; i++ {
		e := l.generator.Event(i)
		if need[e.Kind] == 0 {
			continue
		}
		need[e.Kind]--
		e.Millis += closingMillis
		l.produce(ctx, s, e, need[e.Kind], nil)
	}
}

func (l *loader) produce(ctx context.Context, s *slab, e nexmark.Event, partition int32, digest *nexmark.Digest) {
	r := s.record(l.generator, e)
	r.Topic, r.Partition, r.Timestamp = l.Topics[e.Kind], partition, time.UnixMilli(e.Millis)
	if digest != nil {
		digest.Add(e.Kind, r.Value)
	}
	l.progress.made.Add(1)
	l.client.Produce(ctx, r, l.answered)
}

func (l *loader) answered(_ *kgo.Record, err error) {
	if err != nil {
		l.failure.CompareAndSwap(nil, &err)
		return
	}
	l.progress.stored.Add(1)
}

// pick takes the record's own partition where it has one, else Kafka's choice by the key.
func pick(topic string) func(*kgo.Record, int) int {
	byKey := kgo.StickyKeyPartitioner(nil).ForTopic(topic)
	return func(r *kgo.Record, n int) int {
		if r.Partition >= 0 {
			return int(r.Partition)
		}
		return byKey.Partition(r, n)
	}
}
