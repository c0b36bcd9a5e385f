package worker

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/task"
)

// DefaultCommitInterval is how long a commit waits at most for more input.
const DefaultCommitInterval = 100 * time.Millisecond

// DefaultChangeBytes is what may be uncommitted of a worker's state before a commit is due.
const DefaultChangeBytes = 64 << 20

// DefaultTrimInterval is how often exchanges are trimmed.
const DefaultTrimInterval = time.Minute

// Config is what a worker needs. Plan, Topics, Kafka, Backend and Logger must be set.
type Config struct {
	// Plan is the compiled job, and Topics the names of all that it has on Kafka.
	Plan   *physical.Plan
	Topics physical.Topics
	// Epoch is the job's; a worker that finds a higher one in the group's offsets ends.
	Epoch int64
	// Ordinal numbers the worker from 0, the same over restarts. MaxOrdinal is the highest that the job ever used, as
	// far as is known; a lower value than Ordinal counts as Ordinal.
	Ordinal, MaxOrdinal int
	// Kafka is how to reach the brokers.
	Kafka kafka.Options
	// Durability is how the internal topics are replicated, for the worker that creates them.
	Durability kafka.Durability
	// Backend holds the state of the worker's tasks. The worker does not close it.
	Backend state.Backend
	// Snapshots says where copies of the state go.
	Snapshots Snapshots
	// Savepoints says where savepoints are written to, and which one the job begins from.
	Savepoints Savepoints
	// Delivery says how often a row counts that is on its way when a worker fails; empty means as the plan says. All workers
	// of an epoch have the same.
	Delivery spec.Delivery
	// Laps says when tasks rewrite their state at the head of their changelogs, where Snapshots has no store: what lies before
	// is deleted then. LeastBytes 0 means DefaultLapLeastBytes, below 0 never. Where commits are no transactions they never do.
	Laps task.Laps
	// WarmUpLeastBytes is how much there must be to read back of a task's state before the task waits, where it is to move, for its next
	// owner to have read it; 0 means DefaultWarmUpLeastBytes, below 0 never. State that is not kept on the worker moves at once.
	WarmUpLeastBytes int64
	// TableBytes bounds the tables of all aggregates and sessions together, which have equal parts of it; 0 bounds each by its default.
	TableBytes int64
	// ChangeBytes is the size of uncommitted changes of state, of all tasks, from where a commit is due ahead of its time: they are in memory
	// until it is over. 0 means DefaultChangeBytes.
	ChangeBytes int64
	// CommitInterval is the longest time between a record and its commit; 0 means DefaultCommitInterval.
	CommitInterval time.Duration
	// MostMarkers is how many markers a second the transactions of all workers of the job leave, together, for each broker; 0 means
	// physical.MostMarkers. Commits become less frequent rather than leave more.
	MostMarkers int
	// MaxWatermarkDrift is how far a source may be ahead of the slowest one in event time; 0 is as far as it likes.
	MaxWatermarkDrift time.Duration
	// MaxExchangeBytes is how much of an exchange may wait for its readers before sources that write to it wait as well; 0 means
	// DefaultMaxExchangeBytes.
	MaxExchangeBytes int64
	// ShedLagRecords is how many offsets a source partition may be behind its end before it skips ahead to half of that; 0 is as
	// many as it comes to. It is for topics, and for input without an end: what is made, and a bounded input, are read whole.
	ShedLagRecords int64
	// TrimInterval is how often what was consumed and committed is deleted from the exchanges; 0 means DefaultTrimInterval.
	TrimInterval time.Duration
	// StartFrom says where a job begins that has never committed; empty means the oldest records.
	StartFrom spec.StartFrom
	// Bounded makes the worker read its sources to their ends, and finish. The ends are those that they have at the
	// start or, where InputComplete is set, those that they have when it is closed: whoever still fills the topics closes
	// it after the last record is acknowledged. Before that no silent partition counts as idle.
	Bounded       bool
	InputComplete <-chan struct{}
	// Ends are offsets at which sources end, whether the worker is Bounded or waits at them for its operator: the same for all workers of
	// the job, from its first start on. Nil is none; of a source that it lacks nothing more is read. What is made ends by itself, or not.
	Ends map[kafka.Partition]int64
	// Grace bounds the last commit, after the end of the context; 0 means 10 s.
	Grace time.Duration
	// Logger says what happens.
	Logger *slog.Logger
	// Trial, where it is set, makes of the worker one that tries a plan while the job runs: see Trial. Topics are those of the trial.
	Trial *Trial
	// Operated says that an operator watches the job and begins an epoch for partitions that are added to a source. Until
	// then the worker goes on with those that it has. Without, it ends with a User error when one appears, and the next
	// start takes it up.
	Operated bool
	// GivenTopics says that the internal topics are there before any worker is, made by whoever looks after the job. A worker that does not find
	// them makes none and ends with a User error: the job was deleted, and is not to begin anew. Without, worker 0 makes them.
	GivenTopics bool
	// Plants are bugs for the tests that must find them; a build without the tag "mutants" has none.
	Plants Plants
}

const defaultGrace = 10 * time.Second

// check fills in defaults and refuses what can't run.
func (c *Config) check() error {
	switch {
	case c.Plan == nil || c.Backend == nil || c.Logger == nil:
		return fault.New(fault.Bug, fault.Place{}, "a worker without plan, state backend or logger")
	case c.Savepoints.Blobs != nil && c.Savepoints.Files == nil:
		return fault.New(fault.Bug, fault.Place{}, "a store of savepoints, and no form for the files there")
	case len(c.Kafka.Brokers) == 0:
		return fault.New(fault.User, fault.Place{}, "no broker address")
	case c.Kafka.Security.Check() != nil:
		return c.Kafka.Security.Check()
	case c.Epoch < 1:
		return fault.New(fault.User, fault.Place{}, "the epoch is %d; it counts from 1", c.Epoch)
	case c.Ordinal < 0:
		return fault.New(fault.User, fault.Place{}, "the ordinal is %d; it counts from 0", c.Ordinal)
	case c.Topics.Prefix == "":
		return fault.New(fault.User, fault.Place{}, "no prefix for the job's names on Kafka")
	}
	c.fill()
	if err := c.checkDelivery(); err != nil {
		return err
	}
	if err := c.checkFormat(); err != nil {
		return err
	}
	c.stopLaps()
	if err := c.checkTrial(); err != nil {
		return err
	}
	return cmp.Or(c.checkShedding(), c.checkStart())
}

// stopLaps keeps tasks from rewriting their state where there is no use for it, or workers of an older version run beside.
func (c *Config) stopLaps() {
	if c.Snapshots.Blobs != nil || c.untransacted() || !c.Plan.HasLaps() {
		c.Laps = task.Laps{}
	}
}

// fill puts defaults where nothing is said.
func (c *Config) fill() {
	c.MaxOrdinal = max(c.MaxOrdinal, c.Ordinal)
	if c.CommitInterval <= 0 {
		c.CommitInterval = DefaultCommitInterval
	}
	if c.ChangeBytes <= 0 {
		c.ChangeBytes = DefaultChangeBytes
	}
	if c.MostMarkers <= 0 {
		c.MostMarkers = physical.MostMarkers
	}
	if c.MaxExchangeBytes <= 0 {
		c.MaxExchangeBytes = DefaultMaxExchangeBytes
	}
	if c.TrimInterval <= 0 {
		c.TrimInterval = DefaultTrimInterval
	}
	if c.Grace <= 0 {
		c.Grace = defaultGrace
	}
	if c.Laps.LeastBytes == 0 {
		c.Laps.LeastBytes = DefaultLapLeastBytes
	}
	if c.WarmUpLeastBytes == 0 {
		c.WarmUpLeastBytes = DefaultWarmUpLeastBytes
	}
	c.Snapshots.fill()
}

// checkFormat refuses a plan that this build does not know, and what workers can't do under one of an older format: those of an older
// version that run beside them would not understand it.
func (c *Config) checkFormat() error {
	newer := func(what string) error {
		return fault.New(fault.User, fault.Place{}, "%s needs a plan of a newer format than %d", what, c.Plan.Format).
			Do("let the operator, of this worker's version, compile the job once more: it does when its spec changes")
	}
	switch {
	case c.Plan.Format < physical.OldestFormat || c.Plan.Format > physical.Format:
		return fault.New(fault.User, fault.Place{}, "the plan has format %d, this worker reads %d to %d", c.Plan.Format, physical.OldestFormat, physical.Format).
			Do("run workers of the operator's version, or of the one before or after it")
	case c.untransacted() && !c.Plan.HasDelivery():
		return newer("delivery " + string(c.Delivery))
	case c.Savepoints.RestoreFrom != "" && !c.Plan.HasControl():
		return newer("to begin from a savepoint")
	}
	return nil
}

func (c *Config) checkStart() error {
	switch c.StartFrom {
	case "":
		c.StartFrom = spec.StartEarliest
	case spec.StartEarliest, spec.StartLatest:
	default:
		return fault.New(fault.User, fault.Place{}, "unknown starting point %q", c.StartFrom).Do("use %s or %s", spec.StartEarliest, spec.StartLatest)
	}
	return nil
}

// group is the worker's place in the job's group.
func (c *Config) group() kafka.Group {
	return kafka.Group{
		Group: c.Topics.Group(), Epoch: c.Epoch, Ordinal: c.Ordinal, MaxOrdinal: c.MaxOrdinal,
		Name: c.Topics.InstanceID, Topics: c.inputs(), Unread: c.splits(),
		Untransacted: c.untransacted(),
	}
}

// inputs lists what the plan's stages read.
func (c *Config) inputs() []string {
	list := make([]string, 0, len(c.Plan.Stages))
	for i := range c.Plan.Stages {
		list = append(list, c.input(i))
	}
	return list
}

// input is the topic that a stage reads.
func (c *Config) input(stage int) string {
	if in := c.Plan.Stages[stage].Input; in.Exchange != nil {
		return c.Topics.Exchange(in.Exchange.Name)
	} else if in.Topic != nil && in.Topic.Nexmark != nil {
		return c.Topics.Splits(in.Topic.Topic)
	} else if in.Topic != nil {
		return in.Topic.Topic
	}
	return ""
}

// splits lists those of the inputs that hold nothing but offsets: their rows are made.
func (c *Config) splits() []string {
	var list []string
	for i, s := range c.Plan.Stages {
		if s.Input.Topic != nil && s.Input.Topic.Nexmark != nil {
			list = append(list, c.input(i))
		}
	}
	return list
}

// internal lists the job's internal topics.
func (c *Config) internal() []kafka.InternalTopic {
	var list []kafka.InternalTopic
	for _, t := range c.Plan.Internal(c.Topics) {
		list = append(list, kafka.InternalTopic{Name: t.Name, Partitions: t.Partitions})
	}
	return list
}

// changelogs lists the topics that hold state.
func (c *Config) changelogs() []string {
	var list []string
	for _, s := range c.Plan.Stages {
		if s.Stateful {
			list = append(list, c.Topics.Changelog(s.Name))
		}
	}
	return list
}
