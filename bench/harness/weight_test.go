package main

import "testing"

func TestWhatAnInternalTopicIsCalled(t *testing.T) {
	const group = "bench.default.q12-x-1"
	for topic, want := range map[string]string{
		group + ".1.by-bidder":                        "by-bidder",
		group + ".1.aggregate-1f-changelog":           "aggregate-1f-changelog",
		group + "-KSTREAM-AGGREGATE-0004-repartition": "KSTREAM-AGGREGATE-0004-repartition",
		group + "-KSTREAM-AGGREGATE-0003-changelog":   "KSTREAM-AGGREGATE-0003-changelog",
		"bid":         "",
		group:         "",
		group + "0":   "",
		"q12-x-1-out": "",
	} {
		if got, own := internalName(topic, group); got != want || own != (want != "") {
			t.Errorf("%s is called %q, %v", topic, got, own)
		}
	}
}
