//go:build invariants

package exchange

// invariants switches checks on that cost time for each row.
const invariants = true
