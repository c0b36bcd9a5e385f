package physical_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

const text = `CREATE TABLE bids (price INT, channel STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts);
CREATE TABLE out (k STRING, n BIGINT);
INSERT INTO out SELECT channel, SUM(price) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND)
WHERE price > 1 GROUP BY channel, window_start, window_end`

func plan(t *testing.T) *physical.Plan {
	t.Helper()
	p, err := compile.Compile(spec.Job{SQL: text, MaxParallelism: 8})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDecodeRefusesWhatItDoesNotKnow(t *testing.T) {
	good, err := physical.Encode(plan(t))
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		old, new, want string
	}{
		"a field that this version does not know": {`"maxParallelism"`, `"color":"red","maxParallelism"`, "unknown field"},
		"a newer format":                 {`"format":3,"hash"`, `"format":4,"hash"`, "the plan is of format 4"},
		"a format before the one before": {`"format":3,"hash"`, `"format":1,"hash"`, "the plan is of format 1"},
		"no format":                      {`"format":3,"hash"`, `"hash"`, "the plan is of format 0"},
		"a changed predicate":            {`"int64":"1"`, `"int64":"2"`, "not what its hash says"},
		"a column that is not there":     {`"index":0`, `"index":77`, "there is no column 77"},
		"two members of a union":         {`"filter":{`, `"assignWindow":{"time":0,"sizeMicros":1,"offsetMicros":0},"filter":{`, "it must be one operator"},
		"something behind":               {`"keys":[0]`, `"keys":[0]`, ""},
		"an unknown type":                {`"BIGINT"`, `"HUGEINT"`, "unknown type HUGEINT"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := []byte(strings.Replace(string(good), c.old, c.new, 1))
			if c.want == "" {
				b, c.want = append(bytes.Clone(good), "{}"...), "after top-level value"
			}
			_, err := physical.Decode(b)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := physical.Decode(make([]byte, physical.MaxDocumentBytes+1)); err == nil {
		t.Error("a document beyond the bound was decoded")
	}
}

// TestDecodeReadsTheFormatBefore: a plan that the version before compiled, with hopping windows and sessions. Encoded again it is the same
// document, and what its workers may not do is left out.
func TestDecodeReadsTheFormatBefore(t *testing.T) {
	b, err := os.ReadFile("testdata/format2.json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := physical.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	text := physical.Explain(p)
	if p.Format != 2 || !strings.Contains(text, "hop ts by 1m0s every 10s") || !strings.Contains(text, "with a gap of 30s") {
		t.Errorf("format %d:\n%s", p.Format, text)
	}
	if again, err := physical.Encode(p); err != nil || !bytes.Equal(again, b) {
		t.Errorf("decoded and encoded again it differs (%v):\n%s", err, again)
	}
	if p.HasControl() || p.HasLaps() || p.HasDelivery() || p.HasGoes() {
		t.Error("workers of the version before know of none of these")
	}
	for _, topic := range p.Internal(physical.Topics{}) {
		if topic.Kind == physical.ControlTopic {
			t.Error("the version before has no control topic")
		}
	}
}

// TestAPlanCanBeOfTheFormatBefore: then workers of that version run it as well, unless it needs what they do not have.
func TestAPlanCanBeOfTheFormatBefore(t *testing.T) {
	p := plan(t)
	hash, state := p.Hash, p.StateHash
	if err := p.SealAs(physical.OldestFormat); err != nil {
		t.Fatal(err)
	}
	b, err := physical.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	back, err := physical.Decode(b)
	if err != nil || back.Format != physical.OldestFormat || back.StateHash != state || back.Hash == hash {
		t.Errorf("read back: %+v, %v", back, err)
	}
	p.Delivery = spec.AtLeastOnce
	if err := p.SealAs(physical.OldestFormat); fault.KindOf(err) != fault.User {
		t.Errorf("a delivery in format %d: %v", physical.OldestFormat, err)
	}
	for _, format := range []int{physical.OldestFormat - 1, physical.Format + 1} {
		if err := p.SealAs(format); fault.KindOf(err) != fault.Bug {
			t.Errorf("format %d: %v", format, err)
		}
	}
}

func TestEncodeRefusesAPlanThatWasChanged(t *testing.T) {
	p := plan(t)
	p.MaxParallelism++
	if _, err := physical.Encode(p); err == nil || !strings.Contains(err.Error(), "not what its hash says") {
		t.Errorf("got %v", err)
	}
	if err := p.Seal(); err != nil {
		t.Fatal(err)
	}
	if _, err := physical.Encode(p); err != nil {
		t.Errorf("sealed anew: %v", err)
	}
}
