// Package operatortest is the one harness for all operators. A case is an operator and its input; what comes out when
// the input is pushed whole must come out again at every batch size, at random cuts, with rows among them that are not
// selected, and, for an operator with state, with flushes, commits, rollbacks, restores and savepoints in between.
package operatortest
