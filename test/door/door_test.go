package door

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/httpapi"
	"github.com/millrace/millrace/runtime/inquiry"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/state/pebblestore"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/worker"
)

const (
	token      = "0123456789abcdef0123456789abcdef"
	patience   = time.Minute
	partitions = 8
	base       = int64(1_700_000_000_000) // milliseconds; the rows' first time, 800 s after an hour's beginning
)

// row is a row of the input.
type row struct {
	K    *string  `json:"k"`
	N    *int64   `json:"n"`
	P    *float64 `json:"p"`
	Flag *bool    `json:"flag"`
	Day  *string  `json:"day"`
	At   int64    `json:"at"`
}

// rows are a minute's, no two keys of them alike in how often they come.
func rows() []row {
	texts := []string{"plain", "a/b", "50%", "%2F", "", "[x", "null", "é 水", `q"uote`, "..", "a b+c&d?e#f"}
	var list []row
	for n := range 240 {
		r := row{At: base + int64(n)*250}
		if n%12 != 11 {
			r.K = new(texts[(n/3+n%2)%len(texts)])
		}
		if n%7 != 0 {
			r.N = new(int64(n%5)*4_503_599_627_370_497 - 9_007_199_254_740_993)
		}
		if n%3 != 0 {
			r.P = new(float64(n%4) / 4)
		}
		if n%5 != 0 {
			r.Flag = new(n%2 == 0)
		}
		if n%4 != 0 {
			r.Day = new(fmt.Sprintf("2023-11-%02d", 1+n%3))
		}
		list = append(list, r)
	}
	return list
}

func plan(t *testing.T) *physical.Plan {
	t.Helper()
	form := spec.Format{Type: spec.FormatJSON, Timestamps: spec.TimestampMillis}
	column := func(name string, kind types.Kind) types.Column { return types.Column{Name: name, Kind: kind} }
	k, n, p := column("k", types.String), column("n", types.BigInt), column("p", types.Double)
	flag, day, at := column("flag", types.Boolean), column("day", types.Date), column("at", types.Timestamp)
	c, e := column("c", types.BigInt), column("e", types.Timestamp)
	out := func(name string, columns ...types.Column) spec.Table {
		return spec.Table{Name: name, Topic: name, Format: form, Schema: types.Schema{Columns: append(columns, e, c)}}
	}
	in := spec.Table{
		Name: "src", Topic: "src", Format: form, Schema: types.Schema{Columns: []types.Column{k, n, p, flag, day, at}},
		EventTime: &spec.EventTime{Column: "at", MaxOutOfOrderness: time.Hour},
	}
	made, err := compile.Compile(spec.Job{
		Name: "job", MaxParallelism: partitions, File: "sql", BadRows: spec.BadRowsFail,
		Tables: []spec.Table{in, out("o_text", k), out("o_number", n), out("o_double", p), out("o_several", flag, k, n), out("o_day", day), out("o_all"), out("o_session", k)},
		SQL: `
INSERT INTO o_text    SELECT k, window_end AS e, COUNT(*) AS c FROM TUMBLE(TABLE src, DESCRIPTOR(at), INTERVAL '1' HOUR) GROUP BY k, window_start, window_end;
INSERT INTO o_number  SELECT n, window_time AS e, COUNT(*) AS c FROM TUMBLE(TABLE src, DESCRIPTOR(at), INTERVAL '1' HOUR) GROUP BY window_time, n;
INSERT INTO o_double  SELECT p, window_end AS e, COUNT(*) AS c FROM TUMBLE(TABLE src, DESCRIPTOR(at), INTERVAL '1' HOUR) GROUP BY p, window_end;
INSERT INTO o_several SELECT flag, k, n, window_end AS e, COUNT(*) AS c FROM TUMBLE(TABLE src, DESCRIPTOR(at), INTERVAL '1' HOUR) GROUP BY flag, k, n, window_end;
INSERT INTO o_day     SELECT day, window_end AS e, COUNT(*) AS c FROM HOP(TABLE src, DESCRIPTOR(at), INTERVAL '20' SECOND, INTERVAL '40' SECOND) GROUP BY day, window_end;
INSERT INTO o_all     SELECT window_end AS e, COUNT(*) AS c FROM CUMULATE(TABLE src, DESCRIPTOR(at), INTERVAL '20' SECOND, INTERVAL '1' HOUR) WHERE at < TIMESTAMP '2023-11-14 22:14:00' GROUP BY window_start, window_end;
INSERT INTO o_session SELECT k, window_end AS e, COUNT(*) AS c FROM SESSION(TABLE src PARTITION BY k, DESCRIPTOR(at), INTERVAL '1' SECOND) GROUP BY k, window_start, window_end;`,
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// doors are workers with their doors.
type doors struct {
	t         *testing.T
	client    *http.Client
	addresses []string
	operators []string // in the order of the statements
	away      int      // answers that sent us elsewhere
}

func open(t *testing.T, backends ...state.Backend) *doors {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "src"), kfake.SeedTopics(1, "o_text", "o_number", "o_double", "o_several", "o_day", "o_all", "o_session"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	feed(t, cluster.ListenAddrs())
	d := &doors{t: t}
	dir := t.TempDir()
	lock := newLock(t, dir)
	d.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: lock.pool, MinVersion: tls.VersionTLS12}}}
	t.Cleanup(d.client.CloseIdleConnections)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	t.Cleanup(running.Wait)
	t.Cleanup(stop)
	job := plan(t)
	for _, o := range inquiry.Operators(job) {
		d.operators = append(d.operators, o.ID)
	}
	log := slog.New(slog.DiscardHandler)
	for ordinal, backend := range backends {
		w, err := worker.New(worker.Config{
			Plan: job, Topics: physical.Topics{Prefix: "local.door.job", StateEpoch: 1}, Epoch: 1, Ordinal: ordinal, MaxOrdinal: len(backends) - 1,
			Kafka: kafka.Options{Brokers: cluster.ListenAddrs()}, Backend: backend, Logger: log,
		})
		if err != nil {
			t.Fatal(err)
		}
		running.Go(func() {
			if err := w.Run(ctx); err != nil {
				t.Errorf("worker %d: %v", ordinal, err)
			}
		})
		listener, err := httpapi.Listen(ctx, "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		door := httpapi.Serve(listener, httpapi.Secured(w.Snapshot, w, lock.token, log), lock.certificate.Config(), log)
		t.Cleanup(func() { door.Close(ctx) })
		d.addresses = append(d.addresses, listener.Addr().String())
	}
	return d
}

func feed(t *testing.T, brokers []string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()), kgo.ProducerBatchCompression(kgo.NoCompression()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, r := range rows() {
		value, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "src", Value: value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// lock is a certificate that signs itself, and a token.
type lock struct {
	certificate *httpapi.Certificate
	token       *httpapi.Token
	pool        *x509.CertPool
}

func newLock(t *testing.T, dir string) lock {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "worker"}, NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	must(t, err)
	keyDER, err := x509.MarshalECPrivateKey(key)
	must(t, err)
	files := map[string][]byte{
		"tls.crt": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), "tls.key": pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}), "token": []byte(token + "\n"),
	}
	for name, text := range files {
		must(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	l := lock{pool: x509.NewCertPool()}
	l.pool.AppendCertsFromPEM(files["tls.crt"])
	log := slog.New(slog.DiscardHandler)
	l.certificate, err = httpapi.NewCertificate(filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"), log)
	must(t, err)
	l.token, err = httpapi.NewToken(filepath.Join(dir, "token"), log)
	must(t, err)
	return l
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// get asks a worker for a page.
func (d *doors) get(ordinal int, page string) (int, []byte) {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, "https://"+d.addresses[ordinal]+page, http.NoBody)
	must(d.t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := d.client.Do(request)
	must(d.t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	must(d.t, err)
	return response.StatusCode, body
}

var errLater = errors.New("later")

// state asks the workers, beginning with one, until the one that has the key answers.
func (d *doors) state(first int, operator, key string) (*control.State, error) {
	d.t.Helper()
	for at, hops := first, 0; hops < 3; hops++ {
		code, body := d.get(at, "/v1/state/"+operator+"/"+url.PathEscape(key))
		switch code {
		case http.StatusOK:
			s := &control.State{}
			must(d.t, json.Unmarshal(body, s))
			if s.Worker != at || s.Operator != operator {
				d.t.Errorf("worker %d says %s", at, body)
			}
			return s, nil
		case http.StatusMisdirectedRequest:
			var to struct {
				Worker   int
				Instance string
			}
			must(d.t, json.Unmarshal(body, &to))
			if to.Worker == at || to.Instance != fmt.Sprintf("local.door.job.%d", to.Worker) {
				d.t.Fatalf("worker %d says %s", at, body)
			}
			at = to.Worker
			d.away++
		case http.StatusServiceUnavailable:
			return nil, errLater
		default:
			d.t.Fatalf("%s: %d %s", key, code, body)
		}
	}
	return nil, errLater
}

// counted are a key's windows: start, end, count.
type counted [3]any

// await asks until the answer is as wanted.
func (d *doors) await(operator int, key string, want []counted) {
	d.t.Helper()
	var got []counted
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(20 * time.Millisecond) {
		s, err := d.state(len(key)%len(d.addresses), d.operators[operator], key)
		if err != nil {
			continue
		}
		got = got[:0]
		for _, w := range s.Windows {
			var values map[string]int64
			must(d.t, json.Unmarshal(w.Values, &values))
			if len(values) != 1 {
				d.t.Fatalf("values %s", w.Values)
			}
			for _, n := range values {
				got = append(got, counted{w.Start, w.End, n})
			}
		}
		if slices.Equal(got, want) {
			return
		}
	}
	d.t.Errorf("%s of operator %d: %v, want %v", key, operator, got, want)
}

func TestKeysOfEveryTypeAreFound(t *testing.T) {
	for name, backend := range map[string]func() state.Backend{
		"in memory": func() state.Backend { return memory.New() },
		"on disk": func() state.Backend {
			b, err := pebblestore.Open("state", vfs.NewMem(), 8<<20, pebblestore.Stamp{Job: "local.door.job", StateEpoch: 1}, slog.New(slog.DiscardHandler))
			must(t, err)
			return b
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, backend(), backend())
			d.groups()
			d.windows()
			d.refused()
			if d.away == 0 {
				t.Error("no worker sent us to the other")
			}
		})
	}
}

// groups asks for the groups of one window: the hour's.
func (d *doors) groups() {
	const start, end = "2023-11-14T22:00:00Z", "2023-11-14T23:00:00Z"
	counts := [4]map[string]int64{{}, {}, {}, {}}
	for _, r := range rows() {
		counts[0][array(d.t, r.K)]++
		counts[1][array(d.t, r.N)]++
		counts[2][array(d.t, r.P)]++
		counts[3][array(d.t, r.Flag, r.K, r.N)]++
	}
	for operator, groups := range counts {
		for key, n := range groups {
			d.await(operator, key, []counted{{start, end, n}})
		}
	}
	d.await(0, "50%", []counted{{start, end, counts[0][`["50%"]`]}})
	d.await(0, "a/b", []counted{{start, end, counts[0][`["a/b"]`]}})
	d.await(1, "-9007199254740993", []counted{{start, end, counts[1]["[-9007199254740993]"]}})
	d.await(0, "never", []counted{})
}

// windows asks for windows that overlap, grow, or are sessions.
func (d *doors) windows() {
	const step, second = 20_000, 1_000
	at := func(millis int64) string { return time.UnixMilli(millis).UTC().Format(time.RFC3339Nano) }
	hops, total := map[int64]int64{}, map[int64]int64{}
	hour := base / 3_600_000 * 3_600_000
	limit := time.Date(2023, 11, 14, 22, 14, 0, 0, time.UTC).UnixMilli()
	sessions := []counted{}
	var first, last, n int64
	for _, r := range rows() {
		for end := r.At/step*step + step; end <= r.At/step*step+2*step; end += step {
			if r.Day == nil {
				hops[end]++
			}
		}
		if r.At < limit {
			for end := r.At/step*step + step; end <= hour+3_600_000; end += step {
				total[end]++
			}
		}
		if r.K == nil || *r.K != "a/b" {
			continue
		}
		if n > 0 && r.At-last > second {
			sessions = append(sessions, counted{at(first), at(last + second), n})
			n = 0
		}
		if n == 0 {
			first = r.At
		}
		last, n = r.At, n+1
	}
	sessions = append(sessions, counted{at(first), at(last + second), n})
	d.await(4, "[null]", list(hops, func(end int64) string { return at(end - 2*step) }, at))
	d.await(5, "[]", list(total, func(int64) string { return at(hour) }, at))
	d.await(6, "a/b", sessions)
	if len(sessions) < 3 || len(hops) < 4 || len(total) < 100 {
		d.t.Errorf("%d sessions, %d and %d windows: the test tests nothing", len(sessions), len(hops), len(total))
	}
}

func list(counts map[int64]int64, start func(int64) string, at func(int64) string) []counted {
	var ends []int64
	for end := range counts {
		ends = append(ends, end)
	}
	slices.Sort(ends)
	var l []counted
	for _, end := range ends {
		l = append(l, counted{start(end), at(end), counts[end]})
	}
	return l
}

func (d *doors) refused() {
	for page, want := range map[string]int{
		"/v1/state/none/a": 404, "/v1/state/" + d.operators[1] + "/abc": 400, "/v1/state/" + d.operators[3] + "/1": 400, "/v1/state": 200, "/v1/status": 200, "/metrics": 404,
	} {
		if code, body := d.get(0, page); code != want {
			d.t.Errorf("%s: %d %s", page, code, body)
		}
	}
}

// array is a key of these values.
func array(t *testing.T, values ...any) string {
	t.Helper()
	text, err := json.Marshal(values)
	must(t, err)
	return string(text)
}
