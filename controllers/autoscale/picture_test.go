package autoscale_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// pictures is where to draw to; empty compares with what is committed. make autoscale-pictures sets it.
var pictures = flag.String("pictures", "", "the `folder` to draw the autoscaler's pictures into")

// titles say what each picture shows, besides what the reference says.
var titles = map[string]string{
	"step": "Five times the input for 20 minutes", "step-eager": "The same with scaleDownDelay and catchUp of 1m", "step-careful": "The same with targetUtilization 50, scaleDownDelay and catchUp of 30m",
	"ramp": "Sixteen times the input within 50 minutes", "day": "Two days, with twenty times the input at noon", "spikes": "75 seconds of four times the input, every 12 minutes",
	"dead-partition": "A partition that nobody gets on with for 15 minutes", "outage": "Workers that do not answer for 10 minutes, with a step behind it",
	"skew": "A partition with 60 % of the rows, and a step", "ineffective": "A server that is asked for each row, and takes 14 000 a second", "zero": "No input for 45 minutes, with scaleToZero after 10m",
}

func TestThePicturesAreThoseOfTheCode(t *testing.T) {
	for name, s := range scenarios() {
		picture := draw(titles[name], s.play(t, 1), s.lasts)
		if *pictures != "" {
			if err := os.WriteFile(filepath.Join(*pictures, name+".svg"), picture, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		committed, err := os.ReadFile(filepath.Join("..", "..", "docs", "autoscaling", name+".svg"))
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOARCH == "amd64" && !bytes.Equal(picture, committed) { // elsewhere sums of floats may be rounded in another way
			t.Errorf("docs/autoscaling/%s.svg is not what the autoscaler does: make autoscale-pictures", name)
		}
	}
}

const (
	width, left, right = 760, 64, 16
	top, panel, gap    = 48, 90, 26
)

// curve is a line of a panel.
type curve struct {
	name, colour string
	of           func(m *moment) float64
}

// draw shows what arrives and what waits, the workers, and the decisions over time, one panel below the other.
func draw(title string, r *run, lasts time.Duration) []byte {
	var b bytes.Buffer
	height := top + 3*(panel+gap) + 62
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/><text x="%d" y="20" font-size="15">%s</text>`+"\n", width, height, left, html.EscapeString(title))
	rows := []curve{{"rows that arrive a second", "#0072b2", func(m *moment) float64 { return m.arrives }}}
	lag := []curve{{"records that wait, in thousands", "#d55e00", func(m *moment) float64 { return m.lag / 1000 }}}
	workers := []curve{
		{"workers wanted", "#009e73", func(m *moment) float64 { return float64(m.wanted) }},
		{"ready", "#000000", func(m *moment) float64 { return float64(m.ready) }},
		{"recommended", "#cc79a7", func(m *moment) float64 { return float64(m.advised) }},
	}
	drawPanel(&b, top, rows, r, lasts)
	drawPanel(&b, top+panel+gap, lag, r, lasts)
	drawPanel(&b, top+2*(panel+gap), workers, r, lasts)
	at := float64(top + 3*(panel+gap))
	x := func(after time.Duration) float64 { return left + float64(after)/float64(lasts)*(width-left-right) }
	for _, c := range r.changes {
		colour := "#d55e00"
		if c.to < c.from {
			colour = "#0072b2"
		}
		fmt.Fprintf(&b, `<path d="M%.1f %.0fv10" stroke="%s" stroke-width="2"><title>%s</title></path>`+"\n", x(c.after), at-8, colour, html.EscapeString(fmt.Sprintf("%v: %d to %d, %s: %s", c.after, c.from, c.to, c.reason, c.message)))
	}
	for i := range 7 {
		after := lasts * time.Duration(i) / 6
		fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" text-anchor="%s">%.4g min</text>`+"\n", x(after), at+20, [...]string{"start", "middle", "middle", "middle", "middle", "middle", "end"}[i], after.Minutes())
	}
	fmt.Fprintf(&b, `<text x="%d" y="%.0f">%s</text>`+"\n</svg>\n", left, at+44, html.EscapeString("said: "+strings.Join(mostSaid(r), ", ")))
	return b.Bytes()
}

// mostSaid lists the reasons that were given for the longest.
func mostSaid(r *run) []string {
	type said struct {
		reason  string
		seconds int
	}
	var all []said
	for reason, n := range r.said {
		if reason != "" {
			all = append(all, said{string(reason), n})
		}
	}
	slices.SortFunc(all, func(a, b said) int { return cmp.Or(b.seconds-a.seconds, strings.Compare(a.reason, b.reason)) })
	var list []string
	for _, s := range all[:min(5, len(all))] {
		list = append(list, fmt.Sprintf("%s %v", s.reason, time.Duration(s.seconds)*time.Second))
	}
	return list
}

func drawPanel(b *bytes.Buffer, y int, curves []curve, r *run, lasts time.Duration) {
	highest := 1.0
	for _, c := range curves {
		for i := range r.moments {
			highest = max(highest, c.of(&r.moments[i]))
		}
	}
	for i := range 3 {
		at := float64(y) + panel*float64(i)/2
		fmt.Fprintf(b, `<path d="M%d %.1fH%d" stroke="#dddddd"/><text x="%d" y="%.1f" text-anchor="end">%.0f</text>`+"\n", left, at, width-right, left-6, at+4, highest*float64(2-i)/2)
	}
	for i, c := range curves {
		fmt.Fprintf(b, `<text x="%d" y="%d" fill="%s">%s</text>`+"\n", left+i*190, y-6, c.colour, html.EscapeString(c.name))
		var points strings.Builder
		const columns = 340
		every := max(1, len(r.moments)/columns)
		for j := 0; j < len(r.moments); j += every {
			m := &r.moments[j]
			fmt.Fprintf(&points, "%.1f,%.1f ", left+float64(m.after)/float64(lasts)*(width-left-right), float64(y)+panel*(1-c.of(m)/highest))
		}
		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="1.5"/>`+"\n", strings.TrimSpace(points.String()), c.colour)
	}
}
