package queries_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/spec"
)

// A query reads topics, as the peers do, or the same rows made on the spot.
func TestTheQueriesCompile(t *testing.T) {
	files, err := filepath.Glob("*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d queries: %v", len(files), err)
	}
	const topic = `WITH ('topic' = 'bid', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis')`
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		made := strings.Replace(string(text), topic, `WITH ('connector' = 'nexmark', 'table' = 'bid', 'events' = '1000')`, 1)
		if made == string(text) {
			t.Errorf("%s does not read the bids' topic", file)
		}
		for name, sql := range map[string]string{"topic": string(text), "made": made} {
			t.Run(file+"/"+name, func(t *testing.T) {
				if _, err := compile.Compile(spec.Job{Name: "q", SQL: sql, File: file, MaxParallelism: 8}); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
