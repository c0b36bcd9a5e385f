package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"github.com/millrace/millrace/test/kafka"
)

type bench struct {
	folder, worker, address, profiles, machine string
	events                                     int64
	patience                                   time.Duration
}

func main() {
	b := bench{machine: machine()}
	bids := flag.Int64("events", 5_000_000, "bids to load")
	out := flag.String("out", "bench/first.json", "file for the figures")
	flag.StringVar(&b.worker, "worker", "bin/worker", "the worker's binary")
	flag.StringVar(&b.profiles, "profiles", "", "folder for a CPU profile a query; empty takes none")
	flag.DurationVar(&b.patience, "patience", 10*time.Minute, "how long a query may take")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := b.run(ctx, *bids, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:gocritic // the context's end is the process's
	}
}

func (b *bench) run(ctx context.Context, bids int64, out string) error {
	var err error
	if b.folder, err = os.MkdirTemp("", "millrace-bench-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.folder) }() // a temporary folder
	broker, err := kafka.Run(ctx, b.folder, os.Stderr)
	if err != nil {
		return err
	}
	defer func() { _ = broker.Stop() }() // its data go with the folder
	b.address, b.events = broker.Address(), bids+partitions
	if err := load(ctx, b.address, bids, os.Stderr); err != nil {
		return err
	}
	var results []result
	for _, q := range queries() {
		if q.name == "tumbling-count" {
			b.events = bids // the closing bids are in windows that stay open
		}
		r, err := b.measure(ctx, q)
		if err != nil {
			return err
		}
		fmt.Printf("%-16s %9.0f events per CPU-second  %9.0f events/s  %6.1f MiB  first result %.2f s  %d rows out\n",
			r.Query, r.EventsPerCPUSecond, r.EventsPerSecond, float64(r.PeakRSSBytes)/(1<<20), r.FirstResultSeconds, r.OutputRows)
		results = append(results, r)
	}
	text, err := json.MarshalIndent(map[string][]result{"results": results}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(out, append(text, '\n'), 0o600)
}

// machine names the processor and the number of cores.
func machine() string {
	model := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s", model, runtime.NumCPU(), runtime.Version())
}
