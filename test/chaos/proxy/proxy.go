package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Proxy passes connections on. Its methods are safe for concurrent use; each fault's returns when the fault is over.
type Proxy struct {
	listener net.Listener
	weather  *weather

	mu    sync.Mutex
	links map[*link]bool
	cuts  int
}

// Listen returns a proxy whose address is known, and that takes connections once it runs.
func Listen(ctx context.Context) (*Proxy, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	return &Proxy{listener: listener, weather: newWeather(), links: map[*link]bool{}}, nil
}

// Address is where workers connect, HOST:PORT.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Run passes connections on to the target until ctx ends.
func (p *Proxy) Run(ctx context.Context, target string) error {
	ctx, cancel := context.WithCancel(ctx)
	var links sync.WaitGroup
	defer links.Wait()
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = p.listener.Close() })()
	for {
		from, err := p.listener.Accept()
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil:
			continue // the client was gone already, or there are too many: it comes again
		}
		links.Go(func() { p.pass(ctx, from, target) })
	}
}

// pass connects to the target and copies both ways until one of the two is gone.
func (p *Proxy) pass(ctx context.Context, from net.Conn, target string) {
	defer func() { _ = from.Close() }()
	const patience = 5 * time.Second
	to, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, "tcp", target)
	if err != nil {
		return // the broker is down: the client sees that its connection ends
	}
	defer func() { _ = to.Close() }()
	l := &link{worker: from, broker: to, weather: p.weather}
	p.mu.Lock()
	p.links[l] = true
	p.mu.Unlock()
	l.run(ctx)
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
}

// Cut ends all connections. What is on its way is lost.
func (p *Proxy) Cut() { p.cut(func(*link) bool { return true }) }

func (p *Proxy) cut(which func(*link) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		if which(l) {
			l.cut()
			p.cuts++
		}
	}
}

// Cuts is how many connections were cut.
func (p *Proxy) Cuts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cuts
}

// Delay makes everything in a direction later.
func (p *Proxy) Delay(ctx context.Context, d Direction, by, length time.Duration) {
	p.weather.change(func(now *conditions) { now.delay[d] += by })
	pause(ctx, length)
	p.weather.change(func(now *conditions) { now.delay[d] -= by })
}

// Stall holds back everything in a direction.
func (p *Proxy) Stall(ctx context.Context, d Direction, length time.Duration) {
	p.weather.change(func(now *conditions) { now.stalls[d]++ })
	pause(ctx, length)
	p.weather.change(func(now *conditions) { now.stalls[d]-- })
}

// LoseAnswers drops everything that the broker says, and cuts all connections at the end.
func (p *Proxy) LoseAnswers(ctx context.Context, length time.Duration) {
	p.weather.change(func(now *conditions) { now.losing++ })
	pause(ctx, length)
	p.weather.change(func(now *conditions) { now.losing-- })
	p.Cut()
}

// LoseEnds drops what the broker says on connections that ask for the end of a transaction, from then on, and cuts those
// at the end. Other connections, such as those of the members, go on: a worker keeps its place in the group, and does not
// know what became of its commit.
func (p *Proxy) LoseEnds(ctx context.Context, length time.Duration) {
	p.weather.change(func(now *conditions) { now.ends++ })
	pause(ctx, length)
	p.weather.change(func(now *conditions) { now.ends-- })
	p.cut(func(l *link) bool { return l.deaf.Load() })
}

// DelayMarkers makes later what is sent on connections by which coordinators have markers written: a transaction is over for
// who has ended it, and not yet for who reads.
func (p *Proxy) DelayMarkers(ctx context.Context, by, length time.Duration) {
	p.weather.change(func(now *conditions) { now.late += by })
	pause(ctx, length)
	p.weather.change(func(now *conditions) { now.late -= by })
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
