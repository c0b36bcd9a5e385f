package program

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/metrics/prom"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/worker"
)

// work runs the worker until ctx ends.
func (s *settings) work(ctx context.Context, log *slog.Logger) error {
	plan, err := readPlan(s.plan)
	if err != nil {
		return err
	}
	security, err := s.security.Security()
	if err != nil {
		return err
	}
	copies, saves, closeStores, err := s.blobStores(ctx)
	defer closeStores(log)
	if err != nil {
		return err
	}
	backend, err := s.backend(ctx, log)
	if err != nil {
		return err
	}
	cfg := s.config(plan, log)
	cfg.Kafka.Security, cfg.Backend, cfg.Snapshots, cfg.Savepoints = security, backend, copies, saves
	s.plants.apply(&cfg)
	w, err := worker.New(cfg)
	if err == nil {
		err = s.serve(ctx, w, log)
	}
	if e := backend.Close(); err == nil {
		err = e
	}
	return err
}

// config is what the flags say of a worker, without what has to be opened for it.
func (s *settings) config(plan *physical.Plan, log *slog.Logger) worker.Config {
	topics, trial := physical.Topics{Prefix: s.prefix, StateEpoch: s.stateEpoch}, (*worker.Trial)(nil)
	if s.trial != "" {
		topics, trial = topics.Trial(s.epoch, s.trial), &worker.Trial{Of: topics, Rows: s.trialRows, For: s.trialFor}
	}
	return worker.Config{
		Plan: plan, Topics: topics, Trial: trial,
		Epoch: s.epoch, Ordinal: s.ordinal, MaxOrdinal: s.maxOrdinal,
		Kafka: kafka.Options{
			Brokers: strings.Split(s.brokers, ","), ClientID: "millrace-" + s.prefix, Compression: kafka.Compression(s.compression),
			SendingBytes: s.memory.sending,
		},
		Durability: kafka.Durability{Replication: s.replication, MinInsyncReplicas: s.minInsync},
		Laps:       task.Laps{LeastBytes: s.lapLeastBytes}, WarmUpLeastBytes: s.warmUpLeastBytes,
		MaxWatermarkDrift: s.maxDrift, MaxExchangeBytes: s.maxExchangeBytes, MostMarkers: s.mostMarkers, ShedLagRecords: s.shedLagRecords,
		CommitInterval: s.commitInterval, StartFrom: spec.StartFrom(s.startFrom), Grace: s.grace, Logger: log,
		Delivery: spec.Delivery(s.delivery), TableBytes: s.memory.tables, ChangeBytes: s.memory.changes,
		Operated: true, GivenTopics: s.podName != "", Ends: s.ends.at,
	}
}

func readPlan(file string) (*physical.Plan, error) {
	text, err := os.ReadFile(file) //nolint:gosec // the file is the user's to name
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "read the plan")
	}
	return physical.Decode(text)
}

func metrics(status func() control.Status) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(prom.NewCollector(status), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
