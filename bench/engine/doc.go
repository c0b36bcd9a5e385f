// Package engine knows how each engine of the bench is started on a query: Millrace's worker, and its peers on the JVM, which
// bench/peers/build.sh builds. What the engines are told is the same for all: the topics, two cores, exactly once, the
// compression of what they write.
package engine
