// Package sql reads Millrace's SQL: text in, syntax tree out.
//
// The dialect follows Apache Flink's forms, because that is what people who write stream queries know: tables with
// watermarks, window table functions with TABLE and DESCRIPTOR arguments, inserts by position. The grammar is kept as
// EBNF in docs/reference/sql-grammar.md. The parser is a hand-written lexer and recursive descent, because the messages
// are part of the product: every message has line and column, says what was expected, and names the near word.
//
// What the package knows is syntax only. It resolves no names, knows no types beyond their spelling and no functions
// beyond the few with a syntax of their own; the planner does that, on the tree, and reports through the same positions.
//
// Every node can print itself as canonical SQL, and parsing that text gives the same tree again, positions aside. That
// property is fuzzed. Text size, nesting and tree depth are bounded, so that a tree can be walked by plain recursion.
package sql
