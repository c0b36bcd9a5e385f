package chart

// Bars are groups of horizontal bars.
type Bars struct {
	Title  string
	Groups []string
	Series []Series
	// Label writes a value.
	Label func(float64) string
}

// SVG draws the chart.
func (b Bars) SVG() []byte {
	const width, left, right, top, bar, gap = 760, 60, 90, 52, 14, 12
	height := top + len(b.Groups)*(len(b.Series)*bar+gap) + gap
	p := newPage(width, height, b.Title)
	p.legend(left, 40, b.Series)
	highest := 0.0
	for _, s := range b.Series {
		for _, v := range s.Values {
			highest = max(highest, v)
		}
	}
	y := float64(top)
	for g, name := range b.Groups {
		p.text(left-8, y+float64(len(b.Series)*bar)/2+4, "end", 12, name)
		for i, s := range b.Series {
			if v := s.Values[g]; v > 0 {
				length := v / highest * (width - left - right)
				p.add(`<rect x="%d" y="%.1f" width="%.1f" height="%d" fill="%s"/>`, left, y, length, bar-2, colour(i))
				p.text(left+length+4, y+bar-4, "start", 11, b.Label(v))
			}
			y += bar
		}
		y += gap
	}
	return p.end()
}
