package sim

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Net is the network between clients and brokers: give its DialContext to kgo.Dialer.
type Net struct {
	dial  func(ctx context.Context, network, addr string) (net.Conn, error)
	view  *view
	conns sync.WaitGroup

	mu        sync.Mutex
	lines     []*Line   // all that there have been
	awayUntil time.Time // no line reaches a broker before
	slowUntil time.Time // each request of a line takes slowBy longer until then
	slowBy    time.Duration
	requests  map[kmsg.Key]int // of lines
}

// Requests is how many requests of each kind the processes have sent.
func (n *Net) Requests() map[kmsg.Key]int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.requests)
}

func (n *Net) count(key int16) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests[kmsg.Key(key)]++
}

// New wraps dial, which connects to a broker (kfake's VirtualNetwork.DialContext, in a synctest bubble).
func New(plan Plan, dial func(ctx context.Context, network, addr string) (net.Conn, error)) *Net {
	return &Net{dial: dial, view: newView(plan), requests: map[kmsg.Key]int{}}
}

// Wait returns when every connection has ended, which is some time after all clients and the cluster were closed.
func (n *Net) Wait() { n.conns.Wait() }

// DialContext connects to a broker, with no process behind it.
func (n *Net) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return n.connect(ctx, network, addr, nil)
}

// Away cuts every process off for d, as a broker does that restarts. Clients without a Line go on.
func (n *Net) Away(d time.Duration) {
	n.mu.Lock()
	n.awayUntil = time.Now().Add(d)
	lines := slices.Clone(n.lines)
	n.mu.Unlock()
	for _, l := range lines {
		l.cut()
	}
}

func (n *Net) away() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return time.Now().Before(n.awayUntil)
}

// Slow makes every request of a process take so much longer, for d.
func (n *Net) Slow(by, d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.slowBy, n.slowUntil = by, time.Now().Add(d)
}

func (n *Net) delay() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	if time.Now().Before(n.slowUntil) {
		return n.slowBy
	}
	return 0
}

func (n *Net) connect(ctx context.Context, network, addr string, l *Line) (net.Conn, error) {
	up, err := n.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	client, down := net.Pipe()
	if l != nil {
		l.add(down)
	}
	n.conns.Go(func() {
		defer func() { _ = up.Close() }()
		defer func() { _ = down.Close() }()
		if l != nil {
			defer l.remove(down)
		}
		for n.one(down, up, l) == nil {
		}
	})
	return client, nil
}

// one carries one request and its answer. A broker handles the requests of a connection one after the other, so nothing
// is lost by doing the same here.
func (n *Net) one(down, up net.Conn, l *Line) error {
	frame, err := readFrame(down)
	if err != nil {
		return err
	}
	c, err := parse(frame)
	if err != nil {
		return err
	}
	if l != nil {
		n.count(c.key)
		l.wait()
		if d := n.delay(); d > 0 {
			time.Sleep(d)
		}
		if l.isDead() || n.away() {
			return errCut
		}
	}
	c.line = l
	c.up = up
	resp, err := n.answer(c)
	if err != nil || resp == nil {
		return err
	}
	if l != nil {
		l.wait()
	}
	_, err = down.Write(resp)
	return err
}

// hangTime is longer than a member's session and than a transaction lives.
const hangTime = 13 * time.Second

var errCut = errors.New("connection cut by plan")

func (n *Net) answer(c *call) ([]byte, error) {
	v := n.view
	switch req := c.req.(type) {
	case nil:
		return c.forward()
	case *kmsg.MetadataRequest:
		return rewrite(c, v.learnTopics)
	case *kmsg.FetchRequest:
		// Looked at after the answer: a hold may begin while the broker waits for data.
		raw, err := c.forward()
		if err != nil || req.IsolationLevel == 0 || !v.anyHold() {
			return raw, err
		}
		return n.fetched(c, req, raw)
	case *kmsg.ListOffsetsRequest:
		if req.IsolationLevel == 0 {
			return c.forward()
		}
		return rewrite(c, func(r *kmsg.ListOffsetsResponse) { v.listed(req, r) })
	case *kmsg.OffsetFetchRequest:
		return n.offsets(c, req)
	}
	return n.txn(c)
}

// txn carries a request that belongs to a transaction, or to what stands for one.
func (n *Net) txn(c *call) ([]byte, error) {
	id := transactionalID(c.req)
	if id = cmp.Or(id, plainID(c)); id == "" {
		if p, ok := c.req.(*kmsg.ProduceRequest); ok && p.Acks == 0 {
			_, err := c.up.Write(c.frame)
			return nil, err
		}
		return c.forward()
	}
	v := n.view
	fault, busy := v.arrive(id, c.req)
	switch fault {
	case CutBefore:
		return nil, errCut
	case CrashBefore:
		c.crash()
		return nil, errCut
	case Hang:
		if c.line != nil {
			c.line.hang(hangTime)
			c.line.wait()
		}
	case NoFault, CutAfter, CrashAfter:
	}
	var raw []byte
	if busy {
		raw = c.encode(refuse(c.req))
	} else {
		hs := v.before(id, c.req)
		var err error
		if raw, err = c.forward(); err != nil {
			v.release(hs...)
			return nil, err
		}
		resp, err := c.decode(raw)
		if err != nil {
			v.release(hs...)
			return nil, err
		}
		v.after(id, c.req, resp, hs)
	}
	switch fault {
	case CutAfter:
		return nil, errCut
	case CrashAfter:
		c.crash()
		return nil, errCut
	case NoFault, CutBefore, CrashBefore, Hang:
	}
	return raw, nil
}

// fetched hides what lies beyond a held last stable offset. If nothing is left, it waits as the broker would have.
func (n *Net) fetched(c *call, req *kmsg.FetchRequest, raw []byte) ([]byte, error) {
	resp, err := c.decode(raw)
	if err != nil {
		return nil, err
	}
	r := resp.(*kmsg.FetchResponse)
	changed, empty, released := n.view.hide(r)
	if !changed {
		return raw, nil
	}
	if empty {
		select {
		case <-released:
		case <-time.After(time.Duration(req.MaxWaitMillis) * time.Millisecond):
		}
	}
	return c.encode(r), nil
}

// offsets answers UNSTABLE_OFFSET_COMMIT for the partitions that have a pending offset, and no others; kfake answers it
// for the whole group.
func (n *Net) offsets(c *call, req *kmsg.OffsetFetchRequest) ([]byte, error) {
	if !req.RequireStable {
		return c.forward()
	}
	raw, err := c.forward()
	if err != nil {
		return nil, err
	}
	resp, err := c.decode(raw)
	if err != nil {
		return nil, err
	}
	r := resp.(*kmsg.OffsetFetchResponse)
	open := anyUnstable(r)
	if open {
		req.RequireStable = false
		raw, err = roundTrip(c.up, c.encodeRequest())
		if err != nil {
			return nil, err
		}
		if resp, err = c.decode(raw); err != nil {
			return nil, err
		}
		r = resp.(*kmsg.OffsetFetchResponse)
	}
	n.view.destabilise(req, r, open)
	return c.encode(r), nil
}
