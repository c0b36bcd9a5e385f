package proxy

import (
	"bufio"
	"context"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"
)

// echo answers each line with itself, and notes what it was sent.
type echo struct {
	listener net.Listener

	mu    sync.Mutex
	lines []string
}

func (e *echo) serve(all *sync.WaitGroup) {
	for {
		c, err := e.listener.Accept()
		if err != nil {
			return
		}
		all.Go(func() {
			defer func() { _ = c.Close() }()
			for lines := bufio.NewReader(c); ; {
				line, err := lines.ReadString('\n')
				if err != nil {
					return
				}
				e.mu.Lock()
				e.lines = append(e.lines, line)
				e.mu.Unlock()
				if _, err := io.WriteString(c, line); err != nil {
					return
				}
			}
		})
	}
}

func (e *echo) has(line string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Contains(e.lines, line)
}

// start runs an echo and a proxy in front of it.
func start(t *testing.T) (*Proxy, *echo) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &echo{listener: listener}
	p, err := Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { e.serve(&all) })
	all.Go(func() {
		if err := p.Run(ctx, listener.Addr().String()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = listener.Close()
		all.Wait() // nothing is left, however the links ended
	})
	return p, e
}

// client is a connection and what was read of it too far.
type client struct {
	net.Conn
	lines *bufio.Reader
}

func connect(t *testing.T, p *Proxy) client {
	t.Helper()
	c, err := net.Dial("tcp", p.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return client{c, bufio.NewReader(c)}
}

// ask sends a line and returns the answer, and an error where none came within the time.
func (c client) ask(line string, patience time.Duration) (string, error) {
	if _, err := io.WriteString(c, line); err != nil {
		return "", err
	}
	_ = c.SetReadDeadline(time.Now().Add(patience))
	return c.lines.ReadString('\n')
}

const long, short = 10 * time.Second, 300 * time.Millisecond

func mustAsk(t *testing.T, c client, line string) {
	t.Helper()
	if got, err := c.ask(line, long); err != nil || got != line {
		t.Fatalf("%q was answered by %q, %v", line, got, err)
	}
}

func TestBytesComeThrough(t *testing.T) {
	p, _ := start(t)
	c := connect(t, p)
	mustAsk(t, c, "one\n")
	mustAsk(t, c, "two\n")
}

func TestACutEndsTheConnectionAndNotTheProxy(t *testing.T) {
	p, _ := start(t)
	c := connect(t, p)
	mustAsk(t, c, "one\n")
	p.Cut()
	if _, err := c.ask("two\n", long); err == nil {
		t.Error("an answer after the cut")
	}
	mustAsk(t, connect(t, p), "three\n")
	if p.Cuts() != 1 {
		t.Errorf("%d connections were cut, want 1", p.Cuts())
	}
}

func TestLostAnswersBelongToRequestsThatWereHeard(t *testing.T) {
	p, e := start(t)
	c := connect(t, p)
	mustAsk(t, c, "one\n")
	ctx, end := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() {
		defer close(over)
		p.LoseAnswers(ctx, long)
	}()
	for now, changed := p.weather.look(); now.losing == 0; now, _ = p.weather.look() {
		<-changed
	}
	if got, err := c.ask("two\n", short); err == nil {
		t.Errorf("an answer: %q", got)
	}
	if !e.has("two\n") {
		t.Error("the request was not heard")
	}
	end()
	<-over
	if _, err := c.ask("three\n", long); err == nil {
		t.Error("the connection goes on after it has lost something")
	}
}

func TestAStallHoldsOneDirectionBack(t *testing.T) {
	for name, c := range map[string]struct {
		direction Direction
		heard     bool
	}{"to the broker": {ToBroker, false}, "to the workers": {ToWorkers, true}} {
		t.Run(name, func(t *testing.T) {
			p, e := start(t)
			conn := connect(t, p)
			mustAsk(t, conn, "one\n")
			p.weather.change(func(now *conditions) { now.stalls[c.direction]++ })
			if got, err := conn.ask("two\n", short); err == nil {
				t.Errorf("an answer: %q", got)
			}
			if e.has("two\n") != c.heard {
				t.Errorf("heard: %t, want %t", !c.heard, c.heard)
			}
			p.weather.change(func(now *conditions) { now.stalls[c.direction]-- })
			_ = conn.SetReadDeadline(time.Now().Add(long))
			if got, err := conn.lines.ReadString('\n'); err != nil || got != "two\n" {
				t.Errorf("afterwards came %q, %v", got, err)
			}
		})
	}
}

func TestADelayMakesAnswersLate(t *testing.T) {
	p, _ := start(t)
	c := connect(t, p)
	mustAsk(t, c, "one\n")
	p.weather.change(func(now *conditions) { now.delay[ToWorkers] += short })
	begin := time.Now()
	mustAsk(t, c, "two\n")
	if took := time.Since(begin); took < short {
		t.Errorf("the answer came after %v", took)
	}
}

func TestRequestsAreFoundHoweverTheyAreCut(t *testing.T) {
	request := func(kind byte, bytes int) []byte {
		return append([]byte{0, 0, byte((2 + bytes) >> 8), byte(2 + bytes), 0, kind}, make([]byte, bytes)...)
	}
	stream := slices.Concat(request(0, 900), request(endTxn, 30), request(3, 0), request(endTxn, 0), request(26+1, 26))
	for size := 1; size < len(stream); size++ {
		var r requests
		found := 0
		for part := range slices.Chunk(stream, size) {
			if ends, _ := r.scan(part); ends {
				found++
			}
		}
		if want := 2; found != want && (size <= headBytes || found != 1) {
			t.Errorf("%d bytes at a time: found in %d parts, want %d", size, found, want)
		}
	}
}

func TestMarkersAreLateAndNothingElse(t *testing.T) {
	p, _ := start(t)
	markers, other := connect(t, p), connect(t, p)
	const length = "\x00\x00\x00\x04"
	p.weather.change(func(now *conditions) { now.late += short })
	begin := time.Now()
	mustAsk(t, other, length+"\x00\x0c.\n")
	if took := time.Since(begin); took >= short {
		t.Errorf("something else took %v", took)
	}
	begin = time.Now()
	mustAsk(t, markers, length+"\x00\x1b.\n")
	if took := time.Since(begin); took < short {
		t.Errorf("markers took %v", took)
	}
}

// A worker whose commit is not answered still has its place in the group.
func TestOnlyConnectionsThatEndATransactionLoseTheirAnswers(t *testing.T) {
	p, _ := start(t)
	ends, other := connect(t, p), connect(t, p)
	const length = "\x00\x00\x00\x04"
	p.weather.change(func(now *conditions) { now.ends++ })
	mustAsk(t, other, length+"\x00\x0c.\n")
	if got, err := ends.ask(length+"\x00\x1a.\n", short); err == nil {
		t.Errorf("an answer: %q", got)
	}
	mustAsk(t, other, length+"\x00\x0c.\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p.LoseEnds(ctx, long)
	if _, err := ends.ask("again\n", long); err == nil {
		t.Error("the connection goes on after it has lost something")
	}
	mustAsk(t, other, length+"\x00\x0c.\n")
}
