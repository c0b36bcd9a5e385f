// Package prom shows a worker's status as Prometheus metrics. Nothing is counted here: each scrape reads one snapshot.
package prom
