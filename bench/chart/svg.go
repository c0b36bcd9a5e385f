package chart

import (
	"bytes"
	"fmt"
	"html"
)

// Series is one engine's values, one a group; 0 is no value.
type Series struct {
	Name   string
	Values []float64
}

// colour is the n-th of the set.
func colour(n int) string {
	set := [...]string{"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999"}
	return set[n%len(set)]
}

// page is an SVG that is being written.
type page struct{ bytes.Buffer }

func newPage(width, height int, title string) *page {
	p := &page{}
	p.add(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">`, width, height, width, height)
	p.add(`<rect width="100%%" height="100%%" fill="#ffffff"/>`)
	p.text(12, 20, "start", 14, title)
	return p
}

func (p *page) add(format string, args ...any) { _, _ = fmt.Fprintf(p, format+"\n", args...) } // memory takes everything

func (p *page) text(x, y float64, anchor string, size int, s string) {
	p.add(`<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%d" fill="#222222">%s</text>`, x, y, anchor, size, html.EscapeString(s))
}

func (p *page) end() []byte {
	p.add(`</svg>`)
	return p.Bytes()
}

// legend writes the names of the series from x on.
func (p *page) legend(x, y float64, series []Series) {
	const box, glyph = 10, 6.2
	for i, s := range series {
		p.add(`<rect x="%.1f" y="%.1f" width="%d" height="%d" fill="%s"/>`, x, y-box+1, box, box, colour(i))
		p.text(x+box+4, y, "start", 11, s.Name)
		x += box + 18 + glyph*float64(len(s.Name))
	}
}
