package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/bench/answer"
)

func TestMillraceComesFirst(t *testing.T) {
	engines, err := Named(Paths{}, "kstreams, millrace,flink-rocksdb")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range engines {
		names = append(names, e.Name)
	}
	if got := strings.Join(names, " "); got != "millrace kstreams flink-rocksdb" {
		t.Errorf("the engines are %s", got)
	}
	if _, err := Named(Paths{}, "storm"); err == nil || !strings.Contains(err.Error(), "flink-rocksdb") {
		t.Errorf("the error is %v", err)
	}
}

func TestEveryEngineHasQueriesThatExist(t *testing.T) {
	for _, e := range All(Paths{}) {
		for _, q := range e.Queries {
			if _, err := answer.Named(q); err != nil {
				t.Errorf("%s: %v", e.Name, err)
			}
		}
		if e.CommitInterval == 0 {
			t.Errorf("%s has no commit interval", e.Name)
		}
	}
}

func TestAQueryGetsTheRunsTopicsAndWatermark(t *testing.T) {
	got := rewrite("CREATE TABLE bid (…, WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND) WITH ('topic' = 'bid'); CREATE TABLE q1 (…) WITH ('topic' = 'q1');",
		Run{Query: answer.Query{Name: "q1"}, Topic: "in", Output: "out", Watermark: 1500 * time.Millisecond})
	want := "CREATE TABLE bid (…, WATERMARK FOR dateTime AS dateTime - INTERVAL '1.5' SECOND) WITH ('topic' = 'in'); CREATE TABLE q1 (…) WITH ('topic' = 'out');"
	if got != want {
		t.Errorf("the query is %s", got)
	}
}
