package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/bench/report"
)

// recovering measures how long Millrace is away when workers die, come and go.
type recovering struct {
	*settings
	sizes    []int64
	rounds   int
	rate     int64
	moveKeys int64
	warmUp   int64 // bytes of state that make a task wait for a warm copy; 0: the worker's default
	saves    []int64
}

func recovery(ctx context.Context, args []string) error {
	x := &recovering{settings: newSettings("recovery", "", 0)}
	const rounds, rate, moveKeys = 3, 20_000, 100_000
	sizes := x.flags.String("keys", "1000,1000000,5000000", "keys in the state of a worker that restarts, comma separated; empty: no restarts")
	x.flags.IntVar(&x.rounds, "rounds", rounds, "restarts of each kind")
	x.flags.Int64Var(&x.rate, "rate", rate, "rows a second while workers come and go")
	x.flags.Int64Var(&x.moveKeys, "move-keys", moveKeys, "keys in the state of a job whose tasks move; 0: no moves")
	x.flags.Int64Var(&x.warmUp, "warm-up-least-bytes", 0, "state that makes a task wait, where it moves, for its next worker to warm up; below 0: none does; 0: the worker's default")
	saves := x.flags.String("save-keys", "1000000,5000000", "keys in the state of a job that is copied, comma separated; empty: no copies")
	if err := x.parse(args); err != nil {
		return err
	}
	var err error
	if x.sizes, err = numbers(*sizes); err != nil {
		return fmt.Errorf("-keys: %w", err)
	}
	if x.saves, err = numbers(*saves); err != nil {
		return fmt.Errorf("-save-keys: %w", err)
	}
	return x.measure(ctx)
}

// numbers reads a list of numbers of keys.
func numbers(list string) (all []int64, err error) {
	for text := range strings.SplitSeq(list, ",") {
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no number of keys", text)
		}
		all = append(all, n)
	}
	return all, nil
}

// measure does it all, and writes the report.
func (x *recovering) measure(ctx context.Context) error {
	const secondsMillion, secondsSize, secondsMoves = 20, 30, 150
	seconds := int64(secondsMoves)
	for _, n := range append(slices.Clone(x.sizes), x.saves...) {
		seconds += secondsSize + n*secondsMillion/1_000_000
	}
	fmt.Printf("bench: recovery: about %d minutes on two quiet cores, after building.\n", (seconds+59)/60)
	_, s, err := x.alone(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.close() }() // what is left is in the temporary folder
	r, err := report.Read(x.out)
	if err != nil {
		return err
	}
	found := &report.Recovery{Date: time.Now().UTC().Format(time.DateOnly), Machine: machine(ctx), Load: load()}
	if r.Recovery != nil { // what is not measured now stays
		found.Restarts, found.Saves, found.Moves, found.Commits = r.Recovery.Restarts, r.Recovery.Saves, r.Recovery.Moves, r.Recovery.Commits
	}
	for i, keys := range x.sizes {
		if i == 0 {
			found.Restarts = nil
		}
		restart, err := x.restart(ctx, s, keys)
		if err != nil {
			return err
		}
		found.Restarts = append(found.Restarts, restart)
	}
	for i, keys := range x.saves {
		if i == 0 {
			found.Saves = nil
		}
		save, err := x.save(ctx, s, keys)
		if err != nil {
			return err
		}
		found.Saves = append(found.Saves, save)
	}
	if x.moveKeys > 0 {
		if found.Moves, found.Commits, err = x.move(ctx, s); err != nil {
			return err
		}
	}
	r.Recovery = found
	return r.Write(x.out, "")
}

// median is that of the values, the lower one of two in the middle.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}
