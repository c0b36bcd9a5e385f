package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/bench/answer"
	"github.com/millrace/millrace/bench/engine"
	"github.com/millrace/millrace/bench/report"
)

// growth is one thing that grows, step by step.
type growth struct {
	name, title string
	// queries are run on each step; sql, where it is not nil, makes theirs from the file's.
	queries []string
	sql     func(text string, step int64) string
	silent  bool
	steps   []int64
	data    func(step int64) dataset
}

// growths are what `make bench-scale` looks at. No more than most events are loaded.
func (s *settings) growths(most int64) []growth {
	const million, keyed = 1_000_000, 20_000_000
	upTo := func(steps ...int64) []int64 { return slices.DeleteFunc(steps, func(n int64) bool { return n > most }) }
	same := func(int64) dataset { return dataset{bids: min(s.events, most), partitions: s.partitions} }
	hops := []int64{2000, 1000, 500, 100}
	hopping := func(text string, step int64) string {
		return strings.Replace(text, "INTERVAL '2' SECOND", fmt.Sprintf("INTERVAL '%d.%03d' SECOND", step/1000, step%1000), 1)
	}
	return []growth{
		{
			name: "events", title: "events in the topic", queries: []string{"q1", "q12"}, steps: upTo(million, 5*million, 10*million, 50*million),
			data: func(step int64) dataset { return dataset{bids: step, partitions: s.partitions} },
		},
		{
			name: "partitions", title: "partitions of the topic", queries: []string{"q1", "q12"}, steps: []int64{1, 4, 8, 32},
			data: func(step int64) dataset { return dataset{bids: min(s.events, most), partitions: int(step)} },
		},
		{
			// No row is written, or writing one a key is what would be measured.
			name: "keys", title: "different keys in state", queries: []string{"q12"}, steps: []int64{1000, 10_000, 100_000, million, 10 * million}, silent: true,
			sql: func(text string, step int64) string {
				text = strings.Replace(text, "SELECT bidder,", fmt.Sprintf("SELECT MOD(auction * 1000003 + price, %d),", step), 1)
				text = strings.Replace(text, "GROUP BY bidder,", fmt.Sprintf("GROUP BY MOD(auction * 1000003 + price, %d),", step), 1)
				text = strings.Replace(text, "'10' SECOND", "'1' HOUR", 1)
				return strings.Replace(text, "window_end;", "window_end HAVING COUNT(*) > 1000000000;", 1)
			},
			data: func(int64) dataset { return dataset{bids: min(keyed, most), partitions: s.partitions} },
		},
		{
			name: "hop", title: "milliseconds that a 10-second window hops by", queries: []string{"q5"}, steps: hops, sql: hopping, data: same,
		},
		{
			// Each hop has its own rows. This is what is left when nobody writes them.
			name: "hop-silent", title: "milliseconds that a 10-second window hops by, its rows filtered", queries: []string{"q5"}, steps: hops, silent: true,
			sql: func(text string, step int64) string {
				return strings.Replace(hopping(text, step), "window_end;", "window_end HAVING COUNT(*) > 1000000000;", 1)
			},
			data: same,
		},
	}
}

// asked returns what is to be looked at, and about how many bids are loaded and read for it. A step that is not 0 is done alone.
func (s *settings) asked(of string, most, step int64) (asked []growth, bids int64) {
	for _, g := range s.growths(most) {
		if !slices.Contains(strings.Split(of, ","), g.name) {
			continue
		}
		if step != 0 {
			g.steps = []int64{step}
		}
		asked = append(asked, g)
		for _, step := range g.steps {
			bids += g.data(step).bids * int64(1+len(g.queries))
		}
	}
	return asked, bids
}

func scale(ctx context.Context, args []string) error {
	s := newSettings("scale", "", 5_000_000)
	of := s.flags.String("of", "events,partitions,keys,hop,hop-silent", "what grows, comma separated")
	const fifty = 50_000_000
	most := s.flags.Int64("most", fifty, "no topic gets more bids than that")
	only := s.flags.Int64("step", 0, "do this step alone, and write nothing down; 0: all")
	profiles := s.flags.String("profiles", "", "folder for a profile of each run; empty: none")
	if err := s.parse(args); err != nil {
		return err
	}
	asked, events := s.asked(*of, *most, *only)
	const aMinute = 20_000_000
	fmt.Printf("bench: %s: about %d minutes on two quiet cores.\n", *of, 1+events/aMinute)
	e, stage, err := s.alone(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = stage.close() }() // what is left is in the temporary folder
	r, err := report.Read(s.out)
	if err != nil {
		return err
	}
	loaded := dataset{}
	for _, g := range asked {
		c := report.Growth{Name: g.name, Title: g.title, Date: time.Now().UTC().Format(time.DateOnly), Machine: machine(ctx)}
		for _, step := range g.steps {
			data := g.data(step)
			if data != loaded {
				if err := data.load(ctx, stage.broker, s.compression, os.Stderr); err != nil {
					return err
				}
				loaded = data
			}
			for _, name := range g.queries {
				p, err := scaleOne(ctx, s, stage, e, g, name, step, data, *profiles)
				if err != nil {
					return err
				}
				fmt.Printf("%-10s %10d  %-4s %9.0f events per CPU-second  %d MiB\n", g.name, step, name, p.EventsPerCPUSecond, p.PeakRSSBytes>>20)
				c.Points = append(c.Points, p)
			}
		}
		r.Grow(c)
	}
	if *only != 0 {
		return nil
	}
	return r.Write(s.out, "")
}

func scaleOne(ctx context.Context, s *settings, stage *stage, e *engine.Engine, g growth, query string, step int64, data dataset, profiles string) (report.Point, error) {
	q, err := answer.Named(query)
	if err != nil {
		return report.Point{}, err
	}
	own := *s
	own.partitions = data.partitions
	task, err := stage.task(&own, e, q, data)
	if err != nil {
		return report.Point{}, err
	}
	if g.sql != nil {
		task.Run.Edit = func(text string) string { return g.sql(text, step) }
	}
	task.Silent = g.silent
	if profiles != "" {
		base := filepath.Join(profiles, fmt.Sprintf("%s-%d-%s", g.name, step, query))
		task.Run.CPUProfile, task.Run.AllocationProfile = base+".cpu.pprof", base+".alloc.pprof"
	}
	o, err := stage.broker.Measure(ctx, task)
	if err != nil {
		return report.Point{}, err
	}
	return report.Point{Query: query, Step: step, EventsPerCPUSecond: o.EventsPerCPUSecondWhole, PeakRSSBytes: o.PeakRSSBytes, OutputRows: o.OutputRows},
		os.RemoveAll(task.Run.Folder)
}
