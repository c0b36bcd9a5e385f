package launch

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/millrace/manifest"
	"github.com/millrace/millrace/config/crd"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

const (
	// resultsTopic takes the rows of bare SELECTs.
	resultsTopic = "results"
	// sqlParallelism is the number of internal partitions of a job that is a file of SQL.
	sqlParallelism = 8
	maxSQLBytes    = 1 << 20
)

// job is a compiled job and the topics that it needs on the broker.
type job struct {
	name           string
	plan           *physical.Plan
	tables         []spec.Table // all that the SQL may name
	parallelism    int
	startFrom      spec.StartFrom
	commitInterval time.Duration
	// maxDrift and maxExchangeBytes hold sources back; 0 is the worker's default.
	maxDrift         time.Duration
	maxExchangeBytes int64
	shedLagRecords   int64           // 0: everything is read
	state            v1alpha1.State  // the zero value is that of a job without a manifest
	endAt            *v1alpha1.EndAt // of a batch job; nil: the latest records
	batch            bool            // it reads what there is, and ends
	// partitions holds the user's topics and how many partitions to make where a topic is not there.
	partitions map[string]int32
}

// topics names what the job has on Kafka. The plan's state is part of the name, so that a changed query never reads the
// state of another.
func (j *job) topics() physical.Topics {
	return physical.Topics{Prefix: render.Prefix("local", "default", j.name+"-"+j.plan.StateHash[:min(8, len(j.plan.StateHash))]), StateEpoch: 1}
}

// sink returns how the plan writes a topic.
func (j *job) sink(topic string) physical.Sink {
	for _, s := range j.plan.Stages {
		for _, b := range s.Branches {
			if b.Output.Sink != nil && b.Output.Sink.Topic == topic {
				return *b.Output.Sink
			}
		}
	}
	return physical.Sink{}
}

func load(ctx context.Context, o *Options) (*job, error) {
	if o.SQL != "" {
		return loadSQL(o)
	}
	return loadManifests(ctx, o)
}

func loadSQL(o *Options) (*job, error) {
	text, err := readSQL(o.SQL, o.Stdin)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(filepath.Base(o.SQL), filepath.Ext(o.SQL))
	j := &job{name: topicSafe(name), parallelism: 1, startFrom: spec.StartEarliest, partitions: map[string]int32{}}
	return j, j.compile(spec.Job{
		Name: name, SQL: text, File: o.SQL, DefaultSink: resultsTopic, MaxParallelism: sqlParallelism, BadRows: spec.BadRowsFail,
	})
}

func readSQL(file string, stdin io.Reader) (string, error) {
	var text []byte
	var err error
	if file == "-" {
		text, err = io.ReadAll(io.LimitReader(stdin, maxSQLBytes+1))
	} else {
		text, err = os.ReadFile(file) //nolint:gosec // the user's own file, named by the user
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", fault.New(fault.User, fault.Place{File: file}, "no such file").Do("check the path given to --sql")
	case err != nil:
		return "", fault.Wrap(fault.User, err, "read the query")
	case len(text) > maxSQLBytes:
		return "", fault.New(fault.User, fault.Place{File: file}, "the query is longer than %d bytes", maxSQLBytes)
	}
	return string(text), nil
}

// topicSafe replaces what a topic's name may not hold.
func topicSafe(name string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, name)
	if strings.Trim(safe, "-") == "" {
		return "query"
	}
	return safe
}

func loadManifests(ctx context.Context, o *Options) (*job, error) {
	set, err := manifest.Load(ctx, crd.Files, o.Manifests, o.Stdin)
	if err != nil {
		return nil, err
	}
	sj, err := onlyJob(set.Jobs)
	if err != nil {
		return nil, err
	}
	described, err := render.Job(sj, set.Topics)
	if err != nil {
		return nil, err
	}
	j := &job{
		name: sj.Name, parallelism: int(sj.Spec.Parallelism), startFrom: spec.StartFrom(sj.Spec.StartFrom.Type),
		commitInterval: sj.Spec.CommitInterval.Duration, state: sj.Spec.State, partitions: map[string]int32{},
		maxDrift: sj.Spec.MaxWatermarkDrift.Duration, shedLagRecords: render.ShedLagRecords(sj), batch: sj.IsBatch(), endAt: sj.Spec.EndAt,
	}
	if most := sj.Spec.MaxExchangeBytes; most != nil {
		j.maxExchangeBytes = most.Value()
	}
	for i := range set.Topics {
		j.partitions[set.Topics[i].Topic()] = set.Topics[i].Spec.Partitions
	}
	if err := j.compile(described); err != nil {
		return nil, err
	}
	return j, render.CheckMode(sj, j.plan)
}

// compile fills in the plan and the tables that it reads and writes.
func (j *job) compile(described spec.Job) (err error) {
	if j.plan, err = compile.Compile(described); err != nil {
		return err
	}
	j.tables, err = compile.Tables(described)
	return err
}

func onlyJob(jobs []v1alpha1.StreamJob) (*v1alpha1.StreamJob, error) {
	switch len(jobs) {
	case 0:
		return nil, fault.New(fault.User, fault.InField("-f"), "the manifests hold no StreamJob")
	case 1:
		return &jobs[0], nil
	default:
		names := make([]string, len(jobs))
		for i, j := range jobs {
			names[i] = j.Name
		}
		return nil, fault.New(fault.User, fault.InField("-f"), "the manifests hold %d StreamJobs: %s", len(jobs), strings.Join(names, ", ")).
			Do("run one at a time")
	}
}

// known refuses a binding to a topic that the plan does not use.
func known(flag string, bindings []Binding, topics []string) error {
	var errs []error
	seen := map[string]bool{}
	for _, b := range bindings {
		place := fault.InField(flag + " " + b.Topic + "=" + b.File)
		switch {
		case !slices.Contains(topics, b.Topic):
			err := fault.New(fault.User, place, "the job does not use topic %q", b.Topic)
			if near, ok := fault.Nearest(b.Topic, topics); ok {
				err = err.Do("did you mean %q?", near)
			} else if len(topics) > 0 {
				err = err.Do("it uses %s", strings.Join(topics, ", "))
			}
			errs = append(errs, err)
		case seen[b.Topic]:
			errs = append(errs, fault.New(fault.User, place, "topic %q is given twice", b.Topic))
		}
		seen[b.Topic] = true
	}
	return errors.Join(errs...)
}

// missing lists the topics without a binding.
func missing(topics []string, bindings []Binding) []string {
	left := map[string]bool{}
	for _, t := range topics {
		left[t] = true
	}
	for _, b := range bindings {
		delete(left, b.Topic)
	}
	return slices.Sorted(maps.Keys(left))
}
