package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/millrace/millrace/test/kafka"
)

// node is the broker, for faults that may overlap.
type node struct {
	mu     sync.Mutex
	broker *kafka.Broker
	kills  int
}

// kill ends the broker, and brings it back after the pause.
func (n *node) kill(ctx context.Context, after time.Duration) error {
	const patience = time.Minute
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.broker.Crash(); err != nil {
		return err
	}
	n.kills++
	sleep(ctx, after)
	starting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := n.broker.Resume(starting)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the broker does not come back: %w", err)
	}
	return nil
}

// stop ends the broker for good.
func (n *node) stop() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.broker == nil {
		return nil
	}
	return n.broker.Stop()
}

// sleep waits for d or the end of ctx, and says which.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
