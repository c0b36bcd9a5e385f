package sql

// precedence orders operators from the loosest to the tightest, as the grammar does.
type precedence int

const (
	precOr precedence = iota
	precAnd
	precNot
	precIs
	precComparison
	precRange // BETWEEN, IN, LIKE
	precConcat
	precAdditive
	precMultiplicative
	precUnary
	precPrimary
)
