// Package chronicle keeps what the operator has seen of StreamJobs and decided about them, as metrics. It takes statuses and decisions, and asks
// nobody: docs/reference/operator-metrics.md lists what comes out.
package chronicle
