package sql

import (
	"strings"
	"unicode"
)

// isReserved says whether a word in upper case is a name only in quotes. The list is short on purpose: it holds what would
// make the grammar ambiguous, and words of clauses that do not exist yet, so that a name of today stays one tomorrow.
func isReserved(word string) bool {
	switch word {
	case "ALL", "AND", "ANY", "AS", "ASC", "ASYMMETRIC", "BETWEEN", "BY", "CASE", "CAST", "CREATE", "CROSS",
		"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "DESC", "DISTINCT", "ELSE", "END", "ESCAPE", "EXCEPT", "EXISTS",
		"FALSE", "FETCH", "FOR", "FROM", "FULL", "GROUP", "HAVING", "IN", "INNER", "INSERT", "INTERSECT", "INTERVAL", "INTO",
		"IS", "JOIN", "LATERAL", "LEFT", "LIKE", "LIMIT", "LOCALTIME", "LOCALTIMESTAMP", "MATCH_RECOGNIZE", "NATURAL", "NOT",
		"NULL", "OFFSET", "ON", "OR", "ORDER", "OUTER", "OVER", "QUALIFY", "RIGHT", "SELECT", "SYMMETRIC", "TABLE",
		"TABLESAMPLE", "THEN", "TRUE", "TRY_CAST", "UNION", "UNNEST", "USING", "VALUES", "WHEN", "WHERE", "WINDOW", "WITH":
		return true
	default:
		return false
	}
}

// isBareFunction says whether a reserved word is a function that is called without parentheses.
func isBareFunction(word string) bool {
	switch word {
	case "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP":
		return true
	default:
		return false
	}
}

// isFunctionWord says whether a reserved word is a function's name when a parenthesis follows.
func isFunctionWord(word string) bool {
	return word == "LEFT" || word == "RIGHT" || isBareFunction(word)
}

// isElementWord says whether a word that is not reserved may start something else than a column in CREATE TABLE.
func isElementWord(word string) bool {
	switch word {
	case "CONSTRAINT", "PERIOD", "PRIMARY", "UNIQUE", "WATERMARK":
		return true
	default:
		return false
	}
}

// isPlainName says whether a name reads as one identifier without quotes.
func isPlainName(name string) bool {
	for i, r := range name {
		if !isNameStart(r) && (i == 0 || !isNamePart(r)) {
			return false
		}
	}
	return name != ""
}

func isNameStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }

func isNamePart(r rune) bool { return isNameStart(r) || isDigit(r) || r == '$' }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// upper returns a word with its ASCII letters in upper case. Others stay: Unicode folds some foreign letters to ASCII
// ones, and a word with such a letter is not a keyword.
func upper(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}
