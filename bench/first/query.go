package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

const tables = `
CREATE TABLE bids (
  auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING,
  WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND
) WITH ('topic' = 'bids', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
CREATE TABLE passed (auction BIGINT, bidder BIGINT, price BIGINT, dateTime TIMESTAMP, extra STRING)
  WITH ('topic' = 'passed', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
CREATE TABLE counts (bidder BIGINT, window_start TIMESTAMP, bids BIGINT)
  WITH ('topic' = 'counts', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');
`

// query is one thing to measure.
type query struct {
	name, sql, topic string
	// events returns how many input events an output record stands for.
	events func(value []byte) (int64, error)
}

func queries() []query {
	return []query{
		{
			name: "pass-through", topic: "passed",
			sql:    "INSERT INTO passed SELECT auction, bidder, price, dateTime, extra FROM bids;",
			events: func([]byte) (int64, error) { return 1, nil },
		},
		{
			name: "tumbling-count", topic: "counts",
			sql: `INSERT INTO counts SELECT bidder, window_start, COUNT(*) FROM TUMBLE(TABLE bids, DESCRIPTOR(dateTime), INTERVAL '10' SECOND)
				GROUP BY bidder, window_start, window_end;`,
			events: func(value []byte) (int64, error) {
				var row struct {
					Bids int64 `json:"bids"`
				}
				err := json.Unmarshal(value, &row)
				return row.Bids, err
			},
		},
	}
}

// compilePlan writes the query's plan into folder and returns its path.
func (q query) compilePlan(folder string) (string, error) {
	plan, err := compile.Compile(spec.Job{Name: q.name, SQL: tables + q.sql, File: q.name + ".sql", MaxParallelism: 8, BadRows: spec.BadRowsFail})
	if err != nil {
		return "", err
	}
	text, err := physical.Encode(plan)
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, q.name+".json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return "", fmt.Errorf("write the plan: %w", err)
	}
	return path, nil
}
