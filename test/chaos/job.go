package main

import (
	"context"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

const (
	inputTopic  = "chaos-rows"
	copyTopic   = "chaos-copies"
	countsTopic = "chaos-counts"
	prefix      = "local.chaos.job"

	// The job's partitions: few enough that four workers have two or three tasks of each stage.
	partitions  = 8
	parallelism = 8

	query = `
CREATE TABLE source (k STRING, id BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('topic' = '` + inputTopic + `', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
CREATE TABLE copies (k STRING, id BIGINT) WITH ('topic' = '` + copyTopic + `', 'format' = 'json');
CREATE TABLE counts (k STRING, window_start TIMESTAMP, n BIGINT)
  WITH ('topic' = '` + countsTopic + `', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
INSERT INTO copies SELECT k, id FROM source;
INSERT INTO counts SELECT k, window_start, COUNT(*) FROM TUMBLE(TABLE source, DESCRIPTOR(ts), INTERVAL '5' SECOND)
  GROUP BY k, window_start, window_end;`
	lagMillis    = 5000
	windowMillis = 5000
)

// writePlan compiles the job.
func writePlan(path string) error {
	p, err := compile.Compile(spec.Job{Name: "chaos", SQL: query, File: "query.sql", MaxParallelism: parallelism, BadRows: spec.BadRowsFail})
	if err != nil {
		return err
	}
	text, err := physical.Encode(p)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

// makeTopics makes what the job reads and writes.
func makeTopics(ctx context.Context, broker string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(broker))
	if err != nil {
		return err
	}
	defer client.Close()
	made, err := kadm.NewClient(client).CreateTopics(ctx, partitions, 1, nil, inputTopic, copyTopic, countsTopic)
	if err == nil {
		err = made.Error()
	}
	if err != nil {
		return fmt.Errorf("make the topics: %w", err)
	}
	return nil
}
