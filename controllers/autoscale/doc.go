// Package autoscale decides how many workers a job should have. It is a pure function from what was sampled of the workers, what
// was decided before, and a policy, to a number with its reason; it talks to nobody and owns no clock.
//
// A worker runs the tasks of all stages in one loop. So what a stage costs can't be told apart from what its rows cost further on, and
// the capacity of a worker for a stage is how many of its rows went through while all loops together were in use for one second:
//
//	used        the sum over workers of the share of their time that they were busy or committing
//	capacity(s) rows(s) / used
//	input(s)    rows(s) + growth of lag(s), both per second
//	need(s)     (input / target utilisation + lag / catch-up time + input × settling time / catch-up time) / capacity
//	need        the largest need(s)
//
// Under a backlog it is seen what workers really do: where rows(s) / workers, without the time in which brokers took nothing, is clearly
// less than capacity(s), it counts instead. The settling time is how long it took lately until new workers were ready.
//
// Where sources make up for a backlog, the stages behind them get more than arrives: of their input only that part counts.
//
// The need is cut to what can be used: a stage has at most as many workers as partitions, and a task at most one. Of a job
// with a hot key that is little, which is said and not scaled.
//
//	up      when a minute's need is a tenth above what there is, or half a minute's where lag is past its objective and grows
//	down    when the largest need of a whole delay is below what there is, at most to the half at a time
//	to zero when nothing arrived for a while
//	hold    while workers are not all there, while one does not answer, and after more workers that brought nothing
//
// No data is no reason to do anything.
package autoscale
