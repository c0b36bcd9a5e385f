// Package delivery kills worker processes on a real Kafka at planned moments of a commit, and counts what each delivery
// keeps: exactly once neither loses nor doubles a row, at least once loses none and doubles some, at most once doubles
// none and loses some. The tests carry the build tag "integration".
package delivery
