package feed

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/fault"
)

// maxLineBytes bounds one line of input; a Kafka record of the usual broker limit holds no more.
const maxLineBytes = 1 << 20

// Feed writes one file into one topic. Make it with New and call Run once; Rows and Fraction may be called from other
// goroutines meanwhile.
type Feed struct {
	topic      string
	partitions int32
	source     *Source
	client     *kgo.Client
	rows       atomic.Int64

	failure  error // first failed record
	failOnce sync.Once
	failed   atomic.Bool
}

// New returns a feed of source into the topic's partitions. The client must partition manually
// (kgo.ManualPartitioner); it is not closed here.
func New(client *kgo.Client, topic string, partitions int32, source *Source) *Feed {
	return &Feed{topic: topic, partitions: partitions, source: source, client: client}
}

// Rows returns the number of rows handed to the broker so far.
func (f *Feed) Rows() int64 { return f.rows.Load() }

// Topic returns the topic that is written.
func (f *Feed) Topic() string { return f.topic }

// Fraction returns how much of the file was read, from 0 to 1; 0 when its size is not known.
func (f *Feed) Fraction() float64 {
	if f.source.Size == 0 {
		return 0
	}
	return min(1, float64(f.source.BytesRead())/float64(f.source.Size))
}

// Run reads the file to its end and returns when every row is acknowledged. Empty lines are left out.
func (f *Feed) Run(ctx context.Context) error {
	var input io.Reader = f.source
	if f.source.Name == "-" {
		input = untilDone(ctx, input)
	}
	lines := bufio.NewReaderSize(input, 1<<16)
	for number := 1; !f.failed.Load(); number++ {
		line, err := readLine(lines)
		if len(line) > 0 {
			f.produce(ctx, line)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return f.lineError(number, err)
		}
	}
	if err := f.client.Flush(ctx); err != nil {
		return err
	}
	return f.failure
}

// produce hands a line to the client; line n goes to partition n modulo the number of partitions.
func (f *Feed) produce(ctx context.Context, line []byte) {
	n := f.rows.Add(1) - 1
	record := &kgo.Record{Topic: f.topic, Partition: int32(n % int64(f.partitions)), Value: bytes.Clone(line)} //nolint:gosec // a remainder of an int32
	f.client.Produce(ctx, record, func(_ *kgo.Record, err error) {
		if err != nil {
			f.failOnce.Do(func() {
				f.failure = fault.Wrap(fault.Transient, err, "write to topic %s", f.topic)
				f.failed.Store(true)
			})
		}
	})
}

func (f *Feed) lineError(number int, err error) error {
	place := fault.InText(f.source.Name, number, 1)
	if errors.Is(err, errLineTooLong) {
		return fault.New(fault.User, place, "line is longer than %d bytes", maxLineBytes)
	}
	return fault.Wrap(fault.User, err, "read the input").At(place)
}

// LineOf returns the place in the file of a record of this feed's topic. It counts rows, so it is off by the number of
// empty lines before.
func (f *Feed) LineOf(partition int32, offset int64) fault.Place {
	return fault.InText(f.source.Name, int(offset*int64(f.partitions)+int64(partition))+1, 1)
}

var errLineTooLong = errors.New("line too long")

// readLine returns the next line without its end and without surrounding white space; it is valid until the next call.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return bytes.TrimSpace(line), err
	}
	long := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = r.ReadSlice('\n')
		long = append(long, line...)
		if len(long) > maxLineBytes {
			return nil, errLineTooLong
		}
	}
	return bytes.TrimSpace(long), err
}
