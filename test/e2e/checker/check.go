package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/test/e2e/rows"
)

// check is one comparison.
type check struct {
	brokers       []string
	input, output string
	within        time.Duration
	ignore        string
}

// run reads the input to its end, then the output until everything is there or the time is over, and then on to where
// the output ends by then: a second copy comes after the first.
func (c check) run(ctx context.Context) (rows.Expected, []string, error) {
	expected, err := c.expect(ctx)
	if err != nil {
		return expected, nil, err
	}
	if len(expected.Sums) == 0 {
		return expected, nil, errors.New("no window of the input has ended: there is nothing to check")
	}
	log, err := open(ctx, c.brokers, c.output)
	if err != nil {
		return expected, nil, err
	}
	defer log.close()
	var results rows.Results
	visit := func(r *kgo.Record) error {
		g, s, err := rows.DecodeTotal(r.Value)
		if err != nil {
			return fmt.Errorf("%s/%d at offset %d: %w", r.Topic, r.Partition, r.Offset, err)
		}
		results.Add(g, s)
		return nil
	}
	deadline := time.Now().Add(c.within)
	for {
		if err := log.read(ctx, visit); err != nil {
			return expected, nil, err
		}
		results.Without(c.ignore, &expected)
		if results.Missing(expected) == 0 || time.Now().After(deadline) {
			break
		}
		if err := pause(ctx); err != nil {
			return expected, nil, err
		}
	}
	err = log.read(ctx, visit)
	results.Without(c.ignore, &expected)
	return expected, results.Differences(expected), err
}

func (c check) expect(ctx context.Context) (rows.Expected, error) {
	log, err := open(ctx, c.brokers, c.input)
	if err != nil {
		return rows.Expected{}, err
	}
	defer log.close()
	partitions := make([][]rows.Reading, log.partitions)
	err = log.read(ctx, func(r *kgo.Record) error {
		reading, err := rows.DecodeReading(r.Value)
		partitions[r.Partition] = append(partitions[r.Partition], reading)
		return err
	})
	return rows.Expect(partitions), err
}

func pause(ctx context.Context) error {
	const between = 200 * time.Millisecond
	timer := time.NewTimer(between)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
