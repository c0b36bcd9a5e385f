package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/millrace/millrace/bench/answer"
	"github.com/millrace/millrace/bench/engine"
	"github.com/millrace/millrace/bench/measure"
	"github.com/millrace/millrace/test/kafka"
)

// input is the topic that all queries read.
const input = "bid"

// watermarkLag is that of the queries.
const watermarkLag = 4 * time.Second

// stage is a Kafka of its own with its folder; what engines leave behind goes with it.
type stage struct {
	folder string
	node   *kafka.Broker
	broker *measure.Broker
	runs   int
}

// open starts Kafka.
func open(ctx context.Context, more ...kafka.Option) (*stage, error) {
	folder, err := os.MkdirTemp("", "millrace-bench-")
	if err != nil {
		return nil, err
	}
	s := &stage{folder: folder}
	data := filepath.Join(folder, "kafka")
	if err := os.Mkdir(data, 0o700); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if s.node, err = kafka.Run(ctx, data, os.Stderr, append(more, kafka.Steady())...); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if s.broker, err = measure.Connect(s.node.Address(), s.node.ProcessID()); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// alone is the stage for Millrace alone.
func (s *settings) alone(ctx context.Context) (*engine.Engine, *stage, error) {
	e := engine.All(s.paths)[0]
	if err := e.Prepare(ctx); err != nil {
		return nil, nil, err
	}
	stage, err := open(ctx)
	return e, stage, err
}

// close stops Kafka and removes the folder.
func (s *stage) close() error {
	if s.broker != nil {
		s.broker.Close()
	}
	var err error
	if s.node != nil {
		err = s.node.Stop()
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}

// task returns a run of an engine on a query, in a folder of its own.
func (s *stage) task(cfg *settings, e *engine.Engine, q answer.Query, data dataset) (measure.Task, error) {
	s.runs++
	name := fmt.Sprintf("%s-%s-%d", q.Name, e.Name, s.runs)
	folder := filepath.Join(s.folder, name)
	if err := os.Mkdir(folder, 0o700); err != nil {
		return measure.Task{}, err
	}
	return measure.Task{
		Engine: e, Events: data.records(), LastStart: data.lastMillis(), Partitions: cfg.partitions, Patience: cfg.patience,
		Run: engine.Run{
			Query: q, Brokers: s.broker.Address, Topic: input, Output: name + "-out", Group: "bench.default." + name, Watermark: watermarkLag,
			Parallelism: cores, Compression: cfg.compression, Folder: folder, HTTP: "127.0.0.1:0",
		},
	}, nil
}
