package physical

import (
	"strconv"
	"strings"
)

const controlName = "control"

// Topics names everything of a job on Kafka. The values are part of what users write ACLs for.
type Topics struct {
	// Prefix is "<clusterID>.<namespace>.<job>"; it is the group id too.
	Prefix string
	// StateEpoch is the job epoch in which the internal topics were made.
	StateEpoch int64
}

// Group returns the consumer group's id: the prefix, stable over epochs, for lag tools.
func (t Topics) Group() string { return t.Prefix }

// TransactionalID returns the producer id of a worker: "<prefix>.<ordinal>", with no epoch in it, because only the same
// id fences.
func (t Topics) TransactionalID(ordinal int) string { return t.Prefix + "." + strconv.Itoa(ordinal) }

// InstanceID returns the static group member id of a worker.
func (t Topics) InstanceID(ordinal int) string { return t.TransactionalID(ordinal) }

// Exchange returns the topic of an exchange.
func (t Topics) Exchange(name string) string { return t.internal(name) }

// Changelog returns the changelog topic of a stateful stage.
func (t Topics) Changelog(stage string) string { return t.internal(stage + "-changelog") }

// Splits returns the topic of a source whose rows are made: it stays empty, has a partition a split, and lets the group
// give splits away and keep their offsets as it does for any topic.
func (t Topics) Splits(source string) string { return t.internal(source) }

// Commits returns the topic of one partition that holds a record for each transaction that has no other: a
// transaction without a record is never ended.
func (t Topics) Commits() string { return t.internal("commits") }

// Control returns the topic of one partition that holds what is asked of the job, see package command.
func (t Topics) Control() string { return t.internal(controlName) }

// NewestTopics finds the latest state epoch of a job among the names of topics, by its control topic.
func NewestTopics(prefix string, names []string) (t Topics, found bool) {
	for _, name := range names {
		rest, ok := strings.CutPrefix(name, prefix+".")
		if !ok {
			continue
		}
		epoch, ok := strings.CutSuffix(rest, "."+controlName)
		if !ok {
			continue
		}
		if n, err := strconv.ParseInt(epoch, 10, 64); err == nil && n > t.StateEpoch {
			t, found = Topics{Prefix: prefix, StateEpoch: n}, true
		}
	}
	return t, found
}

func (t Topics) internal(name string) string {
	return t.Prefix + "." + strconv.FormatInt(t.StateEpoch, 10) + "." + name
}

// Trial names what a trial of an epoch has of its own: all of it begins with "<prefix>.<epoch>.trial-<id>", the group included, so that a job which is deleted
// takes it along, and no two trials meet.
func (t Topics) Trial(epoch int64, id string) Topics {
	return Topics{Prefix: t.Prefix + "." + strconv.FormatInt(epoch, 10) + ".trial-" + id, StateEpoch: epoch}
}

// OutputID returns the producer id by which a trial writes to topics that are not its own, in transactions that are aborted.
func (t Topics) OutputID() string { return t.Prefix + ".output" }

// InternalTopic is a topic that Millrace makes for a job.
type InternalTopic struct {
	Name       string
	Kind       TopicKind
	Partitions int
}

// Internal lists the internal topics of a plan, for whoever creates, verifies or deletes them.
func (p *Plan) Internal(t Topics) []InternalTopic {
	list := []InternalTopic{{t.Commits(), CommitsTopic, 1}}
	if p.HasControl() {
		list = append(list, InternalTopic{t.Control(), ControlTopic, 1})
	}
	for _, s := range p.Stages {
		if s.Input.Exchange != nil {
			list = append(list, InternalTopic{t.Exchange(s.Input.Exchange.Name), ExchangeTopic, p.MaxParallelism})
		}
		if in := s.Input.Topic; in != nil && in.Nexmark != nil {
			list = append(list, InternalTopic{t.Splits(in.Topic), SplitsTopic, in.Nexmark.Splits})
		}
		if s.Stateful {
			list = append(list, InternalTopic{t.Changelog(s.Name), ChangelogTopic, p.MaxParallelism})
		}
	}
	return list
}

// SourceTopics lists the user's topics that the plan reads, in stage order without repeats.
func (p *Plan) SourceTopics() []string {
	var list []string
	for _, s := range p.Stages {
		if s.Input.Topic != nil && s.Input.Topic.Nexmark == nil {
			list = append(list, s.Input.Topic.Topic)
		}
	}
	return list
}

// MadeTopics lists what the plan reads that is no topic: its rows are made.
func (p *Plan) MadeTopics() []string {
	var list []string
	for _, s := range p.Stages {
		if s.Input.Topic != nil && s.Input.Topic.Nexmark != nil {
			list = append(list, s.Input.Topic.Topic)
		}
	}
	return list
}

// sources lists all that the plan reads, what is made included.
func (p *Plan) sources() []string {
	var list []string
	for _, s := range p.Stages {
		if s.Input.Topic != nil {
			list = append(list, s.Input.Topic.Topic)
		}
	}
	return list
}

// Ends says whether everything that the plan reads beside topics has an end of its own.
func (p *Plan) Ends() bool {
	for _, s := range p.Stages {
		if in := s.Input.Topic; in != nil && in.Nexmark != nil && in.Nexmark.Events.Events == 0 {
			return false
		}
	}
	return true
}

// SinkTopics lists the user's topics that the plan writes, without repeats.
func (p *Plan) SinkTopics() []string {
	var list []string
	seen := map[string]bool{}
	for _, s := range p.Stages {
		for _, b := range s.Branches {
			if b.Output.Sink != nil && !seen[b.Output.Sink.Topic] {
				seen[b.Output.Sink.Topic] = true
				list = append(list, b.Output.Sink.Topic)
			}
		}
	}
	return list
}
