// Package progress shows a person how far a run is: a bar with rows, rate and lag on a terminal, and a plain line every
// few seconds where there is none (a log, a pipe, CI).
package progress
