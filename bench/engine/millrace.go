package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

// MaxParallelism is the number of partitions of each of Millrace's internal topics.
const MaxParallelism = 8

func millrace(p Paths) *Engine {
	return &Engine{
		Name: "millrace", Title: "Millrace", CommitInterval: 100 * time.Millisecond, Early: true,
		LatencyIntervals: []time.Duration{100 * time.Millisecond, 20 * time.Millisecond},
		Queries:          []string{"q0", "q1", "q2", "q5", "q11", "q12", "q21", "q22"},
		prepare: func(context.Context, *Engine) error {
			if _, err := os.Stat(p.Worker); err != nil {
				return fmt.Errorf("the worker is not built: %w", err)
			}
			return nil
		},
		command: func(_ *Engine, r Run) ([]string, error) {
			plan, err := writePlan(p.Queries, r)
			if err != nil {
				return nil, err
			}
			args := []string{
				p.Worker, "--plan", plan, "--brokers", r.Brokers, "--prefix", r.Group, "--epoch", "1", "--state-epoch", "1", "--ordinal", "0",
				"--state-backend", "memory", "--commit-interval", r.CommitInterval.String(), "--http", r.HTTP, "--output-compression", r.Compression,
			}
			if r.CPUProfile != "" {
				args = append(args, "--cpu-profile", r.CPUProfile)
			}
			if r.AllocationProfile != "" {
				args = append(args, "--allocation-profile", r.AllocationProfile)
			}
			return append(args, r.Flags...), nil
		},
	}
}

// writePlan compiles the query and returns the plan's path.
func writePlan(folder string, r Run) (string, error) {
	file := filepath.Join(folder, r.Query.Name+".sql")
	text, err := os.ReadFile(file) //nolint:gosec // a file of this project
	if err != nil {
		return "", fmt.Errorf("read the query: %w", err)
	}
	sql := rewrite(string(text), r)
	if r.Edit != nil {
		sql = r.Edit(sql)
	}
	plan, err := compile.Compile(spec.Job{Name: r.Query.Name, SQL: sql, File: file, MaxParallelism: MaxParallelism, BadRows: spec.BadRowsFail})
	if err != nil {
		return "", err
	}
	out, err := physical.Encode(plan)
	if err != nil {
		return "", err
	}
	path := filepath.Join(r.Folder, r.Query.Name+".json")
	if err := os.WriteFile(path, out, 0o600); err != nil {
		return "", fmt.Errorf("write the plan: %w", err)
	}
	return path, nil
}

// rewrite puts the run's topics and watermark in the place of the file's, which are those of a user.
func rewrite(sql string, r Run) string {
	sql = regexp.MustCompile(`'topic'\s*=\s*'bid'`).ReplaceAllString(sql, "'topic' = '"+r.Topic+"'")
	sql = regexp.MustCompile(`'topic'\s*=\s*'`+r.Query.Name+`'`).ReplaceAllString(sql, "'topic' = '"+r.Output+"'")
	lag := strconv.FormatFloat(r.Watermark.Seconds(), 'f', -1, 64)
	return regexp.MustCompile(`(WATERMARK FOR \w+ AS \w+ - INTERVAL) '4' SECOND`).ReplaceAllString(sql, "$1 '"+lag+"' SECOND")
}
