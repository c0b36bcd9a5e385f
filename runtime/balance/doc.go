// Package balance decides which worker of a job runs which task, and which worker warms up for a task before it gets it. It is pure: the
// group's leader hands in what the members say, and gets who is to have what.
//
//	claims ─► who has it now ─► tasks of nobody are placed ─► moves that make it more even ─► moves that wait for a warm copy
//
// Tasks stay where they are unless a move makes the work more even, first within each stage and then over all. A task whose
// state takes long to read back moves only once its next owner has it; until then that one is named to warm up.
package balance
