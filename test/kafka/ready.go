package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// awaitReady returns once the broker answers a metadata request with itself as controller, which it does when it has registered.
func (b *Broker) awaitReady(ctx context.Context) error {
	const patience, pause = time.Minute, 50 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Address()), kgo.MetadataMinAge(pause))
	if err != nil {
		return fmt.Errorf("test kafka: %w", err)
	}
	defer client.Close()
	ticks := time.NewTicker(pause)
	defer ticks.Stop()
	for {
		err := registered(ctx, kadm.NewClient(client))
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("test kafka: %s serves no clients: %w", b.Address(), errors.Join(ctx.Err(), err))
		case <-b.process.ended:
			return fmt.Errorf("test kafka: the broker ended: %s", b.process.command.ProcessState)
		case <-ticks.C:
		}
	}
}

// registered asks once, with little patience, so that the caller notices a broker that died.
func registered(ctx context.Context, admin *kadm.Client) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	metadata, err := admin.BrokerMetadata(ctx)
	if err != nil {
		return err
	}
	if metadata.Controller < 0 || len(metadata.Brokers) == 0 {
		return errors.New("no broker has registered yet")
	}
	return nil
}
