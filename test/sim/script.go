package sim

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Script is a plan as text: a line for everything that goes wrong. It is what a run of a seed has met, to be read,
// shortened and played again.
//
//	seed 17
//	at 2.1s start worker=1
//	at 6s cut for=3s
//	restart worker=0 n=2 after=350ms disk=lost
//	fault id=local.sim.job.0 txn=12 request=EndTxn try=1 what=crash-after
//	marker id=local.sim.job.0 txn=3 at=copy/2 late=1.2s
//	offset id=local.sim.job.0 txn=3 group=local.sim.job at=in/2 late=800ms
//
// The zero value is empty. It is safe for concurrent use.
type Script struct {
	// Seed makes the workload.
	Seed uint64

	mu       sync.Mutex
	schedule []Event
	restarts map[place]Restart
	faults   map[Point]Fault
	late     map[late]time.Duration
}

// place is a worker's n-th death.
type place struct{ worker, n int }

// late names a marker, or an offset where it has a group.
type late struct {
	Txn
	at groupPart
}

// Record returns a plan that answers as p, and notes down each answer that is something.
func (s *Script) Record(p Plan) Plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schedule = p.Schedule
	return Plan{
		Schedule: p.Schedule,
		Restart:  func(worker, n int) Restart { return note(s, &s.restarts, place{worker, n}, p.Restart(worker, n)) },
		Marker: func(t Txn, topic string, partition int32) time.Duration {
			return note(s, &s.late, late{t, groupPart{part: part{topic, partition}}}, p.Marker(t, topic, partition))
		},
		Offsets: func(t Txn, group, topic string, partition int32) time.Duration {
			return note(s, &s.late, late{t, groupPart{group, part{topic, partition}}}, p.Offsets(t, group, topic, partition))
		},
		Fault: func(at Point) Fault { return note(s, &s.faults, at, p.Fault(at)) },
	}
}

func note[K, V comparable](s *Script, in *map[K]V, k K, v V) V {
	var nothing V
	if v == nothing {
		return v
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if *in == nil {
		*in = map[K]V{}
	}
	(*in)[k] = v
	return v
}

// Plan returns the plan that the script describes.
func (s *Script) Plan() Plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Plan{
		Schedule: s.schedule,
		Restart:  func(worker, n int) Restart { return s.restarts[place{worker, n}] },
		Marker: func(t Txn, topic string, partition int32) time.Duration {
			return s.late[late{t, groupPart{part: part{topic, partition}}}]
		},
		Offsets: func(t Txn, group, topic string, partition int32) time.Duration {
			return s.late[late{t, groupPart{group, part{topic, partition}}}]
		},
		Fault: func(at Point) Fault { return s.faults[at] },
	}
}

// String returns the script's lines, the same for the same plan.
func (s *Script) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for k, r := range s.restarts {
		line := fmt.Sprintf("restart worker=%d n=%d after=%v", k.worker, k.n, r.After)
		if r.DiskLost {
			line += " disk=lost"
		}
		lines = append(lines, line)
	}
	for at, f := range s.faults {
		lines = append(lines, fmt.Sprintf("fault id=%s txn=%d request=%s try=%d what=%s", at.ID, at.N, at.Key.Name(), at.Try, f))
	}
	for k, d := range s.late {
		where := fmt.Sprintf("at=%s/%d late=%v", k.at.topic, k.at.p, d)
		if k.at.group == "" {
			lines = append(lines, fmt.Sprintf("marker id=%s txn=%d %s", k.ID, k.N, where))
		} else {
			lines = append(lines, fmt.Sprintf("offset id=%s txn=%d group=%s %s", k.ID, k.N, k.at.group, where))
		}
	}
	slices.Sort(lines)
	head := []string{fmt.Sprintf("seed %d", s.Seed)}
	for _, e := range s.schedule {
		head = append(head, e.line())
	}
	return strings.Join(append(head, lines...), "\n") + "\n"
}

func (e Event) line() string {
	line := fmt.Sprintf("at %v %s", e.At, e.Verb)
	switch e.Verb {
	case Start, Stop:
		line += fmt.Sprintf(" worker=%d", e.Worker)
	case Cut:
		line += fmt.Sprintf(" for=%v", e.For)
	case Slow:
		line += fmt.Sprintf(" for=%v by=%v", e.For, e.By)
	case Move:
		line += fmt.Sprintf(" parallel=%d", e.Parallel)
	case Save, Drain:
	}
	return line
}

// ParseScript reads what String writes. Empty lines and those that begin with # say nothing.
func ParseScript(text string) (*Script, error) {
	s := &Script{restarts: map[place]Restart{}, faults: map[Point]Fault{}, late: map[late]time.Duration{}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		f := fields{values: map[string]string{}}
		for _, w := range words[1:] {
			if name, value, ok := strings.Cut(w, "="); ok {
				f.values[name] = value
			} else {
				f.bare = append(f.bare, w)
			}
		}
		s.add(words[0], &f)
		if f.err == nil && len(f.values)+len(f.bare) > 0 {
			f.err = fmt.Errorf("it says more than a line of this kind can: %v %v", f.bare, f.values)
		}
		if f.err != nil {
			return nil, fmt.Errorf("line %d: %w", n, f.err)
		}
	}
	slices.SortStableFunc(s.schedule, func(a, b Event) int { return int(a.At - b.At) })
	return s, nil
}

// add takes one line, whose words are used up.
func (s *Script) add(kind string, f *fields) {
	switch kind {
	case "seed":
		s.Seed = uint64(f.number(f.word()))
	case "at":
		e := Event{At: f.duration(f.word()), Verb: Verb(f.word())}
		switch e.Verb {
		case Start, Stop:
			e.Worker = f.number(f.value("worker"))
		case Cut:
			e.For = f.duration(f.value("for"))
		case Slow:
			e.For, e.By = f.duration(f.value("for")), f.duration(f.value("by"))
		case Save, Drain:
		case Move:
			e.Parallel = f.number(f.value("parallel"))
		default:
			f.fail("unknown event %q", e.Verb)
		}
		s.schedule = append(s.schedule, e)
	case "restart":
		at := place{f.number(f.value("worker")), f.number(f.value("n"))}
		r := Restart{After: f.duration(f.value("after"))}
		if disk, ok := f.optional("disk"); ok {
			r.DiskLost = disk == "lost"
		}
		s.restarts[at] = r
	case "fault":
		at := Point{Txn: f.txn(), Key: f.request(f.value("request")), Try: f.number(f.value("try"))}
		s.faults[at] = f.fault(f.value("what"))
	case "marker", "offset":
		at := late{Txn: f.txn()}
		if kind == "offset" {
			at.at.group = f.value("group")
		}
		at.at.part = f.part(f.value("at"))
		s.late[at] = f.duration(f.value("late"))
	default:
		f.fail("unknown kind of line %q", kind)
	}
}
