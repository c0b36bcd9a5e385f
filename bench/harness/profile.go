package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/pprof/profile"

	"github.com/millrace/millrace/bench/answer"
	"github.com/millrace/millrace/bench/chart"
	"github.com/millrace/millrace/bench/engine"
)

// profileQuery runs Millrace on queries and draws where its time and memory went.
func profileQuery(ctx context.Context, args []string) error {
	s := newSettings("profile", "q1", 5_000_000)
	folder := ""
	s.flags.StringVar(&folder, "profiles", "bin/profiles", "folder for the profiles and the graphs")
	if err := s.parse(args); err != nil {
		return err
	}
	asked, err := s.list()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // for people
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
	for _, q := range asked {
		if err := profileOne(ctx, s, stage, e, q, data, folder); err != nil {
			return err
		}
	}
	return nil
}

func profileOne(ctx context.Context, s *settings, stage *stage, e *engine.Engine, q answer.Query, data dataset, folder string) error {
	task, err := stage.task(s, e, q, data)
	if err != nil {
		return err
	}
	base := filepath.Join(folder, q.Name)
	task.Run.CPUProfile, task.Run.AllocationProfile = base+".cpu.pprof", base+".alloc.pprof"
	o, err := stage.broker.Measure(ctx, task)
	if err != nil {
		return err
	}
	fmt.Printf("%-4s %9.0f events per CPU-second (whole run %9.0f)  %d MiB\n", q.Name, o.EventsPerCPUSecond, o.EventsPerCPUSecondWhole, o.PeakRSSBytes>>20)
	return errors.Join(
		draw(task.Run.CPUProfile, "cpu", base+".cpu.svg", q.Name+": processor time, "+q.Title, func(v float64) string {
			return time.Duration(v).Round(time.Millisecond).String()
		}),
		draw(task.Run.AllocationProfile, "alloc_space", base+".alloc.svg", q.Name+": bytes allocated, "+q.Title, func(v float64) string {
			return fmt.Sprintf("%.1f MiB", v/(1<<20))
		}),
		os.RemoveAll(task.Run.Folder),
	)
}

// draw makes a flame graph of a profile's values of a kind.
func draw(path, kind, out, title string, label func(float64) string) error {
	root := &chart.Frame{Name: "all"}
	err := samples(path, kind, func(value int64, s *profile.Sample) { root.Add(value, stackOf(s)...) })
	if err != nil {
		return err
	}
	fmt.Println("  " + out)
	return os.WriteFile(out, chart.Flame{Title: title + ", " + label(float64(root.Value)), Root: root, Label: label}.SVG(), 0o644) //nolint:gosec // for people
}

// samples visits a profile's values of a kind.
func samples(path, kind string, visit func(value int64, s *profile.Sample)) error {
	file, err := os.Open(path) //nolint:gosec // the run's own file
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	p, err := profile.Parse(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	index := slices.IndexFunc(p.SampleType, func(t *profile.ValueType) bool { return t.Type == kind })
	if index < 0 {
		return fmt.Errorf("%s holds no values of %s", path, kind)
	}
	for _, s := range p.Sample {
		visit(s.Value[index], s)
	}
	return nil
}

// stackOf returns the functions of a sample, outermost first.
func stackOf(s *profile.Sample) []string {
	var names []string
	for _, location := range slices.Backward(s.Location) {
		for _, line := range slices.Backward(location.Line) {
			names = append(names, line.Function.Name)
		}
	}
	return names
}
