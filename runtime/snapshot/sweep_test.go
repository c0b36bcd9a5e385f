package snapshot

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestPlan says what goes: "-" before a name. Names are "m<commit>" and "d<number>"; a manifest lists its files in brackets, or
// is damaged; "old" is beyond the age; "other/" is below another topic's id.
func TestPlan(t *testing.T) {
	for name, c := range map[string]struct{ have, gone string }{
		"nothing":                                {"", ""},
		"one snapshot stays":                     {"m1[d1 d2] d1 d2", ""},
		"two snapshots stay":                     {"m1[d1] m2[d1 d2] d1 d2", ""},
		"the oldest of three goes":               {"m1[d1 d2] m2[d2] m3[d2 d3] d1 d2 d3", "m1 d1"},
		"all but two go":                         {"m1[d1] m2[d2] m3[d3] m4[d4] d1 d2 d3 d4", "m2 m1 d1 d2"},
		"a young file of nobody stays":           {"m1[d1] d1 d2", ""},
		"an old file of nobody goes":             {"m1[d1] d1 old:d2", "d2"},
		"an old file that is named stays":        {"m1[d1] old:d1", ""},
		"a damaged manifest does not count":      {"m1[d1] m2! m3[d3] d1 old:d3", ""},
		"a damaged manifest goes with its age":   {"m1! m2[d2] m3[d3] d1 d2 d3", "m1"},
		"so do its files, once they are old":     {"m1! m2[d2] m3[d3] old:d1 d2 d3", "m1 d1"},
		"a file of a damaged one and a kept one": {"m1[d1] m2[d1] m3! d1", ""},
		"young blobs of another topic stay":      {"other/m7 other/d7 m1[d1] d1", ""},
		"old blobs of another topic go":          {"old:other/m7 old:other/d7 m1[d1] d1", "other/m7 other/d7"},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Unix(1_000_000_000, 0)
			v := inventory{manifests: map[string]*Manifest{}}
			v.read(c.have, now)
			p := v.plan("dir/", now)
			var got []string
			for _, n := range append(p.manifests, p.files...) {
				n = strings.NewReplacer("dir/snapshots/", "", "dir/data/", "", "other/snapshots/", "other/", "other/data/", "other/").Replace(n)
				got = append(got, n)
			}
			if strings.Join(got, " ") != c.gone {
				t.Errorf("goes %q, want %q", strings.Join(got, " "), c.gone)
			}
		})
	}
}

// read fills an inventory from a test's text.
func (v *inventory) read(text string, now time.Time) {
	var open *Manifest
	for word := range strings.FieldsSeq(text) {
		if open != nil {
			name, last := strings.CutSuffix(word, "]")
			open.Files = append(open.Files, File{Name: dataFolder + name})
			if last {
				open = nil
			}
			continue
		}
		word, isOld := strings.CutPrefix(word, "old:")
		o := Object{Modified: now.Add(-time.Minute)}
		if isOld {
			o.Modified = now.Add(-SweepAge - time.Minute)
		}
		dir := "dir/"
		if rest, other := strings.CutPrefix(word, "other/"); other {
			dir, word = "other/", rest
		}
		if strings.HasPrefix(word, "d") {
			o.Name = dir + dataFolder + word
			v.objects = append(v.objects, o)
			continue
		}
		name, damaged := strings.CutSuffix(word, "!")
		name, file, listed := strings.Cut(name, "[")
		o.Name = dir + manifestFolder + name
		v.objects = append(v.objects, o)
		if dir != "dir/" {
			continue
		}
		m := &Manifest{}
		_, _ = fmt.Sscanf(name, "m%d", &m.Commit)
		if listed {
			file, last := strings.CutSuffix(file, "]")
			m.Files = []File{{Name: dataFolder + file}}
			if !last {
				open = m
			}
		}
		v.manifests[o.Name] = m
		if damaged {
			v.manifests[o.Name] = nil
		}
	}
}
