// Package savepointtest runs whole plans in one process, without a broker, for tests that need a savepoint of something real.
package savepointtest
