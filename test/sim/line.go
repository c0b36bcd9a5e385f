package sim

import (
	"context"
	"net"
	"sync"
	"time"
)

const dialTimeout = time.Second

// Line is one process's connection to the network. It can die with its process, or hang.
type Line struct {
	net *Net
	// onCrash is called once, when the plan says that the process dies, before anything else of it is seen.
	onCrash func()

	mu    sync.Mutex
	dead  bool
	until time.Time // nothing passes before
	conns map[net.Conn]struct{}
}

// Line returns a new process's line.
func (n *Net) Line(onCrash func()) *Line {
	l := &Line{net: n, onCrash: onCrash, conns: map[net.Conn]struct{}{}}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, l)
	return l
}

// DialContext connects to a broker; a dead process connects no more. To find that out takes time, as it does for real:
// kgo asks for its producer id again at once, and without a pause fake time would stand still.
func (l *Line) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if l.isDead() || l.net.away() {
		select {
		case <-time.After(dialTimeout):
		case <-ctx.Done():
		}
		return nil, errCut
	}
	return l.net.connect(ctx, network, addr, l)
}

// Kill ends the process as seen from the network: its connections are cut and it makes no new ones.
func (l *Line) Kill() {
	l.mu.Lock()
	if l.dead {
		l.mu.Unlock()
		return
	}
	l.dead = true
	l.mu.Unlock()
	l.onCrash()
	l.cut()
}

// cut ends the connections that there are.
func (l *Line) cut() {
	l.mu.Lock()
	conns := l.conns
	l.conns = map[net.Conn]struct{}{}
	l.mu.Unlock()
	for c := range conns {
		_ = c.Close()
	}
}

func (l *Line) isDead() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}

// hang holds everything back for d.
func (l *Line) hang(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = time.Now().Add(d)
}

// wait returns when the line is not hanging.
func (l *Line) wait() {
	l.mu.Lock()
	d := time.Until(l.until)
	l.mu.Unlock()
	if d > 0 {
		time.Sleep(d)
	}
}

func (l *Line) add(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[c] = struct{}{}
}

func (l *Line) remove(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}
