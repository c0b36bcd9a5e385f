package task

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/watermark"
)

// oldMeta and oldChannels are what the version before has written into testdata/meta1.hex.
func oldMeta() Meta {
	return Meta{JobEpoch: 3, Owner: 12, Worker: 2, Seq: 4711, Offset: 90_210, Watermark: 1_700_000_000_000_000, Idle: true}
}

func oldChannels() *watermark.Channels {
	var c watermark.Channels
	c.Grow(3)
	c.Update(watermark.Mark{Channel: 0, Watermark: 1_700_000_000_000_500})
	c.Update(watermark.Mark{Channel: 1, Watermark: 1_700_000_000_000_000})
	c.Update(watermark.Mark{Channel: 2, Watermark: -7, Idle: true})
	return &c
}

const oldMetaText = `{"epoch":3,"owner":12,"worker":2,"seq":4711,"offset":90210,"watermark":"1700000000000000","idle":true}`

// TestMetaRecordsAreAsTheVersionsBeforeWroteThem holds the bytes of each version of the meta record to those that were written when it was
// new: meta1.hex by the version before this one. They are never made anew: other bytes are another version.
func TestMetaRecordsAreAsTheVersionsBeforeWroteThem(t *testing.T) {
	told := lap{grown: 5000, live: 900, under: true, begin: 80_000, cursor: []byte("key"), since: 70, rewritten: 60, owed: 50}
	cases := map[string]struct {
		file string
		lap  *lap
	}{
		"1":                       {"testdata/meta1.hex", nil},
		"2, which tells of a lap": {"testdata/meta2.hex", &told},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(c.file)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.TrimSpace(string(text))
			if got := hex.EncodeToString(appendMetaRecord(nil, oldMeta(), c.lap, oldChannels())); got != want {
				t.Errorf("wrote\n%s\nwant\n%s", got, want)
			}
			written, err := hex.DecodeString(want)
			if err != nil {
				t.Fatal(err)
			}
			m, l, channels, err := decodeMetaRecord(written)
			if err != nil {
				t.Fatal(err)
			}
			if m != oldMeta() {
				t.Errorf("read %+v", m)
			}
			if got, want := hex.EncodeToString(channels.Append(nil)), hex.EncodeToString(oldChannels().Append(nil)); got != want {
				t.Errorf("read the channels %s, want %s", got, want)
			}
			if c.lap == nil {
				c.lap = &lap{}
			}
			if got, want := hex.EncodeToString(l.append(nil)), hex.EncodeToString(c.lap.append(nil)); got != want {
				t.Errorf("read the lap %s, want %s", got, want)
			}
		})
	}
}

// TestOffsetsSayWhatTheVersionBeforeSaid: what is new in an offset's metadata is left out where nothing is to be said, and what a later
// version says besides is passed over.
func TestOffsetsSayWhatTheVersionBeforeSaid(t *testing.T) {
	if got := oldMeta().Encode(); got != oldMetaText {
		t.Errorf("wrote %s", got)
	}
	for name, text := range map[string]string{
		"of the version before": oldMetaText,
		"of a later one":        strings.TrimSuffix(oldMetaText, "}") + `,"colour":{"red":[1]}}`,
	} {
		if m, err := DecodeMeta(text); err != nil || m != oldMeta() {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}
