// Package plan says what is done to a job, and when. A plan is data: drawn from a seed, or read from a file that an
// earlier run has left.
//
//	# seed 7
//	3.2s kill worker=1 for=0.8s
//	9s proxy lose-answers for=2s
//	12.5s proxy delay to=workers by=0.25s for=4s
//	20s stop worker=0 for=14s
//	40s broker kill for=1s
//	45s scale workers=4
//
// Times count from the start of the input. What a line leaves out does not concern it: a line that names too much or too
// little is an error.
package plan
