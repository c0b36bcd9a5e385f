package chart

import (
	"fmt"
	"strings"
)

// Lines show how a figure changes over steps that stand at equal distances, whatever their values. The vertical axis begins
// at 0, so that flat looks flat.
type Lines struct {
	Title  string
	Steps  []string
	Series []Series
	// Label writes a value.
	Label func(float64) string
}

// SVG draws the chart.
func (l Lines) SVG() []byte {
	const width, height, left, right, top, bottom = 760, 320, 70, 40, 60, 40
	p := newPage(width, height, l.Title)
	p.legend(left, 42, l.Series)
	highest := 0.0
	for _, s := range l.Series {
		for _, v := range s.Values {
			highest = max(highest, v)
		}
	}
	x := func(step int) float64 {
		return left + float64(step)*float64(width-left-right)/float64(max(len(l.Steps)-1, 1))
	}
	y := func(v float64) float64 { return height - bottom - v/highest*(height-top-bottom) }
	const parts = 4
	for i := range parts + 1 {
		v := highest * float64(i) / parts
		p.add(`<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="#dddddd"/>`, left, y(v), width-right, y(v))
		p.text(left-6, y(v)+4, "end", 11, l.Label(v))
	}
	for i, s := range l.Steps {
		p.text(x(i), height-bottom+18, "middle", 11, s)
	}
	for i, s := range l.Series {
		var points strings.Builder
		for step, v := range s.Values {
			if v > 0 {
				_, _ = fmt.Fprintf(&points, "%.1f,%.1f ", x(step), y(v))
				p.add(`<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`, x(step), y(v), colour(i))
				p.text(x(step), y(v)-7, "middle", 10, l.Label(v))
			}
		}
		p.add(`<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`, points.String(), colour(i))
	}
	return p.end()
}
