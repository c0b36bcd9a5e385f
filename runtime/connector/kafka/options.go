package kafka

import (
	"context"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Timing of transactions and membership. A default heartbeat of 3 s would make every move of a task take that long.
const (
	transactionTimeout = 10 * time.Second
	sessionTimeout     = 10 * time.Second
	heartbeatInterval  = 300 * time.Millisecond
	fetchMaxWait       = 50 * time.Millisecond
	fetchMaxBytes      = 32 << 20
	metadataMinAge     = 100 * time.Millisecond
	retryPause         = 20 * time.Millisecond
)

// Options is how to reach the brokers. The zero value of each field but Brokers is a sensible default.
type Options struct {
	// Brokers are the addresses to start from, HOST:PORT.
	Brokers []string
	// ClientID is what brokers log about us.
	ClientID string
	// Dial connects to a broker; nil means TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// RequestRetries is how often a request is repeated; 0 means the library's default, 20.
	RequestRetries int
	// RetryBackoff is the pause before the n-th repetition; nil means the library's default, exponential with jitter.
	RetryBackoff func(n int) time.Duration
	// Plants are bugs for the tests that must find them; a build without the tag "mutants" has none.
	Plants Plants
}

// client returns the options that all clients share. The short metadata age matters: without it the first record for a
// topic that was not produced to before can wait for seconds.
func (o Options) client(more ...kgo.Opt) []kgo.Opt {
	opts := []kgo.Opt{kgo.SeedBrokers(o.Brokers...), kgo.MetadataMinAge(metadataMinAge), kgo.DisableClientMetrics()}
	if o.ClientID != "" {
		opts = append(opts, kgo.ClientID(o.ClientID))
	}
	if o.Dial != nil {
		opts = append(opts, kgo.Dialer(o.Dial))
	}
	if o.RequestRetries > 0 {
		opts = append(opts, kgo.RequestRetries(o.RequestRetries))
	}
	if o.RetryBackoff != nil {
		opts = append(opts, kgo.RetryBackoffFn(o.RetryBackoff))
	}
	return append(opts, more...)
}

// pause waits for d or for the end of ctx.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
