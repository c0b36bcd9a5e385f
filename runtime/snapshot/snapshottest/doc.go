// Package snapshottest has a blob store in memory that fails and decays when a test says so.
package snapshottest
