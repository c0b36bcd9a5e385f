// Command harness measures Millrace and its peers on a real Kafka, on loopback.
//
//	harness compare    engines in turn on the same topic, answers checked, medians: results.json, RESULTS.md, charts, README
//	harness delivery   what exactly, at least and at most once cost: the same files
//	harness latency    engines in turn at a fixed rate, how old committed rows are: the same files
//	harness memory     Millrace with far more keys than its limit of memory: the same files
//	harness profile    Millrace on a query: flame graphs of processor time and of bytes allocated
//	harness recovery   Millrace's workers killed, coming and going: the same files
//	harness scale      Millrace with more events, partitions, keys, hops: the same files
//	harness smoke      Millrace on a little, compared with smoke.json: what does not depend on the machine
//
// bench/README.md says what is measured and how; make/bench.mk has the commands.
package main
