package sim

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// roll is a seed's dice: the same for the same place, whatever the goroutines do.
func roll(seed uint64, place ...any) *rand.Rand {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, place...)
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// seedPlan is a seed's faults: every fifth marker is late by up to 3 s, and one in thirty requests of a transaction
// meets a fault. The end of a transaction is the request that matters most, and meets more.
func seedPlan(seed uint64) Plan {
	late := func(place ...any) time.Duration {
		r := roll(seed, place...)
		if r.IntN(5) > 0 {
			return 0
		}
		return time.Duration(r.IntN(3000)) * time.Millisecond
	}
	return Plan{
		Schedule: seedSchedule(seed),
		Restart: func(worker, n int) Restart {
			r := roll(seed, "restart", worker, n)
			return Restart{After: time.Duration(50+r.IntN(2000)) * time.Millisecond, DiskLost: r.IntN(4) == 0}
		},
		Marker:  func(t Txn, topic string, p int32) time.Duration { return late("marker", t, topic, p) },
		Offsets: func(t Txn, group, topic string, p int32) time.Duration { return late("offset", t, group, topic, p) },
		Fault:   func(p Point) Fault { return seedFault(seed, p) },
	}
}

// seedSchedule lets one to four workers join the first one, and half of them leave again, some for a while only. In half of
// the seeds the brokers go away, for a moment or for longer than a member's session, and in half they are slow.
func seedSchedule(seed uint64) []Event {
	r := roll(seed, "schedule")
	between := func(least, most int) time.Duration {
		return time.Duration(least*1000+r.IntN((most-least)*1000)) * time.Millisecond
	}
	list := []Event{{Verb: Start}}
	for n := range 1 + r.IntN(workersMax-1) {
		at := between(1, 6)
		list = append(list, Event{At: at, Verb: Start, Worker: n + 1})
		for range r.IntN(3) {
			at += between(2, 8)
			list = append(list, Event{At: at, Verb: Stop, Worker: n + 1})
			if r.IntN(2) == 0 {
				break
			}
			at += between(1, 4)
			list = append(list, Event{At: at, Verb: Start, Worker: n + 1})
		}
	}
	if r.IntN(2) == 0 {
		e := Event{At: between(2, 12), Verb: Cut, For: between(0, 3)}
		if r.IntN(4) == 0 {
			e.For = between(8, 13)
		}
		list = append(list, e)
	}
	if r.IntN(2) == 0 {
		list = append(list, Event{At: between(2, 12), Verb: Slow, For: between(1, 5), By: between(0, 1) / 2})
	}
	slices.SortStableFunc(list, func(a, b Event) int { return int(a.At - b.At) })
	return list
}

func seedFault(seed uint64, p Point) Fault {
	if p.ID == feederID {
		return NoFault
	}
	r := roll(seed, "fault", p.Txn, p.Key)
	oneIn := 60
	switch p.Key {
	case kmsg.EndTxn, kmsg.OffsetCommit:
		oneIn = 10
	case kmsg.TxnOffsetCommit, kmsg.Produce:
		oneIn = 30
	default:
	}
	if r.IntN(oneIn) > 0 {
		return NoFault
	}
	fault := []Fault{CutBefore, CutAfter, CutAfter, CrashBefore, CrashAfter, Hang}[r.IntN(6)]
	away := r.IntN(2) == 0 // the coordinator stays away longer than a client tries: the outcome is unknown
	switch {
	case p.Try == 1:
		return fault
	case away && p.Try <= requestRetries+1 && p.Key == kmsg.EndTxn && (fault == CutBefore || fault == CutAfter):
		return CutBefore
	}
	return NoFault
}
