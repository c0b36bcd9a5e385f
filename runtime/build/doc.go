// Package build turns a plan into tasks: it is the one place that knows every operator, format and output by name.
//
//	physical.Plan ─► Factory (one a worker: it holds the exchange writers) ─► Task(stage, partition) ─► task.Task
//
// Expressions are compiled for each task anew, since a program keeps scratch memory of its own.
package build
