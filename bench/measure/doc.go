// Package measure runs one engine on one query and says what it used.
//
//	start ── sample every 50 ms: CPU of engine and broker, memory, ──► all input committed, output still ── stop ── read the output
//	         committed offsets, committed output
//
// The figures come from between the samples, not from the process's end: an engine that idles until it is sure to be done
// is not charged for it. Two windows are taken. The whole run goes from the process's start to the last progress; the warm
// half from the commit that is nearest to the middle of the input. Each engine's main figure is that of the warm half, so
// that compiling Java at run time is forgiven; the same for Millrace, which has nothing to forgive.
package measure
