// Package rows is what the end-to-end tests feed and what must come out of it: readings of sensors, some of them out of
// order and some late, and the totals of each sensor and window. It is pure, so that the feeder and the checker, which
// share nothing else, agree on what a row is.
package rows
