package sql

import (
	"strings"
	"unicode"
)

// reservedWords returns the words that are names only in quotes. The list is short on purpose: it holds what would make
// the grammar ambiguous, and words of clauses that do not exist yet, so that a name of today stays one tomorrow.
func reservedWords() string {
	return " ALL AND ANY AS ASC ASYMMETRIC BETWEEN BY CASE CAST CREATE CROSS CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DESC DISTINCT " +
		"ELSE END ESCAPE EXCEPT EXISTS FALSE FETCH FOR FROM FULL GROUP HAVING IN INNER INSERT INTERSECT INTERVAL INTO " +
		"IS JOIN LATERAL LEFT LIKE LIMIT LOCALTIME LOCALTIMESTAMP MATCH_RECOGNIZE NATURAL NOT NULL OFFSET ON OR ORDER OUTER OVER " +
		"QUALIFY RIGHT SELECT SYMMETRIC TABLE TABLESAMPLE THEN TRUE TRY_CAST UNION UNNEST USING VALUES WHEN WHERE WINDOW WITH "
}

// functionWords returns the reserved words that are names of functions when a parenthesis follows.
func functionWords() string {
	return " CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LEFT LOCALTIME LOCALTIMESTAMP RIGHT "
}

// bareFunctions returns the functions that are called without parentheses.
func bareFunctions() string {
	return " CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP "
}

// oneOf says whether a word in upper case is in a list of words with blanks around each.
func oneOf(list, word string) bool {
	return word != "" && !strings.ContainsRune(word, ' ') && strings.Contains(list, " "+word+" ")
}

// isReserved says whether a name, in any case, has to be quoted.
func isReserved(name string) bool { return oneOf(reservedWords(), upper(name)) }

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
