package chart

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"
)

// Frame is a function in a flame graph, with what it called.
type Frame struct {
	Name string
	// Value is the function's own and that of all it called.
	Value int64
	Calls []*Frame
}

// Add adds a value to the stack of names, outermost first, below the frame.
func (f *Frame) Add(value int64, stack ...string) {
	f.Value += value
	for _, name := range stack {
		i := slices.IndexFunc(f.Calls, func(c *Frame) bool { return c.Name == name })
		if i < 0 {
			i = len(f.Calls)
			f.Calls = append(f.Calls, &Frame{Name: name})
		}
		f = f.Calls[i]
		f.Value += value
	}
}

// Flame is a flame graph that hangs: the root is at the top, each function lies below its caller, and width is the share of the
// whole. A pointer on a frame shows its name and share.
type Flame struct {
	Title string
	Root  *Frame
	// Label writes a value.
	Label func(float64) string
}

const (
	flameWidth  = 1200.0
	flameRow    = 17
	flameTop    = 36
	flameMargin = 8
	// narrowest is the width of a frame that is left out, in pixels.
	narrowest = 0.4
)

// SVG draws the graph.
func (g Flame) SVG() []byte {
	scale := (flameWidth - 2*flameMargin) / float64(max(g.Root.Value, 1))
	p := newPage(flameWidth, flameTop+g.depth(g.Root, scale)*flameRow+flameMargin, g.Title)
	g.draw(p, g.Root, flameMargin, 0, scale)
	return p.end()
}

func (g Flame) depth(f *Frame, scale float64) int {
	deepest := 0
	for _, c := range f.Calls {
		if float64(c.Value)*scale >= narrowest {
			deepest = max(deepest, g.depth(c, scale))
		}
	}
	return deepest + 1
}

// draw draws a frame and, side by side below it, the widest first, what it called.
func (g Flame) draw(p *page, f *Frame, x float64, level int, scale float64) {
	width := float64(f.Value) * scale
	if width < narrowest {
		return
	}
	const percent, glyph, pad = 100, 5.6, 3
	y := float64(flameTop + level*flameRow)
	p.add(`<g><title>%s: %s, %.1f %%</title><rect x="%.1f" y="%.0f" width="%.1f" height="%d" fill="%s" stroke="#ffffff" stroke-width="0.5"/>`,
		html.EscapeString(f.Name), html.EscapeString(g.Label(float64(f.Value))), float64(f.Value)*percent/float64(max(g.Root.Value, 1)), x, y, width, flameRow, warmth(f.Name))
	if room := int((width - 2*pad) / glyph); room > 2 {
		p.text(x+pad, y+flameRow-5, "start", 10, shorten(f.Name, room))
	}
	p.add("</g>")
	calls := slices.Clone(f.Calls)
	slices.SortStableFunc(calls, func(a, b *Frame) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), strings.Compare(a.Name, b.Name))
	})
	for _, c := range calls {
		g.draw(p, c, x, level+1, scale)
		x += float64(c.Value) * scale
	}
}

// warmth is a colour that is the package's own, so that what belongs together looks alike.
func warmth(name string) string {
	home := name[:strings.LastIndexByte(name, '/')+1]
	rest, _, _ := strings.Cut(name[len(home):], ".")
	sum := uint32(0)
	for _, c := range []byte(home + rest) {
		sum = sum*31 + uint32(c)
	}
	const red, green, blue, spread = 215, 110, 50, 100
	return fmt.Sprintf("#%02x%02x%02x", red+sum%40, green+sum/40%spread, blue+sum/4000%60)
}

// shorten leaves out the path of a function's package, then its end.
func shorten(name string, room int) string {
	name = name[strings.LastIndexByte(name, '/')+1:]
	if len(name) > room {
		return name[:room-1] + "…"
	}
	return name
}
