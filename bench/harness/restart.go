package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/millrace/millrace/bench/report"
)

const (
	restartInput  = "restart-rows"
	restartOutput = "restart-counts"
	// restartSQL keeps a group a key: its window never closes.
	restartSQL = `
CREATE TABLE source (k BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('topic' = '` + restartInput + `', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
CREATE TABLE counts (k BIGINT, window_start TIMESTAMP, n BIGINT)
  WITH ('topic' = '` + restartOutput + `', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
INSERT INTO counts SELECT k, window_start, COUNT(*) FROM TUMBLE(TABLE source, DESCRIPTOR(ts), INTERVAL '1' DAY)
  GROUP BY k, window_start, window_end;`
	restartMillis = 1_000_000_000_000
	trickle       = 2000 // rows a second, so that there is something to commit
)

// restart measures a worker with so many keys.
func (x *recovering) restart(ctx context.Context, s *stage, keys int64) (r report.Restart, err error) {
	r = report.Restart{Keys: keys, Runs: x.rounds}
	j, err := s.newOwnJob(ctx, x.settings, "restart-"+strconv.FormatInt(keys, 10), restartSQL, restartInput, restartOutput)
	if err != nil {
		return r, err
	}
	record := func(n int64) []byte {
		return fmt.Appendf(nil, `{"k":%d,"ts":%d}`, scatter(n, keys), int64(restartMillis))
	}
	if err := fill(ctx, s.broker, bulk{topic: restartInput, partitions: x.partitions, records: keys, compression: x.compression}, os.Stderr, record); err != nil {
		return r, err
	}
	m, err := j.start(ctx, 0)
	if err != nil {
		return r, err
	}
	defer func() { m.kill() }() // the last one
	if err := m.settle(ctx); err != nil {
		return r, err
	}
	if r.ChangelogBytes, r.ExchangeBytes, err = j.internalBytes(ctx); err != nil {
		return r, err
	}
	stop := j.feeding(ctx, trickle, func(n int64, _ time.Time) []byte { return record(n) })
	defer func() { err = errors.Join(err, stop()) }()
	var with, without, replays []float64
	for round := range 2 * x.rounds {
		m.kill()
		// Those with the disk come first: a disk that is still writing down what a restore has made keeps the sync waiting by which a store opens.
		wipe := round >= x.rounds
		if wipe {
			if err := os.RemoveAll(m.disk); err != nil {
				return r, err
			}
		}
		if m, err = j.start(ctx, 0); err != nil {
			return r, err
		}
		took, err := m.firstCommit(ctx)
		if err != nil {
			return r, err
		}
		opened, err := m.opened()
		if err != nil {
			return r, err
		}
		fmt.Printf("%9d keys  disk lost: %-5t  first commit after %.2f s  tasks opened in %.3f s\n", keys, wipe, took.Seconds(), opened.Seconds())
		if wipe {
			without, replays = append(without, took.Seconds()), append(replays, opened.Seconds())
		} else {
			with = append(with, took.Seconds())
		}
		const pause = 3 * time.Second // it works as ever before it is killed again
		if err := rest(ctx, pause); err != nil {
			return r, err
		}
	}
	r.SecondsWithDisk, r.SecondsWithout, r.ReplaySeconds = median(with), median(without), median(replays)
	return r, nil
}

// scatter returns each key once for so many numbers, in an order that no encoding profits from.
func scatter(n, keys int64) int64 {
	const prime = 2_147_483_647 // no number of keys that fits into a test is a multiple of it
	return n % keys * prime % keys
}

// rest waits.
func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
