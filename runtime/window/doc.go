// Package window is the arithmetic of windows: which window a point in time falls into. Windows are half-open, aligned
// to the epoch plus an offset, and times before the epoch floor like all others:
//
//	     -10        0        10        20
//	──────┼─────────┼─────────┼─────────┼──►   size 10, offset 0
//	      [  -3     )[  0     )[  10    )
package window
