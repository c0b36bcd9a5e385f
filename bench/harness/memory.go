package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/bench/measure"
	"github.com/millrace/millrace/bench/report"
	"github.com/millrace/millrace/runtime/control"
)

const (
	memoryInput  = "memory-rows"
	memoryOutput = "memory-counts"
	// memorySQL keeps a group a key until the day is over.
	memorySQL = `
CREATE TABLE source (k BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('topic' = '` + memoryInput + `', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
CREATE TABLE counts (k BIGINT, n BIGINT)
  WITH ('topic' = '` + memoryOutput + `', 'format' = 'json');
INSERT INTO counts SELECT k, COUNT(*) FROM TUMBLE(TABLE source, DESCRIPTOR(ts), INTERVAL '1' DAY)
  GROUP BY k, window_start, window_end;`
	dayMillis = 24 * 60 * 60 * 1000
	// againShare is the part of the keys, one of so many, that come a second time, behind all others.
	againShare = 10
)

// remembering measures a worker with far more keys than memory.
type remembering struct {
	*settings
	keys, limit int64
	profile     string
	group       *memoryGroup // nil where the kernel lets us make none
}

func memoryOf(ctx context.Context, args []string) error {
	x := &remembering{settings: newSettings("memory", "", 0)}
	const keys, patience = 50_000_000, time.Hour
	x.flags.Int64Var(&x.keys, "keys", keys, "keys in the state")
	limit := x.flags.String("limit", "512MiB", "the worker's limit of memory: a number and MiB or GiB")
	x.flags.StringVar(&x.profile, "profile", "", "file for the worker's profile of allocated memory; empty: none")
	x.compression, x.patience = "lz4", patience
	if err := x.parse(args); err != nil {
		return err
	}
	var err error
	if x.limit, err = size(*limit); err != nil {
		return fmt.Errorf("-limit: %w", err)
	}
	return x.all(ctx)
}

// size reads a number of bytes.
func size(text string) (int64, error) {
	for unit, bits := range map[string]int{"MiB": 20, "GiB": 30} {
		number, ok := strings.CutSuffix(text, unit)
		if n, err := strconv.ParseInt(number, 10, 32); ok && err == nil && n > 0 {
			return n << bits, nil
		}
	}
	return 0, fmt.Errorf("%q is no size, as 512MiB is one", text)
}

func (x *remembering) records() int64 { return x.keys + x.keys/againShare }

func (x *remembering) all(ctx context.Context) (err error) {
	const aMinute, perKey = 3_000_000, 250
	fmt.Printf("bench: memory: about %d minutes on two quiet cores, after building, and %d MB of disk.\n", 1+x.keys/aMinute, x.keys*perKey/1e6)
	found := report.Memory{Date: time.Now().UTC().Format(time.DateOnly), Machine: machine(ctx), Load: load(), Keys: x.keys, Rows: x.records(), LimitBytes: x.limit}
	if x.group, err = newMemoryGroup(x.limit); err != nil {
		fmt.Printf("bench: memory: no control group: %v. GOMEMLIMIT stands for the limit.\n", err)
		x.group = nil
	} else {
		found.Enforced = true
		defer func() { err = errors.Join(err, x.group.close()) }()
	}
	_, s, err := x.alone(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.close() }() // what is left is in the temporary folder
	if err := x.one(ctx, s, &found); err != nil {
		return err
	}
	r, err := report.Read(x.out)
	if err != nil {
		return err
	}
	r.Remember(found)
	return r.Write(x.out, "")
}

// one fills the topic, lets a worker take all of it in, then closes the window and looks at what it says.
func (x *remembering) one(ctx context.Context, s *stage, found *report.Memory) error {
	j, err := s.newOwnJob(ctx, x.settings, "memory", memorySQL, memoryInput, memoryOutput)
	if err != nil {
		return err
	}
	row := func(n int64) []byte {
		return fmt.Appendf(nil, `{"k":%d,"ts":%d}`, scatter(n, x.keys), int64(restartMillis))
	}
	if err := fill(ctx, s.broker, bulk{topic: memoryInput, partitions: x.partitions, records: x.records(), compression: x.compression}, os.Stderr, row); err != nil {
		return err
	}
	j.before = []string{"env", "GOMEMLIMIT=" + strconv.FormatInt(x.limit, 10)}
	if x.group != nil {
		j.before = x.group.within()
	}
	flags := []string{"--output-compression", x.compression}
	if x.profile != "" {
		flags = append(flags, "--allocation-profile", x.profile)
	}
	m, err := j.start(ctx, 0, flags...)
	if err != nil {
		return err
	}
	defer func() { m.kill() }()
	if err := x.take(ctx, j, m, found); err != nil {
		return err
	}
	if err := x.fire(ctx, j, m, row, found); err != nil {
		return err
	}
	m.stop()
	return x.verify(ctx, s)
}

// take waits until all rows are in the state.
func (x *remembering) take(ctx context.Context, j *ownJob, m *member, found *report.Memory) error {
	last, err := x.until(ctx, m, found, "all rows are in the state", func(s control.Status) bool { return len(s.Tasks) == ownParallelism+x.partitions && caughtUp(s) })
	if err != nil {
		return err
	}
	found.Seconds = last.Sub(m.began).Seconds()
	if found.CPUSeconds, err = measure.CPUSeconds(m.process.ID()); err != nil {
		return err
	}
	if found.StateBytes, err = folderBytes(m.disk); err != nil {
		return err
	}
	found.ChangelogBytes, _, err = j.internalBytes(ctx)
	fmt.Printf("%d keys, %d rows in %.0f s: %.0f rows/s, %.0f s of CPU  peak RSS %d MiB  anonymous %d MiB  state on disk %d MiB  changelog %d MiB\n", x.keys, found.Rows,
		found.Seconds, float64(found.Rows)/found.Seconds, found.CPUSeconds, found.PeakRSSBytes>>20, found.AnonymousBytes>>20, found.StateBytes>>20, found.ChangelogBytes>>20)
	return err
}

// fire closes the window by a row of a later day in each partition, and waits until its groups are written.
func (x *remembering) fire(ctx context.Context, j *ownJob, m *member, row func(int64) []byte, found *report.Memory) error {
	begin := time.Now()
	late := func(n int64) []byte {
		text := string(row(n))
		return []byte(strings.Replace(text, strconv.Itoa(restartMillis), strconv.Itoa(restartMillis+2*dayMillis), 1))
	}
	if err := fill(ctx, j.stage.broker, bulk{topic: memoryInput, partitions: x.partitions, records: int64(x.partitions)}, os.Stderr, late); err != nil {
		return err
	}
	last, err := x.until(ctx, m, found, "the window is written", func(s control.Status) bool { return s.LastCommit.After(begin) && caughtUp(s) })
	if err != nil {
		return err
	}
	found.FireSeconds = last.Sub(begin).Seconds()
	fmt.Printf("%d groups written in %.0f s  peak RSS %d MiB  anonymous %d MiB  group's peak %d MiB\n", x.keys, found.FireSeconds,
		found.PeakRSSBytes>>20, found.AnonymousBytes>>20, found.GroupPeakBytes>>20)
	return nil
}

// caughtUp says that all input is read.
func caughtUp(s control.Status) bool {
	for _, t := range s.Tasks {
		if t.LagRecords > 0 {
			return false
		}
	}
	return true
}

// until waits until it is so and nothing has been committed for a while, and returns the time of the last commit. It notes what the worker uses meanwhile.
func (x *remembering) until(ctx context.Context, m *member, found *report.Memory, what string, so func(control.Status) bool) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, x.patience)
	defer cancel()
	const pause, still, said = 500 * time.Millisecond, 5 * time.Second, 30 * time.Second
	spoke, begin := time.Now(), time.Now()
	for {
		if err := x.note(m, found); err != nil {
			return time.Time{}, fmt.Errorf("%s: %w; the worker: %s", what, err, m.ending())
		}
		s, err := m.status(ctx)
		if err == nil && so(s) && s.Commits > 0 && time.Since(s.LastCommit) > still {
			return s.LastCommit, nil
		}
		if time.Since(spoke) > said {
			spoke = time.Now()
			fmt.Fprintf(os.Stderr, "%4.0f s  %d rows left  RSS at most %d MiB, anonymous %d MiB  %d commits, %d aborted, %d sessions anew\n", time.Since(begin).Seconds(), left(s),
				found.PeakRSSBytes>>20, found.AnonymousBytes>>20, s.Commits, s.Aborts, s.Restarts)
		}
		if err := rest(ctx, pause); err != nil {
			return time.Time{}, fmt.Errorf("%s: %w: %s", what, err, m.lastWords())
		}
	}
}

func left(s control.Status) (n int64) {
	for _, t := range s.Tasks {
		n += t.LagRecords
	}
	return n
}

// note takes down what the worker uses, and fails when it has ended.
func (x *remembering) note(m *member, found *report.Memory) error {
	var killed int64
	if x.group != nil {
		var err error
		if killed, err = x.group.kills(); err != nil {
			return err
		}
		if found.GroupPeakBytes, err = x.group.peak(); err != nil {
			return err
		}
		anonymous, err := x.group.anonymous()
		if err != nil {
			return err
		}
		found.AnonymousBytes = max(found.AnonymousBytes, anonymous)
	}
	select {
	case <-m.process.Ended():
		return fmt.Errorf("the worker has ended, %s; processes that the kernel killed for the limit: %d", m.process.Status(), killed)
	default:
	}
	rss, err := measure.PeakRSSBytes(m.process.ID())
	if found.PeakRSSBytes = max(found.PeakRSSBytes, rss); err == nil && x.group == nil && rss > x.limit {
		return fmt.Errorf("the worker had %d MiB resident", rss>>20)
	}
	return err
}

// ending is what a worker said last, if it has ended.
func (m *member) ending() string {
	select {
	case <-m.process.Ended():
		return m.lastWords()
	default:
		return "it runs"
	}
}

// verify reads the counts back: each key once, with as many rows as it had.
func (x *remembering) verify(ctx context.Context, s *stage) error {
	var rows, sum, twice int64
	err := s.broker.Read(ctx, memoryOutput, func(_, value []byte) error {
		k, ok := measure.Number(value, "k")
		n, known := measure.Number(value, "n")
		if !ok || !known || n < 1 || n > 2 {
			return fmt.Errorf("a row %q", value)
		}
		rows++
		sum += k
		twice += n - 1
		return nil
	})
	if err != nil {
		return err
	}
	if rows != x.keys || sum != x.keys*(x.keys-1)/2 || twice != x.records()-x.keys {
		return fmt.Errorf("%d groups whose keys add up to %d, and %d of them had a second row; wanted %d, %d and %d", rows, sum, twice,
			x.keys, x.keys*(x.keys-1)/2, x.records()-x.keys)
	}
	fmt.Printf("%d groups read back: each key once, with the right count\n", rows)
	return nil
}

// folderBytes is the size of the files in a folder.
func folderBytes(folder string) (total int64, err error) {
	err = filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ignoreGone(err)
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return ignoreGone(err)
	})
	return total, err
}

// ignoreGone leaves out files that a compaction has removed meanwhile.
func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
