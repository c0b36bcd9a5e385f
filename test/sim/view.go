package sim

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

type part struct {
	topic string
	p     int32
}

type groupPart struct {
	group string
	part
}

// hold is a marker that has not arrived: in a log (first is the transaction's first offset there) or at a group's offset.
type hold struct {
	txn   *txn
	at    groupPart // group is empty for a log
	first int64
	delay time.Duration
}

// txn is what is known of a transactional id's latest transaction.
type txn struct {
	Txn
	ended   bool
	tries   map[kmsg.Key]int
	first   map[part]int64
	pending map[groupPart]time.Time // when the broker gives up the transaction
}

// view is what the clients see of the brokers, beyond what the brokers answer.
type view struct {
	plan Plan

	mu       sync.Mutex
	topics   map[[16]byte]string
	txns     map[string]*txn
	timeouts map[string]time.Duration
	holds    map[*hold]struct{}
	released chan struct{} // closed at the next release
}

func newView(plan Plan) *view {
	return &view{
		plan: plan, topics: map[[16]byte]string{}, txns: map[string]*txn{}, timeouts: map[string]time.Duration{},
		holds: map[*hold]struct{}{}, released: make(chan struct{}),
	}
}

// arrive counts the request, begins a transaction with it if it is the first of one, and asks the plan.
func (v *view) arrive(id string, req kmsg.Request) (fault Fault, busy bool) {
	v.mu.Lock()
	for h := range v.holds {
		busy = busy || h.txn.ID == id
	}
	t := v.txns[id]
	switch req.(type) {
	case *kmsg.EndTxnRequest, *kmsg.InitProducerIDRequest:
		if t == nil {
			t = newTxn(id, 0)
		}
	default:
		if t == nil {
			t = newTxn(id, 1)
		} else if t.ended && !busy {
			t = newTxn(id, t.N+1)
		}
	}
	v.txns[id] = t
	key := kmsg.Key(req.Key())
	t.tries[key]++
	p := Point{Txn: t.Txn, Key: key, Try: t.tries[key]}
	v.mu.Unlock()
	if v.plan.Fault != nil {
		fault = v.plan.Fault(p)
	}
	return fault, busy
}

func newTxn(id string, n int) *txn {
	return &txn{
		Txn: Txn{ID: id, N: n}, ended: n == 0, tries: map[kmsg.Key]int{}, first: map[part]int64{}, pending: map[groupPart]time.Time{},
	}
}

// before records what others must not see too early: they use other connections, and may have the broker's answer first. It returns the
// markers that are on their way from now on.
func (v *view) before(id string, req kmsg.Request) []*hold {
	v.mu.Lock()
	defer v.mu.Unlock()
	t := v.txns[id]
	switch req := req.(type) {
	case *kmsg.TxnOffsetCommitRequest:
		timeout := v.timeouts[id]
		for _, rt := range req.Topics {
			for _, rp := range rt.Partitions {
				at := groupPart{req.Group, part{v.name(rt.Topic, rt.TopicID), rp.Partition}}
				t.pending[at] = time.Now().Add(timeout)
			}
		}
	case *kmsg.EndTxnRequest:
		if t.ended {
			break
		}
		hs := v.plannedHolds(t)
		for _, h := range hs {
			v.holds[h] = struct{}{}
		}
		return hs
	}
	return nil
}

func (v *view) plannedHolds(t *txn) (hs []*hold) {
	if v.plan.Marker != nil {
		for at, first := range t.first {
			if d := v.plan.Marker(t.Txn, at.topic, at.p); d > 0 {
				hs = append(hs, &hold{txn: t, at: groupPart{part: at}, first: first, delay: d})
			}
		}
	}
	if v.plan.Offsets != nil {
		for at := range t.pending {
			if d := v.plan.Offsets(t.Txn, at.group, at.topic, at.p); d > 0 {
				hs = append(hs, &hold{txn: t, at: at, delay: d})
			}
		}
	}
	return hs
}

// after takes the broker's answer into account, with the markers that before has put on their way.
func (v *view) after(id string, req kmsg.Request, resp kmsg.Response, hs []*hold) {
	switch resp := resp.(type) {
	case *kmsg.ProduceResponse:
		v.produced(id, resp)
	case *kmsg.InitProducerIDResponse:
		if resp.ErrorCode == 0 {
			v.initialised(id, req.(*kmsg.InitProducerIDRequest))
		}
	case *kmsg.EndTxnResponse:
		if resp.ErrorCode != 0 {
			v.release(hs...)
			return
		}
		v.ended(id)
		for _, h := range hs { // also when another's InitProducerId was answered before, by which the transaction is over for us
			time.AfterFunc(h.delay, func() { v.release(h) })
		}
	case *kmsg.OffsetCommitResponse:
		if taken(resp) {
			v.ended(id)
		}
	}
}

func (v *view) produced(id string, resp *kmsg.ProduceResponse) {
	v.mu.Lock()
	defer v.mu.Unlock()
	t := v.txns[id]
	for _, rt := range resp.Topics {
		for _, rp := range rt.Partitions {
			at := part{v.name(rt.Topic, rt.TopicID), rp.Partition}
			if first, ok := t.first[at]; rp.ErrorCode == 0 && (!ok || rp.BaseOffset < first) {
				t.first[at] = rp.BaseOffset
			}
		}
	}
}

// initialised: the broker has aborted what was open.
func (v *view) initialised(id string, req *kmsg.InitProducerIDRequest) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.timeouts[id] = time.Duration(req.TransactionTimeoutMillis) * time.Millisecond
	t := v.txns[id]
	t.ended = true
	clear(t.pending)
}

func (v *view) ended(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	t := v.txns[id]
	t.ended = true
	clear(t.pending)
}

func (v *view) release(hs ...*hold) {
	if len(hs) == 0 {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, h := range hs {
		delete(v.holds, h)
	}
	close(v.released)
	v.released = make(chan struct{})
}

func (v *view) anyHold() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.holds) > 0
}

// stable returns the last stable offset that the holds leave of lso.
func (v *view) stable(at part, lso int64) int64 {
	for h := range v.holds {
		if h.at.group == "" && h.at.part == at {
			lso = min(lso, h.first)
		}
	}
	return lso
}

// hide cuts a READ_COMMITTED answer at the held offsets.
func (v *view) hide(r *kmsg.FetchResponse) (changed, empty bool, released <-chan struct{}) {
	v.mu.Lock()
	defer v.mu.Unlock()
	empty = r.ErrorCode == 0
	for i := range r.Topics {
		rt := &r.Topics[i]
		for j := range rt.Partitions {
			rp := &rt.Partitions[j]
			lso := v.stable(part{v.name(rt.Topic, rt.TopicID), rp.Partition}, rp.LastStableOffset)
			if lso < rp.LastStableOffset {
				changed = true
				rp.LastStableOffset = lso
				rp.RecordBatches = batchesBelow(rp.RecordBatches, lso)
			}
			empty = empty && rp.ErrorCode == 0 && len(rp.RecordBatches) == 0
		}
	}
	return changed, empty, v.released
}

// batchesBelow is the leading part of the batches that starts below offset.
func batchesBelow(b []byte, offset int64) []byte {
	for at := 0; at+12 <= len(b); at += 12 + int(binary.BigEndian.Uint32(b[at+8:])) {
		if int64(binary.BigEndian.Uint64(b[at:])) >= offset {
			return b[:at]
		}
	}
	return b
}

// listed is the same for the latest offset.
func (v *view) listed(req *kmsg.ListOffsetsRequest, r *kmsg.ListOffsetsResponse) {
	latest := map[part]bool{}
	for _, rt := range req.Topics {
		for _, rp := range rt.Partitions {
			latest[part{rt.Topic, rp.Partition}] = rp.Timestamp == -1
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range r.Topics {
		for j := range r.Topics[i].Partitions {
			rp := &r.Topics[i].Partitions[j]
			if at := (part{r.Topics[i].Topic, rp.Partition}); latest[at] {
				rp.Offset = v.stable(at, rp.Offset)
			}
		}
	}
}

func anyUnstable(r *kmsg.OffsetFetchResponse) bool {
	for _, rt := range r.Topics {
		for _, rp := range rt.Partitions {
			if rp.ErrorCode == kerr.UnstableOffsetCommit.Code {
				return true
			}
		}
	}
	for _, g := range r.Groups {
		for _, rt := range g.Topics {
			for _, rp := range rt.Partitions {
				if rp.ErrorCode == kerr.UnstableOffsetCommit.Code {
					return true
				}
			}
		}
	}
	return false
}

// destabilise marks the partitions whose offset is pending. open: the broker knows of an open transaction in the group.
func (v *view) destabilise(req *kmsg.OffsetFetchRequest, r *kmsg.OffsetFetchResponse, open bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range r.Topics {
		for j := range r.Topics[i].Partitions {
			rp := &r.Topics[i].Partitions[j]
			if v.unstable(groupPart{req.Group, part{r.Topics[i].Topic, rp.Partition}}, open) {
				rp.ErrorCode, rp.Offset, rp.LeaderEpoch, rp.Metadata = kerr.UnstableOffsetCommit.Code, -1, -1, nil
			}
		}
	}
	for _, g := range r.Groups {
		for i := range g.Topics {
			rt := &g.Topics[i]
			for j := range rt.Partitions {
				rp := &rt.Partitions[j]
				if v.unstable(groupPart{g.Group, part{v.name(rt.Topic, rt.TopicID), rp.Partition}}, open) {
					rp.ErrorCode, rp.Offset, rp.LeaderEpoch, rp.Metadata = kerr.UnstableOffsetCommit.Code, -1, -1, nil
				}
			}
		}
	}
}

func (v *view) unstable(at groupPart, open bool) bool {
	for h := range v.holds {
		if h.at == at {
			return true
		}
	}
	for _, t := range v.txns {
		if until, ok := t.pending[at]; open && ok && time.Now().Before(until) {
			return true
		}
	}
	return false
}

func (v *view) learnTopics(r *kmsg.MetadataResponse) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, t := range r.Topics {
		if t.Topic != nil {
			v.topics[t.TopicID] = *t.Topic
		}
	}
}

func (v *view) name(topic string, id [16]byte) string {
	if topic == "" {
		return v.topics[id]
	}
	return topic
}
