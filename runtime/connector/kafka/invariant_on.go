//go:build invariants

package kafka

// invariants switches checks on that walk over everything that is on its way.
const invariants = true
