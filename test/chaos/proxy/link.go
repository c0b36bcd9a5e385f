package proxy

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	chunkBytes = 32 << 10
	// chunksQueued bounds what a delayed direction of one connection holds.
	chunksQueued = 64
)

// link is one connection of a worker and its counterpart at the broker.
type link struct {
	worker, broker net.Conn
	weather        *weather
	deaf           atomic.Bool // the worker hears nothing on it any more
}

// chunk is what was read at once, and when it may be written.
type chunk struct {
	bytes []byte
	due   time.Time
}

// run copies both ways until a side is gone, the link is cut or ctx ends.
func (l *link) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer context.AfterFunc(ctx, func() { // wakes who reads and writes
		_ = l.worker.Close()
		_ = l.broker.Close()
	})()
	var both sync.WaitGroup
	both.Go(func() { l.copy(ctx, cancel, ToBroker, l.worker, l.broker) })
	both.Go(func() { l.copy(ctx, cancel, ToWorkers, l.broker, l.worker) })
	both.Wait()
}

// cut ends the link; what the kernel holds for either side is lost.
func (l *link) cut() {
	for _, c := range []net.Conn{l.worker, l.broker} {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // the other side learns of it by a reset
		}
		_ = c.Close()
	}
}

// copy is one direction. Its end is the link's.
func (l *link) copy(ctx context.Context, cancel context.CancelFunc, d Direction, from, to net.Conn) {
	queue := make(chan chunk, chunksQueued)
	var writer sync.WaitGroup
	defer cancel()
	defer writer.Wait() // what was said before the end is passed on
	defer close(queue)
	writer.Go(func() {
		defer cancel()
		for c := range queue {
			if !l.write(ctx, d, to, c) {
				return
			}
		}
	})
	var asked requests
	marks := false // it carries markers
	for {
		buffer := make([]byte, chunkBytes)
		n, err := from.Read(buffer)
		now, _ := l.weather.look()
		wait := now.delay[d]
		if d == ToBroker {
			ends, markers := asked.scan(buffer[:n])
			if ends && now.ends > 0 {
				l.deaf.Store(true) // before the request is passed on
			}
			if marks = marks || markers; marks {
				wait += now.late
			}
		}
		if n > 0 && !l.loses(d, now) {
			select {
			case queue <- chunk{buffer[:n], time.Now().Add(wait)}:
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// write waits until the chunk is due and its direction clear.
func (l *link) write(ctx context.Context, d Direction, to net.Conn, c chunk) bool {
	if wait := time.Until(c.due); wait > 0 {
		pause(ctx, wait)
	}
	now, err := l.weather.clear(ctx, d)
	if err != nil {
		return false
	}
	if l.loses(d, now) {
		return true
	}
	_, err = to.Write(c.bytes)
	return err == nil
}

// loses says that what goes in the direction now does not arrive.
func (l *link) loses(d Direction, now conditions) bool {
	return d == ToWorkers && (now.losing > 0 || l.deaf.Load())
}
