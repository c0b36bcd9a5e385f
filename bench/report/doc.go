// Package report turns the runs of a comparison into what people and programs read: results.json, the tables of RESULTS.md and
// README.md, and bar charts. Medians are taken here, and nowhere is a figure written by hand.
package report
