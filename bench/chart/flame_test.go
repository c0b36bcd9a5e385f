package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestAFlameGraphShowsWhatWasCalled(t *testing.T) {
	root := &Frame{Name: "all"}
	root.Add(60, "main.main", "example.org/a.work", "example.org/b.(*T).part[...]")
	root.Add(30, "main.main", "example.org/a.work")
	root.Add(10, "main.main", "example.org/c.<rest>")
	if root.Value != 100 || len(root.Calls) != 1 || root.Calls[0].Value != 100 || root.Calls[0].Calls[0].Value != 90 {
		t.Fatalf("the tree is %+v", root)
	}
	text := string(Flame{Title: "a & b", Root: root, Label: func(float64) string { return "x" }}.SVG())
	for _, want := range []string{"example.org/b.(*T).part[...]: x, 60.0 %", "c.&lt;rest&gt;: x, 10.0 %", ">a.work<"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q", want)
		}
	}
	wellFormed(t, text)
}

func TestFramesTooNarrowToSeeAreLeftOut(t *testing.T) {
	root := &Frame{Name: "all"}
	root.Add(1_000_000, "wide")
	root.Add(1, "narrow", "deep", "deeper")
	text := string(Flame{Root: root, Label: func(float64) string { return "" }}.SVG())
	if strings.Contains(text, "narrow") {
		t.Error("it is drawn")
	}
}

func TestChartsAreWellFormed(t *testing.T) {
	label := func(float64) string { return "1 < 2" }
	wellFormed(t, string(Bars{Title: "<bars>", Groups: []string{"q0", "q1"}, Series: []Series{{"a", []float64{1, 0}}, {"b & c", []float64{2, 3}}}, Label: label}.SVG()))
	wellFormed(t, string(Lines{Title: "<lines>", Steps: []string{"1 M", "2 M"}, Series: []Series{{"a", []float64{1, 0}}}, Label: label}.SVG()))
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
