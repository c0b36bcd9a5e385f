//go:build !invariants

package kafka

const invariants = false
