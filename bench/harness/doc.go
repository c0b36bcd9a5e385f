// Command harness measures Millrace and its peers on a real Kafka, on loopback.
//
//	harness compare    engines in turn on the same topic, answers checked, medians: results.json, RESULTS.md, charts, README
//
// bench/README.md says what is measured and how; make/bench.mk has the commands.
package main
