package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// judge compares what came out with what went in, says what there is to say, and returns an error where something is wrong.
func (r *run) judge(ctx context.Context) error {
	load := r.feeder.load
	v := r.ledger.compare(load)
	_, _, kills, restarts := r.crew.figures()
	longest, when := r.reader.pauses()
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(r.out, format+"\n", args...) }
	p("\nchaos: %d rows (%d of them late), %d windows; seed %d", load.rows, load.late, len(load.counts), r.seed)
	p("faults: %s", r.plan.Count())
	p("workers: %d killed, %d ended by themselves and were started again; connections cut: %d; broker killed: %d", kills, restarts, r.proxy.Cuts(), r.node.kills)
	p("longest pause in the output: %.1f s, at %.1f s; complete %.1f s after the last fault", longest.Seconds(), when.Seconds(), r.drained.Seconds())
	p("workers' logs: %s", r.logged())
	var found []error
	for _, f := range r.crew.findings {
		found = append(found, errors.New(f))
	}
	if v.wrong() {
		found = append(found, errors.New("such as:\n  "+strings.Join(v.examples, "\n  ")))
		if other, err := r.reader.again(ctx); err != nil {
			p("a second reader: %v", err)
		} else {
			w := other.compare(load)
			p("a second reader, from the beginning: %s", &w)
		}
	}
	p("%s", &v)
	return errors.Join(found...)
}

// close removes the folder, or says where it is.
func (r *run) close(err error) error {
	err = errors.Join(err, r.node.stop())
	if err != nil {
		return fmt.Errorf("%w\nlogs, the plan and the broker's data: %s\nonce more: make chaos SECONDS=%.0f RATE=%d SEED=%d PLAN=%s", err, r.folder,
			r.length.Seconds(), r.rate, r.seed, filepath.Join(r.folder, "plan"))
	}
	return os.RemoveAll(r.folder)
}

// logged counts what workers have said that is not routine: which ways through the code the run has seen.
func (r *run) logged() string {
	counts := map[string]int{}
	files, _ := filepath.Glob(filepath.Join(r.folder, "worker*.log"))
	for _, file := range files {
		countLines(file, counts)
	}
	var parts []string
	for _, message := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d × %s", counts[message], message))
	}
	return strings.Join(parts, ", ")
}

func countLines(file string, counts map[string]int) {
	f, err := os.Open(file)
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }()
	const longestLine = 1 << 20
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		var said struct {
			Msg    string
			Landed *bool
		}
		if !bytes.HasPrefix(lines.Bytes(), []byte("{")) || json.Unmarshal(lines.Bytes(), &said) != nil {
			continue
		}
		if said.Landed != nil {
			said.Msg += fmt.Sprintf(" (landed: %t)", *said.Landed)
		}
		counts[said.Msg]++
	}
}
