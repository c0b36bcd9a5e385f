package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestQueriesThatGrowAreChanged holds that each replacement has found its place in the query's file.
func TestQueriesThatGrowAreChanged(t *testing.T) {
	wants := map[string][]string{
		"keys":       {"SELECT MOD(auction * 1000003 + price, 1000),", "GROUP BY MOD(auction * 1000003 + price, 1000),", "'1' HOUR", "HAVING COUNT(*)"},
		"hop":        {"INTERVAL '2.000' SECOND, INTERVAL '10' SECOND"},
		"hop-silent": {"INTERVAL '2.000' SECOND, INTERVAL '10' SECOND", "HAVING COUNT(*)"},
	}
	for _, g := range newSettings("scale", "", 1).growths(1_000_000) {
		if g.sql == nil {
			continue
		}
		for _, query := range g.queries {
			text, err := os.ReadFile(filepath.Join("..", "queries", query+".sql"))
			if err != nil {
				t.Fatal(err)
			}
			got := g.sql(string(text), g.steps[0])
			for _, want := range wants[g.name] {
				if !strings.Contains(got, want) {
					t.Errorf("%s: no %s in %s", g.name, want, got)
				}
			}
		}
	}
}
