package main

import (
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/millrace/millrace/bench/answer"
	"github.com/millrace/millrace/bench/engine"
)

// settings are the flags that all commands share.
type settings struct {
	flags       *flag.FlagSet
	paths       engine.Paths
	queries     string
	events      int64
	partitions  int
	compression string
	out         string
	patience    time.Duration
}

// defaultPartitions is how many the topics have, but where partitions are what is measured.
const defaultPartitions = 4

// cores is what each engine may use: threads, slots or tasks at once.
const cores = 2

func newSettings(command, queries string, events int64) *settings {
	s := &settings{flags: flag.NewFlagSet(command, flag.ContinueOnError)}
	f := s.flags
	f.StringVar(&s.paths.Worker, "worker", "bin/worker", "the worker's binary")
	f.StringVar(&s.paths.Queries, "sql", "bench/queries", "folder with Millrace's queries")
	f.StringVar(&s.paths.Peers, "peer-sources", "bench/peers", "folder with the peers' sources")
	f.StringVar(&s.queries, "queries", queries, "what to run, comma separated")
	f.Int64Var(&s.events, "events", events, "bids to load")
	f.IntVar(&s.partitions, "partitions", defaultPartitions, "partitions of the topics")
	f.StringVar(&s.compression, "compression", "none", "of the input and of what every engine writes: none or lz4")
	f.StringVar(&s.out, "out", "bench", "folder for what is written")
	const patience = 5 * time.Minute
	f.DurationVar(&s.patience, "patience", patience, "how long a run may take")
	return s
}

// list returns the queries that are asked for.
func (s *settings) list() ([]answer.Query, error) {
	var list []answer.Query
	for name := range strings.SplitSeq(s.queries, ",") {
		q, err := answer.Named(strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		list = append(list, q)
	}
	return list, nil
}

func (s *settings) parse(args []string) error {
	if err := s.flags.Parse(args); err != nil {
		return err
	}
	if s.flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", s.flags.Arg(0))
	}
	return nil
}
