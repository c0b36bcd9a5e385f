package kafkaadmin_test

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/controllers/kafkaadmin"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/task"
)

// spoken is a control topic, with those who write to it.
type spoken struct {
	t       *testing.T
	cluster *kafkaadmin.Cluster
	admin   *kadm.Client
	client  *kgo.Client
	names   physical.Topics
	now     time.Time
}

func newSpoken(t *testing.T) *spoken {
	t.Helper()
	c, admin, client := cluster(t)
	s := &spoken{t, c, admin, client, physical.Topics{Prefix: "c.ns.job", StateEpoch: 2}, time.Now()}
	if _, err := admin.CreateTopics(t.Context(), 1, 1, nil, s.names.Control()); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.CreateTopics(t.Context(), 2, 1, nil, "in"); err != nil {
		t.Fatal(err)
	}
	return s
}

// workers say something.
func (s *spoken) workers(r command.Record) {
	s.t.Helper()
	if err := s.client.ProduceSync(s.t.Context(), &kgo.Record{Topic: s.names.Control(), Value: r.Encode()}).FirstErr(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *spoken) ask(id string) {
	s.t.Helper()
	for range 2 { // once is enough
		if err := s.cluster.RequestSavepoint(s.t.Context(), s.names, id, s.now, s.now.Add(time.Minute)); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *spoken) want(id string, want lifecycle.SavepointState) {
	s.t.Helper()
	got, err := s.cluster.Savepoint(s.t.Context(), s.names, id, s.now, []string{"in"})
	if err != nil || got.State != want {
		s.t.Errorf("%s: %+v %v, want %d", id, got, err, want)
	}
}

// commit lets the sources commit as tasks do.
func (s *spoken) commit(metas ...task.Meta) {
	s.t.Helper()
	offsets := kadm.Offsets{}
	for n, m := range metas {
		offsets.Add(kadm.Offset{Topic: "in", Partition: int32(n), At: m.Offset, LeaderEpoch: -1, Metadata: m.Encode()})
	}
	if err := s.admin.CommitAllOffsets(s.t.Context(), s.names.Group(), offsets); err != nil {
		s.t.Fatal(err)
	}
}

func (s *spoken) records() int64 {
	s.t.Helper()
	ends, err := s.admin.ListEndOffsets(s.t.Context(), s.names.Control())
	if err != nil {
		s.t.Fatal(err)
	}
	end, _ := ends.Lookup(s.names.Control(), 0)
	return end.Offset
}

func TestAJobIsAskedForASavepointOnce(t *testing.T) {
	s := newSpoken(t)
	s.want("one", lifecycle.SavepointAbsent)
	s.ask("one")
	s.want("one", lifecycle.SavepointAsked)
	s.want("two", lifecycle.SavepointBusy)
	if n := s.records(); n != 1 {
		t.Errorf("%d records, want the one request", n)
	}
	s.commit(task.Meta{JobEpoch: 2, Seq: 3, Offset: 7, Cut: task.Cut{ID: 1, Offset: 7}}, task.Meta{JobEpoch: 2, Seq: 1, Cut: task.Cut{ID: 1}})
	s.workers(command.Record{Kind: command.Cut, ID: "one"})
	s.want("one", lifecycle.SavepointAsked)
	s.workers(command.Record{Kind: command.Done, ID: "one", Rows: 1})
	s.want("one", lifecycle.SavepointFinished)
	if err := s.cluster.ResumeJob(t.Context(), s.names, "one", s.now); err != nil {
		t.Fatal(err)
	}
	s.want("one", lifecycle.SavepointFailed)
	s.want("two", lifecycle.SavepointAbsent)
}

// Workers whose clocks disagree about the deadline may go on before another one finishes the savepoint.
func TestASavepointThatTheJobHasPassedIsNone(t *testing.T) {
	s := newSpoken(t)
	s.ask("one")
	s.commit(task.Meta{JobEpoch: 2, Seq: 3, Offset: 7, Cut: task.Cut{ID: 1, Offset: 7}}, task.Meta{JobEpoch: 2, Seq: 9, Offset: 4, Cut: task.Cut{ID: 1, Offset: 3}})
	s.workers(command.Record{Kind: command.Done, ID: "one"})
	s.want("one", lifecycle.SavepointFailed)
}

// The answer to a request can be lost, and the request arrive after the job was told to go on.
func TestARequestThatArrivesAfterTheResumeCountsForNothing(t *testing.T) {
	s := newSpoken(t)
	if err := s.cluster.ResumeJob(t.Context(), s.names, "one", s.now); err != nil {
		t.Fatal(err)
	}
	s.workers(command.Record{Kind: command.Savepoint, ID: "one", At: s.now, Deadline: s.now.Add(time.Hour), Stop: true})
	s.want("one", lifecycle.SavepointFailed)
	s.want("two", lifecycle.SavepointAbsent)
}

func TestAnEpochHasCommittedWhenASourceOfItHas(t *testing.T) {
	s := newSpoken(t)
	want := func(want lifecycle.Commits) {
		t.Helper()
		if got, err := s.cluster.Commits(t.Context(), s.names, []string{"in"}); err != nil || got != want {
			t.Errorf("%v %v, want %v", got, err, want)
		}
	}
	want(lifecycle.CommitsNone)
	s.commit(task.Meta{JobEpoch: 1, Seq: 3}, task.Meta{JobEpoch: 1, Seq: 3})
	want(lifecycle.CommitsNone)
	s.commit(task.Meta{JobEpoch: 2}, task.Meta{JobEpoch: 2})
	want(lifecycle.CommitsNone)
	s.commit(task.Meta{JobEpoch: 2}, task.Meta{JobEpoch: 3, Seq: 1})
	want(lifecycle.CommitsSome)
}

func TestOnlyFormerStateIsDropped(t *testing.T) {
	s := newSpoken(t)
	former, later, other := physical.Topics{Prefix: s.names.Prefix, StateEpoch: 1}, physical.Topics{Prefix: s.names.Prefix, StateEpoch: 21}, physical.Topics{Prefix: s.names.Prefix + "2", StateEpoch: 1}
	if _, err := s.admin.CreateTopics(t.Context(), 1, 1, nil, former.Control(), former.Commits(), later.Control(), other.Control()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.cluster.DropState(t.Context(), lifecycle.Remains{Prefix: s.names.Prefix}, s.names.StateEpoch); err != nil {
			t.Fatal(err)
		}
	}
	missing, err := s.cluster.Missing(t.Context(), []string{s.names.Control(), former.Control(), former.Commits(), later.Control(), other.Control(), "in"})
	if err != nil || len(missing) != 2 {
		t.Errorf("gone: %v %v", missing, err)
	}
}
