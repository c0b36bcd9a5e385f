package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Broker is one running (or killed) node. It is not safe for concurrent use, except for [Broker.Address].
type Broker struct {
	jars      string
	folder    string
	ports     ports
	process   *process
	steady    bool
	front     string            // what the second listener is advertised as; empty: there is none
	guarded   map[string]string // users and passwords of the guarded listener; nil: there is none
	secured   bool              // whether there is a listener in TLS
	authority []byte            // of the secured listener's certificate
	within    string            // the same of the listener that brokers use among themselves; empty: they use the first
}

// Option changes how a broker is run.
type Option func(*Broker)

// Steady runs the broker as one that moves much for long: with the full compiler, a concurrent collector and more heap. It
// starts slower.
func Steady() Option { return func(b *Broker) { b.steady = true } }

// Behind gives the broker a second listener whose clients are told to connect to front, HOST:PORT: something that stands
// between them and [Broker.Behind]. Who connects to [Broker.Address] is told that address, as ever.
func Behind(front string) Option { return func(b *Broker) { b.front = front } }

// Guarded gives the broker an authorizer, and a listener, [Broker.Guarded], whose clients authenticate by SASL PLAIN as one of the users:
// they may do what ACLs allow. Who comes through the others, without a name, may do everything.
func Guarded(passwords map[string]string) Option { return func(b *Broker) { b.guarded = passwords } }

// Within is Behind for what the broker sends to itself as to any broker, such as the markers that end a transaction: it goes
// to within, which stands in front of [Broker.Within].
func Within(within string) Option { return func(b *Broker) { b.within = within } }

// Run starts a broker whose configuration, data and log lie in folder, and returns once it answers clients.
// The first run on a machine fetches the jars and says so on progress. Ctx bounds the start only: Stop or Kill ends the broker.
func Run(ctx context.Context, folder string, progress io.Writer, options ...Option) (*Broker, error) {
	jars, err := fetchJars(ctx, progress)
	if err != nil {
		return nil, err
	}
	broker := &Broker{jars: jars, folder: folder}
	for _, option := range options {
		option(broker)
	}
	if err := os.CopyFS(broker.data(), os.DirFS(filepath.Join(jars, "format"))); err != nil {
		return nil, fmt.Errorf("test kafka: copy the formatted data folder: %w", err)
	}
	// A free port may be taken by another process between the question and its use: ask again, a few times.
	const attempts = 3
	for range attempts {
		if broker.ports, err = freePorts(ctx); err != nil {
			return nil, err
		}
		if err = broker.start(ctx); err == nil {
			return broker, nil
		}
	}
	return nil, err
}

// Address is where clients connect, host:port. It stays the same over Kill and Restart.
func (b *Broker) Address() string { return b.ports.clientAddress() }

// Behind is where what stands in front of the broker connects to. It stays the same over Kill and Restart.
func (b *Broker) Behind() string { return loopback(b.ports.behind) }

// Within is where what stands between brokers connects to.
func (b *Broker) Within() string { return loopback(b.ports.within) }

// Guarded is where clients connect to that must say who they are.
func (b *Broker) Guarded() string { return loopback(b.ports.guarded) }

// ProcessID is the operating system's, for whoever measures what the broker uses; 0 when it does not run.
func (b *Broker) ProcessID() int {
	if b.process == nil {
		return 0
	}
	return b.process.command.Process.Pid
}

// LogFile is the path of what the broker says.
func (b *Broker) LogFile() string { return filepath.Join(b.folder, "broker.log") }

// Stop ends the broker in good order and waits for it. Stopping a broker that does not run is fine.
func (b *Broker) Stop() error { return b.end(stopSignal) }

// Crash ends the broker by SIGKILL, as a lost machine would. Its data stays for Resume.
func (b *Broker) Crash() error { return b.end(os.Kill) }

// Resume brings a crashed or stopped broker back, at the same addresses and over the same data, and returns once it serves.
func (b *Broker) Resume(ctx context.Context) error { return b.start(ctx) }

// end sends the signal, waits for the process and forgets it.
func (b *Broker) end(signal os.Signal) error {
	if b.process == nil {
		return nil
	}
	process := b.process
	b.process = nil
	const patience = 30 * time.Second // a broker that is asked to stop moves its partitions first
	return process.end(signal, patience)
}

// start runs the process over the data that is there and waits until it serves.
func (b *Broker) start(ctx context.Context) error {
	if b.process != nil {
		return errors.New("test kafka: the broker runs already")
	}
	properties, err := b.configure()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(b.LogFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("test kafka: %w", err)
	}
	defer func() { _ = log.Close() }() // the process has a descriptor of its own
	if b.process, err = launch(ctx, b.arguments(properties), log); err != nil {
		return err
	}
	if err := b.awaitReady(ctx); err != nil {
		_ = b.end(os.Kill)
		return errors.Join(err, b.lastWords())
	}
	return nil
}

// data is the folder of the broker's logs; it outlives the process.
func (b *Broker) data() string { return filepath.Join(b.folder, "data") }

// lastWords is the end of the broker's log as an error: why it did not start.
func (b *Broker) lastWords() error {
	const bytesShown = 4000
	text, err := os.ReadFile(b.LogFile())
	if err != nil {
		return err
	}
	return fmt.Errorf("the broker said: …%s", text[max(0, len(text)-bytesShown):])
}
