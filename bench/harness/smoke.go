package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/pprof/profile"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/bench/answer"
	"github.com/millrace/millrace/bench/engine"
)

// figures are those of a query that do not depend on how busy the machine is, and one that depends on it little.
type figures struct {
	// Allocations is how many a bid costs.
	Allocations float64 `json:"allocations_per_bid"`
	// BrokerBytes is what the job's topics hold at the end, a bid.
	BrokerBytes float64 `json:"broker_bytes_per_bid"`
	// RowsPerBatch is how many records a batch of the output holds.
	RowsPerBatch float64 `json:"rows_per_batch"`
	// Time is processor time as a share of the first query's in the same run.
	Time float64 `json:"time_to_first_query"`
	// Digest is of the output.
	Digest string `json:"digest"`
}

// faults says in what figures are worse than the baseline. The margins are several times what runs on idle and busy machines differ
// by, and far less than what an allocation a row, a codec or a linger that was lost would do.
func (f figures) faults(baseline figures) []error {
	const allocations, brokerBytes, rowsPerBatch, time = 0.2, 1.25, 2.5, 2.0
	var errs []error
	worse := func(bad bool, what string, is, was any) {
		if bad {
			errs = append(errs, fmt.Errorf("%s: %v, the baseline has %v", what, is, was))
		}
	}
	worse(f.Allocations > baseline.Allocations+allocations, "allocations a bid", f.Allocations, baseline.Allocations)
	worse(f.BrokerBytes > baseline.BrokerBytes*brokerBytes, "bytes a bid on the broker", f.BrokerBytes, baseline.BrokerBytes)
	worse(f.RowsPerBatch*rowsPerBatch < baseline.RowsPerBatch, "rows a batch", f.RowsPerBatch, baseline.RowsPerBatch)
	worse(f.Time > baseline.Time*time, "time as a share of the first query's", f.Time, baseline.Time)
	worse(f.Digest != baseline.Digest, "digest", f.Digest, baseline.Digest)
	return errs
}

// smoke runs Millrace on a few queries and compares figures with the committed ones.
func smoke(ctx context.Context, args []string) error {
	s := newSettings("smoke", "q0,q2,q12", 1_000_000)
	update := s.flags.Bool("update", false, "write the baseline instead of comparing with it")
	if err := s.parse(args); err != nil {
		return err
	}
	asked, err := s.list()
	if err != nil {
		return err
	}
	e, stage, err := s.alone(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = stage.close() }() // what is left is in the temporary folder
	data := dataset{bids: s.events, partitions: s.partitions}
	if err := data.load(ctx, stage.broker, s.compression, os.Stderr); err != nil {
		return err
	}
	path := filepath.Join(s.out, "smoke.json")
	baseline := map[string]figures{}
	if !*update {
		text, err := os.ReadFile(path) //nolint:gosec // the bench's own file
		if err == nil {
			err = json.Unmarshal(text, &baseline)
		}
		if err != nil {
			return fmt.Errorf("the baseline %s: %w", path, err)
		}
	}
	is := map[string]figures{}
	var faults []error
	first := 0.0
	for _, q := range asked {
		f, cpu, err := smokeOne(ctx, s, stage, e, q, data)
		if err != nil {
			return err
		}
		if first == 0 {
			first = cpu
		}
		f.Time = cpu / first
		is[q.Name] = f
		fmt.Printf("%-4s %.3f allocations a bid  %6.1f bytes a bid on the broker  %6.0f rows a batch  %.2f of the first query's time\n", q.Name,
			f.Allocations, f.BrokerBytes, f.RowsPerBatch, f.Time)
		if !*update {
			for _, fault := range f.faults(baseline[q.Name]) {
				faults = append(faults, fmt.Errorf("%s: %w", q.Name, fault))
			}
		}
	}
	if *update {
		text, err := json.MarshalIndent(is, "", "  ")
		if err != nil {
			return err
		}
		return os.WriteFile(path, append(text, '\n'), 0o644) //nolint:gosec // it is committed
	}
	return errors.Join(faults...)
}

func smokeOne(ctx context.Context, s *settings, stage *stage, e *engine.Engine, q answer.Query, data dataset) (f figures, cpu float64, err error) {
	task, err := stage.task(s, e, q, data)
	if err != nil {
		return f, 0, err
	}
	task.Run.AllocationProfile = filepath.Join(task.Run.Folder, "alloc.pprof")
	o, err := stage.broker.Measure(ctx, task)
	if err != nil {
		return f, 0, err
	}
	allocations := int64(0)
	err = samples(task.Run.AllocationProfile, "alloc_objects", func(value int64, _ *profile.Sample) { allocations += value })
	if err != nil {
		return f, 0, err
	}
	batches := &batchCount{}
	if err := stage.broker.Read(ctx, task.Run.Output, func(_, _ []byte) error { return nil }, batches); err != nil {
		return f, 0, err
	}
	bids := float64(data.records())
	f = figures{Allocations: float64(allocations) / bids, BrokerBytes: float64(o.BrokerBytes) / bids, RowsPerBatch: batches.mean(), Digest: o.OutputDigest}
	return f, o.CPUSeconds, os.RemoveAll(task.Run.Folder)
}

// batchCount counts batches of rows. Markers of transactions are batches of one record; so are rows that had no company, which are
// left out with them.
type batchCount struct{ batches, records int }

var _ kgo.HookFetchBatchRead = (*batchCount)(nil)

// OnFetchBatchRead is called by the client's one reader.
func (b *batchCount) OnFetchBatchRead(_ kgo.BrokerMetadata, _ string, _ int32, m kgo.FetchBatchMetrics) {
	if m.NumRecords > 1 {
		b.batches++
		b.records += m.NumRecords
	}
}

func (b *batchCount) mean() float64 { return float64(b.records) / float64(max(b.batches, 1)) }
