package worker

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/build"
	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

// Savepoints says where savepoints are. The zero value is nowhere: then there are none.
type Savepoints struct {
	// Blobs is the store; nil means none. The worker does not close it.
	Blobs snapshot.Blobs
	// Files is the form of the files there, and is set where Blobs is.
	Files savepoint.Files
	// RestoreFrom is the savepoint that the job begins from when its state epoch does; empty is none.
	RestoreFrom string
	// RestoreExactly refuses RestoreFrom where the job has gone on behind it: what it has written since would be written again.
	RestoreExactly bool
	// DropRemoved gives up the state of operators that the plan has no more; without it such a plan does not start.
	DropRemoved bool
}

// The kinds of savepoints, as their manifests name them.
const (
	kindRunning = "Running" // the job has gone on
	kindStop    = "Stop"    // the job was stopped by it
)

// shareWriter returns what writes a task's share: its state as it is frozen, and a part that says what that is.
func (s *session) shareWriter(t *running, c command.Command, now time.Time) func(ctx context.Context, frozen state.Frozen) (string, error) {
	stage, partition, to := t.stage, t.in.Number, s.cfg.Savepoints
	h := savepoint.Header{
		Job: s.cfg.Topics.Prefix, ID: c.ID, Stage: s.cfg.Plan.Stages[stage].Name, Partition: partition,
		Attempt: fmt.Sprintf("w%d-%x", s.cfg.Ordinal, now.UnixNano()),
	}
	return func(ctx context.Context, frozen state.Frozen) (string, error) {
		codecs, err := build.StateCodecs(s.cfg.Plan, stage)
		if err != nil {
			return "", err
		}
		_, digest, err := savepoint.WriteTask(ctx, to.Blobs, to.Files, h, frozen, codecs)
		return partName(h.Attempt, digest), err
	}
}

// partName is what a task commits of its part: the try that has written it, and its digest.
func partName(attempt, digest string) string { return attempt + " " + digest }

func (s *session) readPart(ctx context.Context, id string, stage int, partition int32, name string) (savepoint.Part, error) {
	attempt, digest, _ := strings.Cut(name, " ")
	h := savepoint.Header{Job: s.cfg.Topics.Prefix, ID: id, Stage: s.cfg.Plan.Stages[stage].Name, Partition: partition, Attempt: attempt}
	return savepoint.ReadPart(ctx, s.cfg.Savepoints.Blobs, h, digest)
}

// manifest makes the savepoint of what the tasks have committed. It is the same whoever makes it.
func (s *session) manifest(ctx context.Context, c command.Command, all map[kafka.Partition]task.Meta) (*savepoint.Manifest, error) {
	if s.cfg.Savepoints.Blobs == nil {
		return nil, fault.New(fault.Corrupt, fault.Place{}, "the worker that coordinates has no store of savepoints").Do("run all workers with the same --savepoints")
	}
	b := savepoint.Base{
		Job: s.cfg.Topics.Prefix, ID: c.ID, Epoch: s.cfg.Epoch, StateEpoch: s.cfg.Topics.StateEpoch, Kind: kindRunning, TakenAt: c.At, Plan: s.cfg.Plan,
	}
	if c.Stop {
		b.Kind = kindStop
	}
	var parts []savepoint.Part
	for i := range s.cfg.Plan.Stages {
		stage := &s.cfg.Plan.Stages[i]
		for at, m := range all {
			if at.Topic != s.cfg.input(i) {
				continue
			}
			if in := stage.Input.Topic; in != nil {
				b.Sources = append(b.Sources, savepoint.Source{
					Topic: in.Topic, Partition: at.Number, Offset: m.Cut.Offset, Watermark: m.Cut.Watermark, Idle: m.Cut.Idle,
				})
			}
			if stage.Stateful {
				part, err := s.readPart(ctx, c.ID, i, at.Number, m.Cut.Part)
				if err != nil {
					return nil, err
				}
				parts = append(parts, part)
			}
		}
	}
	m, err := savepoint.NewManifest(b, parts)
	if err != nil {
		return nil, err
	}
	return savepoint.WriteManifest(ctx, s.cfg.Savepoints.Blobs, m)
}

// importer returns what begins to read the state of a task from the savepoint that it begins from.
func (s *session) importer(ctx context.Context, t *running) func() (read func(bytes int, put operator.Put) (bool, error), err error) {
	id, stage, partition, partitions := t.Meta().Restored, t.stage, t.in.Number, s.partitions[t.in.Topic]
	return func() (func(int, operator.Put) (bool, error), error) {
		m, err := s.savepoint(ctx, id)
		if err != nil {
			return nil, err
		}
		codecs, err := build.StateCodecs(s.cfg.Plan, stage)
		if err != nil {
			return nil, err
		}
		i, err := savepoint.NewImport(savepoint.ImportConfig{
			Blobs: s.cfg.Savepoints.Blobs, Files: s.cfg.Savepoints.Files, Manifest: m, Plan: s.cfg.Plan, Codecs: codecs,
			Partition: partition, Partitions: partitions, DropRemoved: s.cfg.Savepoints.DropRemoved,
		})
		if err != nil {
			return nil, err
		}
		return func(bytes int, put operator.Put) (bool, error) { return i.Next(ctx, bytes, put) }, nil
	}
}

// savepoint reads a manifest.
func (w *Worker) savepoint(ctx context.Context, id string) (*savepoint.Manifest, error) {
	if w.cfg.Savepoints.Blobs == nil {
		return nil, fault.New(fault.User, fault.Place{}, "the job begins from the savepoint %s, and the worker has no store of savepoints", id).Do("name it with --savepoints")
	}
	return savepoint.ReadManifest(ctx, w.cfg.Savepoints.Blobs, w.cfg.job().Prefix, id)
}

// restoration reads where the savepoint lets the job begin, and refuses one that the plan can't begin from.
func (w *Worker) restoration(ctx context.Context) (*restoration, error) {
	m, err := w.savepoint(ctx, w.cfg.Savepoints.RestoreFrom)
	if err != nil {
		return nil, err
	}
	if err := savepoint.Check(m, w.cfg.Plan, w.cfg.Savepoints.DropRemoved); err != nil {
		return nil, err
	}
	r := &restoration{id: m.ID, epoch: m.Epoch, sources: map[kafka.Partition]task.Cut{}}
	topics := map[string]string{} // of what the job reads, by what savepoints call it
	for i, s := range w.cfg.Plan.Stages {
		if s.Input.Topic != nil {
			topics[s.Input.Topic.Topic] = w.cfg.input(i)
		}
	}
	var vector watermarks
	for _, s := range m.Sources {
		vector.add(s.Watermark, s.Idle)
		if topic, ok := topics[s.Topic]; ok {
			r.sources[kafka.Partition{Topic: topic, Number: s.Partition}] = task.Cut{Offset: s.Offset, Watermark: s.Watermark, Idle: s.Idle}
		}
	}
	r.floor = vector.least()
	return r, nil
}

// watermarks finds the watermark that sources have together: the least of those that are not idle, or where all are the
// greatest, as behind an exchange.
type watermarks struct{ active, idle []types.Watermark }

func (w *watermarks) add(at types.Watermark, idle bool) {
	if idle {
		w.idle = append(w.idle, at)
	} else {
		w.active = append(w.active, at)
	}
}

func (w *watermarks) least() types.Watermark {
	if len(w.active) > 0 {
		return slices.Min(w.active)
	}
	if len(w.idle) > 0 {
		return slices.Max(w.idle)
	}
	return types.NoWatermark
}
