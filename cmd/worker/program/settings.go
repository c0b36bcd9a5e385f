package program

import (
	"flag"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/connector/kafka/secretfile"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/worker"
)

const (
	backendMemory   = "memory"
	backendPebble   = "pebble"
	backendRedis    = "redis"
	backendPostgres = "postgres"

	defaultStateMemory = 64 << 20

	leastSnapshotInterval = time.Second
)

// settings are the flags, and what the program has for them.
type settings struct {
	links                  Links
	plan, brokers, prefix  string
	security               secretfile.Files
	epoch, stateEpoch      int64
	ordinal, maxOrdinal    int
	podName                string
	stateBackend, stateDir string
	stateMemoryBytes       int64
	memory                 shares
	stateServer            stateServer
	snapshots, blobs       string
	savepoints             string
	deleteSavepoint        string
	restoreFrom            string
	restoreExactly         bool
	dropRemoved            bool
	trial                  string
	trialRows              int64
	trialFor               time.Duration
	maxDrift               time.Duration
	maxExchangeBytes       int64
	mostMarkers            int
	shedLagRecords         int64
	snapshotInterval       time.Duration
	snapshotLeastBytes     int64
	lapLeastBytes          int64
	warmUpLeastBytes       int64
	commitInterval, grace  time.Duration
	delivery               string
	startFrom              string
	ends                   ends
	http                   string
	secured                secured
	cpuProfile, allocs     string
	compression            string
	replication, minInsync int
	plants                 plants
}

// parse reads the command line. Mistakes are User errors.
func parse(args []string, out io.Writer) (*settings, error) {
	s := &settings{}
	f := flag.NewFlagSet("worker", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&s.plan, "plan", "", "file with the compiled plan")
	f.StringVar(&s.brokers, "brokers", "", "addresses of Kafka brokers, HOST:PORT, comma separated")
	f.BoolVar(&s.security.TLS, "tls", false, "encrypt connections to Kafka")
	f.StringVar(&s.security.CA, "tls-ca", "", "file of the authorities that brokers' certificates are checked by, PEM; empty: the system's, of which the worker's image has none")
	f.StringVar(&s.security.Cert, "tls-cert", "", "file of the client's certificate, PEM; empty: none")
	f.StringVar(&s.security.Key, "tls-key", "", "file of the key of --tls-cert, PEM")
	f.StringVar(&s.security.Mechanism, "sasl-mechanism", "", "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER; empty: no SASL")
	f.StringVar(&s.security.User, "sasl-user-file", "", "file that holds the SASL user")
	f.StringVar(&s.security.Name, "sasl-user", "", "the SASL user itself, in place of --sasl-user-file")
	f.StringVar(&s.security.Password, "sasl-password-file", "", "file that holds the SASL password, or the token of OAUTHBEARER")
	tokenFlags(f, &s.security.TokenServer)
	f.StringVar(&s.prefix, "prefix", "", "prefix of all that the job has on Kafka: <cluster>.<namespace>.<job>")
	f.Int64Var(&s.epoch, "epoch", 1, "epoch of the job")
	f.Int64Var(&s.stateEpoch, "state-epoch", 0, "epoch in which the internal topics were made; 0: the job's epoch")
	f.IntVar(&s.ordinal, "ordinal", -1, "number of this worker, the same over restarts")
	f.StringVar(&s.podName, "pod-name", "", "instead of --ordinal: a name that ends in -<ordinal>, as the operator's pods have. The internal topics are made by the operator then, and a worker that misses one refuses to begin")
	f.IntVar(&s.maxOrdinal, "max-ordinal", 0, "highest ordinal that the job ever used; what the brokers know of is found without it")
	f.StringVar(&s.stateBackend, "state-backend", backendPebble, "where state is kept between changelog and memory: pebble, memory, redis or postgres")
	f.StringVar(&s.stateDir, "state-dir", "", "folder for --state-backend pebble")
	f.Int64Var(&s.stateMemoryBytes, "state-memory-bytes", 0, "memory of --state-backend pebble; 0: about a quarter of the container's limit, 64 MiB where it has none")
	s.stateServer.flags(f)
	f.StringVar(&s.snapshots, "snapshots", "", "where copies of the state go: s3://BUCKET/PREFIX, gs://…, azblob://… or file:///FOLDER; empty: nowhere, and changelogs are rewritten")
	f.StringVar(&s.blobs, "blobs", "", "the program that has the stores of --snapshots and --savepoints; empty: blobs, beside the worker")
	f.StringVar(&s.savepoints, "savepoints", "", "where savepoints are written to and read from, as --snapshots; empty: nowhere, and none can be made")
	f.StringVar(&s.restoreFrom, "restore-from", "", "id of the savepoint in --savepoints that the state epoch begins from; empty: it begins empty. It counts no more once the epoch has committed")
	f.BoolVar(&s.restoreExactly, "restore-exactly", false, "refuse --restore-from where the job has gone on behind that savepoint: what it has written since would be written again")
	f.StringVar(&s.deleteSavepoint, "delete-savepoint", "", "id of a savepoint of --prefix in --savepoints to delete, and to do nothing else; one that is not there is fine")
	f.BoolVar(&s.dropRemoved, "drop-removed-state", false, "begin from --restore-from though the plan lacks operators that have state there")
	f.StringVar(&s.trial, "trial", "", "id of a trial of --plan that this worker is: it reads --trial-rows while the job goes on, on topics and a group of its own, writes outputs in transactions that are aborted, and ends; empty: it is a worker of the job")
	f.Int64Var(&s.trialRows, "trial-rows", worker.DefaultTrialRows, "how many offsets a --trial reads of all sources together")
	f.DurationVar(&s.trialFor, "trial-for", worker.DefaultTrialFor, "how long a --trial waits for so many rows to come")
	f.DurationVar(&s.maxDrift, "max-watermark-drift", 0, "how far a source may be ahead of the slowest one in event time; 0: as far as it likes")
	f.Int64Var(&s.maxExchangeBytes, "max-exchange-bytes", worker.DefaultMaxExchangeBytes, "how much of an exchange may wait for its readers before sources that write to it wait")
	f.IntVar(&s.mostMarkers, "max-markers", physical.MostMarkers, "transaction markers a second that all workers of the job leave, together, for each broker: commits are further apart rather than leave more")
	f.Int64Var(&s.shedLagRecords, "shed-lag-records", 0, "how many offsets a source partition may be behind its end before it skips ahead to half of that, and counts what it leaves out; 0: it reads everything")
	f.DurationVar(&s.snapshotInterval, "snapshot-interval", worker.DefaultSnapshotInterval, "time between two copies of a task's state")
	f.Int64Var(&s.snapshotLeastBytes, "snapshot-least-bytes", worker.DefaultLeastChangedBytes, "what a task's changelog grows by before its state is copied again")
	f.Int64Var(&s.lapLeastBytes, "lap-least-bytes", worker.DefaultLapLeastBytes, "what a task's changelog may hold besides twice its state before it is rewritten, where there are no snapshots; below 0: it never is")
	f.Int64Var(&s.warmUpLeastBytes, "warm-up-least-bytes", worker.DefaultWarmUpLeastBytes, "how much there must be to read back of a task's state before the task waits, where it moves, for its next worker to have read it; below 0: it never waits")
	f.DurationVar(&s.commitInterval, "commit-interval", worker.DefaultCommitInterval, "longest time between a record and its commit")
	f.StringVar(&s.delivery, "delivery", "", "how often a row counts that is on its way when a worker fails: ExactlyOnce, AtLeastOnce or AtMostOnce, the same for all workers of an epoch; empty: as the plan says")
	f.DurationVar(&s.grace, "grace", 0, "time for the last commit when told to stop; 0: 10s")
	f.StringVar(&s.startFrom, "start-from", string(spec.StartEarliest), "where a job begins that has never committed: Earliest or Latest")
	f.Var(&s.ends, "ends", "where sources end, as JSON: by topic, a list of an offset for each partition, {\"bids\":[120,97]}; what is not in it is not read. The worker stays when it is there. Empty: nowhere")
	f.StringVar(&s.http, "http", ":8080", "address of health and metrics; empty: none")
	s.secured.flags(f)
	f.StringVar(&s.compression, "output-compression", string(kafka.CompressionNone), "what is written is compressed with: none, gzip, snappy, lz4 or zstd")
	f.StringVar(&s.cpuProfile, "cpu-profile", "", "file for a CPU profile of the whole run; empty: none")
	f.StringVar(&s.allocs, "allocation-profile", "", "file for a profile of all that was allocated; empty: none")
	f.IntVar(&s.replication, "replication", 0, "replication factor of internal topics that this worker makes; 0: the broker's default")
	f.IntVar(&s.minInsync, "min-insync-replicas", 0, "min.insync.replicas of those topics; 0: the broker's default")
	s.plants.flags(f)
	if err := f.Parse(args); err != nil {
		if err == flag.ErrHelp { //nolint:errorlint // Parse returns it bare
			return nil, err
		}
		return nil, usage("%v", err)
	}
	if f.NArg() > 0 {
		return nil, usage("unexpected argument %q", f.Arg(0))
	}
	return s, s.check()
}

// tokenFlags are those of a server that OAUTHBEARER has its tokens from.
func tokenFlags(f *flag.FlagSet, t *secretfile.TokenServer) {
	f.StringVar(&t.URL, "sasl-token-url", "", "https URL that gives OAUTHBEARER its tokens, in place of --sasl-password-file")
	f.StringVar(&t.ClientID, "sasl-client-id", "", "who asks for a token")
	f.StringVar(&t.Secret, "sasl-client-secret-file", "", "file that holds the secret of --sasl-client-id")
	f.StringVar(&t.Scopes, "sasl-scopes", "", "what the token is to be good for, separated by spaces; empty: the server decides")
	f.StringVar(&t.CA, "sasl-token-ca", "", "file of the authorities that the certificate of --sasl-token-url is checked by, PEM; empty: the system's")
}

func (s *settings) check() error {
	if s.deleteSavepoint != "" {
		return s.checkRemoval()
	}
	for _, required := range []struct{ name, value string }{{"plan", s.plan}, {"brokers", s.brokers}, {"prefix", s.prefix}} {
		if required.value == "" {
			return usage("--%s is missing", required.name)
		}
	}
	if err := s.checkState(); err != nil {
		return err
	}
	if s.maxDrift < 0 || s.maxExchangeBytes < 1 {
		return usage("--max-watermark-drift %v and --max-exchange-bytes %d: neither may be negative, and the second is 1 at least", s.maxDrift, s.maxExchangeBytes)
	}
	if s.mostMarkers < 1 {
		return usage("--max-markers %d is below 1", s.mostMarkers)
	}
	if s.shedLagRecords < 0 {
		return usage("--shed-lag-records %d is below 0", s.shedLagRecords)
	}
	if s.trialRows < 1 || s.trialFor < 0 {
		return usage("--trial-rows %d and --trial-for %v: the first is 1 at least, and the second not negative", s.trialRows, s.trialFor)
	}
	if err := s.secured.check(); err != nil {
		return err
	}
	if s.stateEpoch == 0 {
		s.stateEpoch = s.epoch
	}
	return s.number()
}

// checkState looks at where state is kept and copied.
func (s *settings) checkState() error {
	switch s.stateBackend {
	case backendMemory:
	case backendPebble:
		if s.stateDir == "" {
			return usage("--state-dir is missing")
		}
	case backendRedis, backendPostgres:
		if s.stateServer.url == "" {
			return usage("--state-url is missing")
		}
	default:
		return usage("--state-backend %q is neither %s, %s, %s nor %s", s.stateBackend, backendPebble, backendMemory, backendRedis, backendPostgres)
	}
	if s.restoreFrom != "" && s.savepoints == "" {
		return usage("--restore-from needs --savepoints, where the savepoint is")
	}
	if s.lapLeastBytes == 0 {
		return usage("--lap-least-bytes is 0")
	}
	if s.warmUpLeastBytes == 0 {
		return usage("--warm-up-least-bytes is 0")
	}
	if s.snapshotInterval < leastSnapshotInterval {
		return usage("--snapshot-interval %v is below %v", s.snapshotInterval, leastSnapshotInterval)
	}
	return nil
}

// number finds the worker's ordinal.
func (s *settings) number() error {
	if s.ordinal >= 0 {
		return nil
	}
	if s.podName == "" {
		return usage("--ordinal or --pod-name is missing")
	}
	n, err := strconv.Atoi(s.podName[strings.LastIndexByte(s.podName, '-')+1:])
	if err != nil || n < 0 {
		return usage("--pod-name %q does not end in -<ordinal>", s.podName)
	}
	s.ordinal = n
	return nil
}
