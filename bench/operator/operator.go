package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/millrace/millrace/bench/measure"
)

const (
	// calm is how long nothing but an occasional look happens before an operator counts as one that has done its work.
	calm = 5 * time.Second
)

// operator is the process that is measured.
type operator struct {
	process *measure.Process
	log     *os.File
	metrics string
}

func startOperator(ctx context.Context, program, folder string) (*operator, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, err
	}
	o := &operator{metrics: "http://" + address + "/metrics"}
	if o.log, err = os.OpenFile(filepath.Join(folder, "operator.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil { //nolint:gosec // in our own temporary folder
		return nil, err
	}
	o.process, err = measure.Start([]string{
		program, "--kubeconfig=" + filepath.Join(folder, "kubeconfig"), "--worker-image=millrace/worker:bench", "--cluster-id=bench", "--leader-elect=false",
		"--metrics-bind-address=" + address, "--health-probe-bind-address=0",
	}, o.log)
	if err != nil {
		return nil, err
	}
	for {
		if _, err = o.look(ctx); err == nil {
			return o, nil
		}
		select {
		case <-o.process.Ended():
			return nil, fmt.Errorf("the operator has ended (%s): see %s", o.process.Status(), o.log.Name())
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// stop ends the process. Without one it does nothing.
func (o *operator) stop() {
	if o == nil {
		return
	}
	o.process.Stop(30 * time.Second)
	_ = o.log.Close() // nobody writes to it any more
}

// look is what the operator has done since it began.
type look struct {
	at                    time.Time
	cpu                   float64
	resident              int64
	running               int
	passes, reads, writes float64
}

func (o *operator) look(ctx context.Context) (l look, err error) {
	families, err := o.scrape(ctx)
	if err != nil {
		return l, err
	}
	l.at = time.Now()
	if l.cpu, err = measure.CPUSeconds(o.process.ID()); err != nil {
		return l, err
	}
	if l.resident, err = measure.RSSBytes(o.process.ID()); err != nil {
		return l, err
	}
	for _, m := range families["millrace_operator_jobs"].GetMetric() {
		if label(m, "phase") == "Running" {
			l.running = int(m.GetGauge().GetValue())
		}
	}
	for _, m := range families["controller_runtime_reconcile_total"].GetMetric() {
		l.passes += m.GetCounter().GetValue()
	}
	for _, m := range families["rest_client_requests_total"].GetMetric() {
		n := m.GetCounter().GetValue()
		switch method := label(m, "method"); method {
		case http.MethodGet:
			l.reads += n
		default:
			l.writes += n
		}
	}
	return l, nil
}

func (o *operator) scrape(ctx context.Context) (map[string]*dto.MetricFamily, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.metrics, http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(answer.Body)
}

func label(m *dto.Metric, name string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}

// since is a row of the table: what was done between two looks.
func (l look) since(before look) string {
	return fmt.Sprintf("%.1f s\t%.1f s\t%.0f MiB\t%.0f\t%.0f\t%.0f", l.at.Sub(before.at).Seconds(), l.cpu-before.cpu, float64(l.resident)/(1<<20),
		l.passes-before.passes, l.reads-before.reads, l.writes-before.writes)
}

// awaitRunning waits until the operator counts that many jobs as running.
func (o *operator) awaitRunning(ctx context.Context, jobs int) error {
	for {
		l, err := o.look(ctx)
		if err != nil {
			return err
		}
		if l.running == jobs {
			return nil
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return fmt.Errorf("%d of %d jobs run: %w", l.running, jobs, err)
		}
	}
}

// awaitCalm waits until the operator has written nothing for a while.
func (o *operator) awaitCalm(ctx context.Context) error {
	for last, err := o.look(ctx); ; {
		if err != nil {
			return err
		}
		if err := sleep(ctx, calm); err != nil {
			return err
		}
		var now look
		if now, err = o.look(ctx); err == nil && now.writes == last.writes {
			return nil
		}
		last = now
	}
}
