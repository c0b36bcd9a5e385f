package sim

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
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
		Marker:  func(t Txn, topic string, p int32) time.Duration { return late("marker", t, topic, p) },
		Offsets: func(t Txn, group, topic string, p int32) time.Duration { return late("offset", t, group, topic, p) },
		Fault:   func(p Point) Fault { return seedFault(seed, p) },
	}
}

func seedFault(seed uint64, p Point) Fault {
	if p.ID == feederID {
		return NoFault
	}
	r := roll(seed, "fault", p.Txn, p.Key)
	oneIn := 60
	switch p.Key {
	case kmsg.EndTxn:
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
