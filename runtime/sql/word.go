package sql

import "strings"

// reservedWords returns the words that are names only in quotes. The list is short on purpose: it holds what would make
// the grammar ambiguous, and words of statements that do not exist yet, so that a name of today stays one tomorrow.
func reservedWords() string {
	return " ALL AND ANY AS ASC BETWEEN BY CASE CAST CREATE CROSS DELETE DESC DESCRIBE DISTINCT DROP ELSE END ESCAPE EXCEPT EXISTS " +
		"EXPLAIN EXTRACT FALSE FETCH FOR FROM FULL GROUP HAVING IN INNER INSERT INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LIKE " +
		"LIMIT MATCH_RECOGNIZE NATURAL NOT NULL OFFSET ON OR ORDER OUTER OVER PARTITION QUALIFY RIGHT SELECT SET " +
		"TABLE TABLESAMPLE THEN TRUE TRY_CAST UNION UNNEST UPDATE USING VALUES WHEN WHERE WINDOW WITH "
}

// isReserved says whether a name, in any case, has to be quoted.
func isReserved(name string) bool {
	return !strings.ContainsRune(name, ' ') && strings.Contains(reservedWords(), " "+strings.ToUpper(name)+" ")
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

func isNameStart(r rune) bool {
	return r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

func isNamePart(r rune) bool {
	return isNameStart(r) || '0' <= r && r <= '9' || r == '$'
}
