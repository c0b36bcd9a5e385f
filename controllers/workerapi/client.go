package workerapi

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/millrace/millrace/runtime/fault"
)

const (
	// Patience bounds a question to a worker.
	Patience = 3 * time.Second
	// mostBytes bounds a page of metrics: one of a thousand tasks has a tenth of it.
	mostBytes = 16 << 20
)

// Client asks workers. It is safe for concurrent use.
type Client struct{ http *http.Client }

// New returns a client. It follows no redirect and uses no proxy: a worker is asked itself, or nobody.
func New() *Client {
	return &Client{&http.Client{
		Timeout:       Patience,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Ask asks the worker whose plain door is at an address, HOST:PORT.
func (c *Client) Ask(ctx context.Context, address string) (*Report, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", http.NoBody)
	if err != nil {
		return nil, fault.Wrap(fault.Bug, err, "ask %s", address)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, fault.Wrap(fault.Transient, err, "ask %s", address).Do("the operator must reach the pods on their port http: see NetworkPolicies of both")
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostBytes+1))
	switch {
	case err != nil:
		return nil, fault.Wrap(fault.Transient, err, "read the metrics of %s", address)
	case answer.StatusCode != http.StatusOK:
		return nil, fault.New(fault.Transient, fault.Place{}, "%s answers %s", address, answer.Status)
	case len(text) > mostBytes:
		return nil, fault.New(fault.Corrupt, fault.Place{}, "%s answers more than %d bytes", address, mostBytes)
	}
	return read(address, text)
}

// read takes from a page of metrics what a report has.
func read(address string, text []byte) (*Report, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, fault.Wrap(fault.Corrupt, err, "read the metrics of %s", address)
	}
	ready, ok := single(families, "millrace_ready")
	if !ok {
		return nil, fault.New(fault.Corrupt, fault.Place{}, "%s serves no metrics of a worker", address).Do("look whether a sidecar has its port")
	}
	r := &Report{Ready: ready == 1, Lag: map[Partition]int64{}}
	for name, to := range map[string]*float64{
		"millrace_busy_seconds_total": &r.Busy, "millrace_backpressure_seconds_total": &r.Backpressure,
		"millrace_commit_seconds_total": &r.Commit, "millrace_idle_seconds_total": &r.Idle,
	} {
		if *to, ok = single(families, name); !ok {
			return nil, fault.New(fault.Corrupt, fault.Place{}, "%s shows no %s", address, name).Do("use workers of the operator's version")
		}
	}
	busy := map[string]float64{}
	for _, m := range families["millrace_task_busy_seconds_total"].GetMetric() {
		busy[label(m, "task")] = m.GetCounter().GetValue()
	}
	for _, m := range families["millrace_task_rows_in_total"].GetMetric() {
		id := label(m, "task")
		stage, partition := split(id)
		r.Tasks = append(r.Tasks, Task{Stage: stage, Partition: partition, Rows: m.GetCounter().GetValue(), Busy: busy[id]})
	}
	for _, m := range families["millrace_lag_records"].GetMetric() {
		_, number := split("/" + label(m, "partition"))
		r.Lag[Partition{label(m, "topic"), number}] = int64(m.GetGauge().GetValue())
	}
	return r, nil
}

// split takes the id of a task apart.
func split(id string) (stage string, partition int32) {
	slash := strings.LastIndexByte(id, '/')
	n, err := strconv.ParseInt(id[slash+1:], 10, 32)
	if slash < 0 || err != nil {
		return id, 0
	}
	return id[:slash], int32(n)
}

func label(m *dto.Metric, name string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}

// single is the value of a metric without labels.
func single(families map[string]*dto.MetricFamily, name string) (float64, bool) {
	metrics := families[name].GetMetric()
	if len(metrics) != 1 {
		return 0, false
	}
	return metrics[0].GetCounter().GetValue() + metrics[0].GetGauge().GetValue(), true
}
