package main

import (
	"context"
	"sync"
	"time"

	"github.com/millrace/millrace/test/chaos/plan"
	"github.com/millrace/millrace/test/chaos/proxy"
)

// conductor plays a plan.
type conductor struct {
	crew   *crew
	node   *node
	proxy  *proxy.Proxy // between workers and broker
	within *proxy.Proxy // between the broker and itself
	say    func(format string, args ...any)

	mu     sync.Mutex
	played int
	failed error
}

// play does each fault at its time, and returns when the last one is over. Faults may overlap.
func (c *conductor) play(ctx context.Context, p plan.Plan) error {
	var going sync.WaitGroup
	start := time.Now()
	for _, f := range p {
		if !sleep(ctx, time.Until(start.Add(f.At))) {
			break
		}
		c.say("%s", f)
		c.mu.Lock()
		c.played++
		c.mu.Unlock()
		going.Go(func() {
			if err := c.do(ctx, f); err != nil {
				c.mu.Lock()
				c.failed = err
				c.mu.Unlock()
			}
		})
	}
	going.Wait()
	return c.failed
}

// so returns how many faults have begun.
func (c *conductor) so() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.played
}

// do does one fault, and returns when it is over.
func (c *conductor) do(ctx context.Context, f plan.Fault) error {
	to := proxy.ToBroker
	if f.To == plan.ToWorkers {
		to = proxy.ToWorkers
	}
	switch f.Kind {
	case plan.Kill, plan.Wipe:
		c.crew.kill(f.Worker, killing{pause: f.For, wipe: f.Kind == plan.Wipe})
	case plan.Stop:
		c.crew.stop(ctx, f.Worker, f.For)
	case plan.Scale:
		c.crew.scale(ctx, f.Workers)
	case plan.Cut:
		c.proxy.Cut()
	case plan.Lose:
		c.proxy.LoseAnswers(ctx, f.For)
	case plan.LoseEnds:
		c.proxy.LoseEnds(ctx, f.For)
	case plan.Stall:
		c.proxy.Stall(ctx, to, f.For)
	case plan.Delay:
		c.proxy.Delay(ctx, to, f.By, f.For)
	case plan.LateMarkers:
		c.within.DelayMarkers(ctx, f.By, f.For)
	case plan.BrokerKill:
		return c.node.kill(ctx, f.For)
	}
	return nil
}
