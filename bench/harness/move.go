package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/millrace/millrace/bench/measure"
	"github.com/millrace/millrace/bench/report"
	"github.com/millrace/millrace/runtime/control"
)

const (
	moveInput   = "move-rows"
	moveCopies  = "move-copies"
	moveCounts  = "move-counts"
	moveWindows = "move-windows"
	// moveLetters are in each key's group: a row of state is some eighty bytes, which nothing makes smaller.
	moveLetters = 80
	// moveSQL shows each source partition's rows as they are committed, has state, and windows that fire all the time.
	moveSQL = `
CREATE TABLE source (k BIGINT, p BIGINT, v STRING, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '0' SECOND)
  WITH ('topic' = '` + moveInput + `', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
CREATE TABLE copies (p BIGINT, k BIGINT) WITH ('topic' = '` + moveCopies + `', 'format' = 'json');
CREATE TABLE counts (k BIGINT, window_start TIMESTAMP, n BIGINT, v STRING) WITH ('topic' = '` + moveCounts + `', 'format' = 'json');
CREATE TABLE windows (p BIGINT, window_start TIMESTAMP, n BIGINT) WITH ('topic' = '` + moveWindows + `', 'format' = 'json');
INSERT INTO copies SELECT p, k FROM source;
INSERT INTO counts SELECT k, window_start, COUNT(*), MAX(v) FROM TUMBLE(TABLE source, DESCRIPTOR(ts), INTERVAL '30' DAY)
  GROUP BY k, window_start, window_end;
INSERT INTO windows SELECT p, window_start, COUNT(*) FROM TUMBLE(TABLE source, DESCRIPTOR(ts), INTERVAL '0.1' SECOND)
  GROUP BY p, window_start, window_end;`
)

// moving is a job whose tasks move, and what a reader hears of it.
type moving struct {
	*recovering
	job      *ownJob
	silences *measure.Silences      // of what the output shows
	tasks    *measure.Silences      // of tasks with state, by their positions
	first    *member                // worker 0
	second   atomic.Pointer[member] // worker 1; nil while there is none
}

// move measures commits of one worker, and what happens when another one comes and goes.
func (x *recovering) move(ctx context.Context, s *stage) (moves []report.Move, commits []report.Commit, err error) {
	j, err := s.newOwnJob(ctx, x.settings, "move", moveSQL, moveInput, moveCopies, moveCounts, moveWindows)
	if err != nil {
		return nil, nil, err
	}
	m := &moving{recovering: x, job: j, silences: measure.NewSilences(), tasks: measure.NewSilences()}
	if err := fill(ctx, s.broker, bulk{topic: moveInput, partitions: x.partitions, records: x.moveKeys}, os.Stderr,
		func(n int64) []byte { return m.record(n, time.Now()) }); err != nil {
		return nil, nil, err
	}
	if m.first, err = j.start(ctx, 0, x.moveFlags()...); err != nil {
		return nil, nil, err
	}
	defer func() {
		m.first.kill()
		m.second.Load().kill()
	}()
	if err := m.first.settle(ctx); err != nil {
		return nil, nil, err
	}
	stop := j.feeding(ctx, x.rate, m.record)
	reading, cancel := context.WithCancel(ctx)
	read := make(chan error, 1)
	go func() { read <- s.broker.Listen(reading, []string{moveCopies, moveWindows}, m.hear) }()
	watched := make(chan struct{})
	go func() { defer close(watched); m.watch(reading) }()
	defer func() {
		cancel()
		<-watched
		err = errors.Join(err, stop(), <-read)
	}()
	const warm = 10 * time.Second
	if err := rest(ctx, warm); err != nil {
		return nil, nil, err
	}
	c, err := m.commits(ctx)
	if err != nil {
		return nil, nil, err
	}
	moves, err = m.events(ctx)
	return moves, []report.Commit{c}, err
}

// moveFlags are those of workers whose tasks move.
func (x *recovering) moveFlags() []string {
	if x.warmUp == 0 {
		return nil
	}
	return []string{"--warm-up-least-bytes", strconv.FormatInt(x.warmUp, 10)}
}

func (m *moving) record(n int64, now time.Time) []byte {
	k := scatter(n, m.moveKeys)
	b := fmt.Appendf(make([]byte, 0, 2*moveLetters), `{"k":%d,"p":%d,"ts":%d,"v":"`, k, n%int64(m.partitions), now.UnixMilli())
	return append(letters(b, uint64(k), moveLetters), `"}`...) //nolint:gosec // its bits
}

// letters appends n letters that follow from the seed and from nothing else, and do not compress (splitmix64).
func letters(b []byte, seed uint64, n int) []byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	const bits, each = 6, 10
	for i := range n {
		if i%each == 0 {
			seed += 0x9e3779b97f4a7c15
		}
		z := (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		b = append(b, alphabet[(z^z>>31)>>(bits*(i%each))&(1<<bits-1)])
	}
	return b
}

// hear takes a row of the output.
func (m *moving) hear(topic string, value []byte, now time.Time) {
	name := moveWindows
	if topic == moveCopies {
		p, _ := measure.Number(value, "p")
		name = strconv.FormatInt(p, 10)
	}
	m.silences.Heard(name, now)
}

// watch looks at how far the tasks with state have come, on whichever worker, until ctx ends.
func (m *moving) watch(ctx context.Context) {
	positions := map[string]int64{}
	for rest(ctx, statusPause) == nil {
		for _, w := range []*member{m.first, m.second.Load()} {
			if w == nil {
				continue
			}
			s, err := w.status(ctx)
			if err != nil {
				continue // it is on its way up, or dead
			}
			for _, t := range s.Tasks {
				if !t.Source && t.Position > positions[t.ID] {
					positions[t.ID] = t.Position
					m.tasks.Heard(t.ID, s.At)
				}
			}
		}
	}
}

// commits looks at the commits of one worker.
func (m *moving) commits(ctx context.Context) (report.Commit, error) {
	const length = 20 * time.Second
	changelogs, exchanges, err := m.job.internalBytes(ctx)
	if err != nil {
		return report.Commit{}, err
	}
	begin, err := m.first.status(ctx)
	if err != nil {
		return report.Commit{}, err
	}
	var took []int64
	last := begin
	for start := time.Now(); time.Since(start) < length; {
		now, err := m.first.status(ctx)
		if err != nil {
			return report.Commit{}, err
		}
		if now.Commits != last.Commits && now.LastCommitTook > 0 {
			took = append(took, now.LastCommitTook.Microseconds())
		}
		last = now
		if err := rest(ctx, statusPause); err != nil {
			return report.Commit{}, err
		}
	}
	changelogsNow, exchangesNow, err := m.job.internalBytes(ctx)
	if err != nil || len(took) == 0 {
		return report.Commit{}, errors.Join(err, errors.New("no commit was seen"))
	}
	slices.Sort(took)
	const half, hundredth, micros = 0.5, 0.99, 1000
	rows := float64(sourceRows(last) - sourceRows(begin))
	c := report.Commit{
		EventsPerSecond: m.rate, Keys: m.moveKeys, Commits: len(took), P50: measure.Percentile(took, half) / micros, P99: measure.Percentile(took, hundredth) / micros,
		ChangelogBytes: float64(changelogsNow-changelogs) / rows, ExchangeBytes: float64(exchangesNow-exchanges) / rows,
	}
	fmt.Printf("commits: p50 %.1f ms  p99 %.1f ms  of %d  changelog %.0f and exchange %.0f bytes a row\n", c.P50, c.P99, c.Commits, c.ChangelogBytes, c.ExchangeBytes)
	return c, nil
}

func sourceRows(s control.Status) int64 {
	n := int64(0)
	for _, t := range s.Tasks {
		if t.Source {
			n += t.Rows.In
		}
	}
	return n
}

// events lets a second worker come and go in each way.
func (m *moving) events(ctx context.Context) (moves []report.Move, err error) {
	start := func(ctx context.Context) error {
		second, err := m.job.start(ctx, 1, m.moveFlags()...)
		m.second.Store(second)
		if err == nil {
			_, err = second.await(ctx, "a second worker has its share of the tasks", func(s control.Status) bool {
				return s.Phase == control.Running && len(s.WarmUps) == 0 && 2*len(s.Tasks) > s.Partitions-len(m.job.plan.Stages)
			})
		}
		return err
	}
	const beyondSession = 14 * time.Second
	for _, e := range []struct {
		what string
		wait time.Duration
		do   func(ctx context.Context) error
	}{
		{"nothing", 0, func(context.Context) error { return nil }},
		{"a second worker joins", 0, start},
		{"it is killed, and is back at once with its disk", 0, func(ctx context.Context) error { m.second.Load().kill(); return start(ctx) }},
		{"it leaves", 0, func(context.Context) error { m.second.Load().stop(); return nil }},
		{"it joins again", 0, start},
		{"it is killed, and does not come back", beyondSession, func(context.Context) error { m.second.Load().kill(); return nil }},
	} {
		move, err := m.event(ctx, e.what, e.wait, e.do)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.what, err)
		}
		moves = append(moves, move)
	}
	return moves, nil
}

// event does one thing, and returns what was not heard of meanwhile and a while after.
func (m *moving) event(ctx context.Context, what string, wait time.Duration, do func(context.Context) error) (report.Move, error) {
	const quiet, after = 5 * time.Second, 6 * time.Second
	if err := rest(ctx, quiet); err != nil {
		return report.Move{}, err
	}
	before, err := m.owned(ctx)
	if err != nil {
		return report.Move{}, err
	}
	stateBytes, err := folderBytes(m.first.disk)
	if err != nil {
		return report.Move{}, err
	}
	m.silences.Begin()
	m.tasks.Begin()
	if err := do(ctx); err != nil {
		return report.Move{}, err
	}
	if err := rest(ctx, wait+after); err != nil {
		return report.Move{}, err
	}
	longest, tasks := m.silences.Longest(time.Now()), m.tasks.Longest(time.Now())
	now, err := m.owned(ctx)
	if err != nil {
		return report.Move{}, err
	}
	move := report.Move{What: what, Of: m.partitions, EventsPerSecond: m.rate, Keys: m.moveKeys, StateBytes: stateBytes, Windows: millisOf(longest[moveWindows])}
	for p := range m.partitions {
		silent := millisOf(longest[strconv.Itoa(p)])
		if before.partitions[p] && now.partitions[p] { // worker 0 has had it all the time
			move.Staying = max(move.Staying, silent)
		} else {
			move.Moved++
			move.Moving = max(move.Moving, silent)
		}
	}
	for id, silence := range tasks {
		if before.tasks[id] && now.tasks[id] {
			move.TasksStaying = max(move.TasksStaying, millisOf(silence))
		} else {
			move.TasksMoved++
			move.TasksMoving = max(move.TasksMoving, millisOf(silence))
		}
	}
	fmt.Printf("%-50s %d of %d partitions are its: %5.0f ms  the others: %5.0f ms  windows: %5.0f ms  %d tasks with state: %5.0f ms  the others: %5.0f ms  state %d MB\n",
		what, move.Moved, move.Of, move.Moving, move.Staying, move.Windows, move.TasksMoved, move.TasksMoving, move.TasksStaying, stateBytes/1e6)
	return move, nil
}

// possession is what a worker has.
type possession struct {
	partitions map[int]bool    // of the source
	tasks      map[string]bool // with state
}

// owned returns what worker 0 has.
func (m *moving) owned(ctx context.Context) (possession, error) {
	s, err := m.first.status(ctx)
	has := possession{map[int]bool{}, map[string]bool{}}
	for _, t := range s.Tasks {
		if t.Source {
			has.partitions[int(t.Partition)] = true
		} else {
			has.tasks[t.ID] = true
		}
	}
	return has, err
}

func millisOf(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
