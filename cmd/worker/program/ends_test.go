package program

import (
	"io"
	"maps"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/connector/kafka"
)

func TestWorkersAreToldWhereSourcesEnd(t *testing.T) {
	base := []string{"--plan", "p", "--brokers", "b:1", "--prefix", "x", "--ordinal", "0", "--state-backend", "memory"}
	s, err := parse(append(base, `--ends={"bids":[120,0],"made":[]}`), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	want := map[kafka.Partition]int64{{Topic: "bids"}: 120, {Topic: "bids", Number: 1}: 0}
	if got := s.config(nil, nil).Ends; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if s, err = parse(append(base, "--ends={}"), io.Discard); err != nil || s.ends.at == nil {
		t.Errorf("a range of nothing has no end: %v", err)
	}
	if s, err = parse(base, io.Discard); err != nil || s.ends.at != nil {
		t.Errorf("nothing was said, and it ends at %v, %v", s.ends.at, err)
	}
	for text, want := range map[string]string{"bids=5": "it is JSON", `{"bids":[-1]}`: "bids/0 ends at -1"} {
		if _, err := parse(append(base, "--ends="+text), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
