// Package statetest is the suite that every state backend passes: stores and views do what an ordered map does, under
// any mixture of writes, seals, commits, rollbacks and reopenings.
package statetest
