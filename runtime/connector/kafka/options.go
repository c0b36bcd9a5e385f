package kafka

import (
	"context"
	"math/rand/v2"
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
	fetchLongestWait   = 500 * time.Millisecond
	// What answers of all leaders together may take on their way, twice; of one leader at least; of one partition.
	fetchMaxBytes       = 2 << 20
	minFetchBytes       = 512 << 10
	fetchPartitionBytes = 1 << 20

	metadataMinAge = 100 * time.Millisecond
	retryPause     = 20 * time.Millisecond
	maxBackoff     = 2 * time.Second
)

// Options is how to reach the brokers. The zero value of each field but Brokers is a sensible default.
type Options struct {
	// Brokers are the addresses to start from, HOST:PORT.
	Brokers []string
	// ClientID is what brokers log about us.
	ClientID string
	// Dial connects to a broker; nil means TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Security is how the connections are encrypted and who we are.
	Security Security
	// RequestRetries is how often a request is repeated; 0 means the library's default, 20.
	RequestRetries int
	// RetryBackoff is the pause before the n-th repetition; nil means from 20 ms on, doubling up to 2 s, with jitter: what
	// a cluster that is well refuses for a moment (a new topic, a moved leader) is soon there.
	RetryBackoff func(n int) time.Duration
	// Compression is what a producer compresses its batches with; empty means none.
	Compression Compression
	// SendingBytes is what a producer has unanswered or in open batches at most before Emit waits; 0 means DefaultSendingBytes. One batch
	// a partition comes on top.
	SendingBytes int64
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
	opts = append(opts, o.Security.options(o.Dial)...)
	if o.RequestRetries > 0 {
		opts = append(opts, kgo.RequestRetries(o.RequestRetries))
	}
	opts = append(opts, kgo.RetryBackoffFn(o.backoff()))
	return append(opts, more...)
}

func (o Options) backoff() func(n int) time.Duration {
	if o.RetryBackoff == nil {
		return defaultBackoff
	}
	return o.RetryBackoff
}

// defaultBackoff is the pause before the n-th repetition of a request, n from 1.
func defaultBackoff(n int) time.Duration {
	const doublings = 7 // of 20 ms: more than 2 s
	d := min(retryPause<<min(max(n-1, 0), doublings), maxBackoff)
	return d - d/8 + rand.N(d/4) //nolint:gosec,forbidigo // jitter is no secret, and a simulation gives a backoff of its own
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
