package worker

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

func countingPlan(t *testing.T) *physical.Plan {
	t.Helper()
	form := spec.Format{Type: spec.FormatJSON}
	k, at := types.Column{Name: "k", Kind: types.BigInt}, types.Column{Name: "at", Kind: types.Timestamp}
	plan, err := compile.Compile(spec.Job{
		Name: "job", MaxParallelism: 1, File: "sql", BadRows: spec.BadRowsFail,
		Tables: []spec.Table{
			{Name: "src", Topic: "src", Format: form, Schema: types.Schema{Columns: []types.Column{k, at}}, EventTime: &spec.EventTime{Column: "at"}},
			{Name: "dst", Topic: "dst", Format: form, Schema: types.Schema{Columns: []types.Column{k, {Name: "c", Kind: types.BigInt}}}},
		},
		SQL: `INSERT INTO dst SELECT k, COUNT(*) AS c FROM TUMBLE(TABLE src, DESCRIPTOR(at), INTERVAL '1' HOUR) GROUP BY k, window_end`,
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// slow is a lookup that takes a while.
type slow struct{ took time.Duration }

func (s slow) Look(state.Store, *batch.Batch, operator.Bounds) (*operator.Found, error) {
	time.Sleep(s.took)
	return operator.NewFound([]types.Kind{types.BigInt}), nil
}

// asked is a session with the task that has the plan's one partition of state.
func asked(t *testing.T, took time.Duration) *session {
	t.Helper()
	w, err := New(Config{
		Plan: countingPlan(t), Topics: physical.Topics{Prefix: "p", StateEpoch: 1}, Epoch: 1, Kafka: kafka.Options{Brokers: []string{"none:1"}},
		Backend: memory.New(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.asking.lookups[0] = slow{took}
	s := newSession(w, nil)
	store, err := w.cfg.Backend.Open("x/0")
	if err != nil {
		t.Fatal(err)
	}
	in := kafka.Partition{Topic: w.cfg.input(w.asking.operators[0].Stage)}
	s.tasks[in] = &running{Task: &task.Task{}, in: in, store: store}
	return s
}

func TestQuestionsThatCannotBeAnswered(t *testing.T) {
	s := asked(t, 0)
	operatorID := s.asking.operators[0].ID
	ask := func(operatorID, key string) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := s.Ask(ctx, operatorID, key)
		return err
	}
	expect := func(what string, err error, why string) {
		t.Helper()
		if e, ok := errors.AsType[*control.NotNowError](err); !ok || e.Why != why {
			t.Errorf("%s: %v", what, err)
		}
	}
	expect("before the start", ask(operatorID, "1"), "the worker is Starting")
	s.board.phase(control.Running)
	if e, ok := errors.AsType[*control.UnknownOperatorError](ask("other", "1")); !ok || len(e.Known) != 1 || e.Known[0] != operatorID {
		t.Errorf("another operator: %v", e)
	}
	if _, ok := errors.AsType[*control.BadKeyError](ask(operatorID, "one")); !ok {
		t.Error("a malformed key is none")
	}
	for range questionsWaiting {
		expect("nobody answers", ask(operatorID, "1"), "the worker is busy")
	}
	expect("the queue is full", ask(operatorID, "1"), "too many questions wait")
	s.answer()
	expect("there is room again", ask(operatorID, "1"), "the worker is busy")
	clear(s.tasks)
	done := make(chan error)
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := s.Ask(ctx, operatorID, "1")
		done <- err
	}()
	for {
		s.asking.rested = time.Time{}
		s.answer()
		select {
		case err := <-done:
			expect("the task is not here", err, "the worker has no connection to its group")
			return
		default:
			time.Sleep(time.Millisecond)
		}
	}
}

// However many ask, the loop has nine tenths of its time for the job.
func TestQuestionsTakeATenthOfTheLoop(t *testing.T) {
	for _, took := range []time.Duration{20 * time.Microsecond, 300 * time.Microsecond, 5 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			s := asked(t, took)
			s.board.phase(control.Running)
			ctx, stop := context.WithCancel(t.Context())
			answers := make(chan error)
			for range questionsWaiting {
				go func() {
					for ctx.Err() == nil {
						if _, err := s.Ask(ctx, s.asking.operators[0].ID, "1"); ctx.Err() == nil {
							select {
							case answers <- err:
							case <-ctx.Done():
							}
						}
					}
				}()
			}
			n := 0
			go func() {
				for {
					select {
					case err := <-answers:
						if n++; err != nil {
							t.Error(err)
						}
					case <-ctx.Done():
						return
					}
				}
			}()
			var spent time.Duration
			begin := time.Now()
			for time.Since(begin) < 5*time.Second {
				synctest.Wait()
				at := time.Now()
				s.answer()
				spent += time.Since(at)
				time.Sleep(100 * time.Microsecond) // the step's own work
			}
			stop()
			synctest.Wait()
			if share := float64(spent) / float64(5*time.Second); share > 0.101 || share < 0.05 {
				t.Errorf("answers of %v took %.1f %% of the time, %d were given", took, share*100, n)
			}
		})
	}
}
