package expr_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

func TestLookupTypesCalls(t *testing.T) {
	cases := map[string]struct {
		call string // name(KIND, …)
		want string // result(casts) or the error
	}{
		"ints stay ints":                      {"+(INT, INT)", "INT(INT, INT)"},
		"the wider integer wins":              {"+(INT, BIGINT)", "BIGINT(BIGINT, BIGINT)"},
		"a double makes all double":           {"*(BIGINT, DOUBLE)", "DOUBLE(DOUBLE, DOUBLE)"},
		"a NULL takes the other side's type":  {"-(NULL, BIGINT)", "BIGINT(BIGINT, BIGINT)"},
		"time plus interval":                  {"+(TIMESTAMP, INTERVAL)", "TIMESTAMP(TIMESTAMP, INTERVAL)"},
		"interval plus time":                  {"+(INTERVAL, TIMESTAMP)", "TIMESTAMP(INTERVAL, TIMESTAMP)"},
		"a date counts as its midnight":       {"-(DATE, INTERVAL)", "TIMESTAMP(TIMESTAMP, INTERVAL)"},
		"time minus time":                     {"-(TIMESTAMP, TIMESTAMP)", "INTERVAL(TIMESTAMP, TIMESTAMP)"},
		"an int times an interval":            {"*(INT, INTERVAL)", "INTERVAL(BIGINT, INTERVAL)"},
		"comparison unifies":                  {"=(INT, DOUBLE)", "BOOLEAN(DOUBLE, DOUBLE)"},
		"comparison of date and timestamp":    {"<(DATE, TIMESTAMP)", "BOOLEAN(TIMESTAMP, TIMESTAMP)"},
		"comparison of NULLs":                 {"=(NULL, NULL)", "BOOLEAN(STRING, STRING)"},
		"text does not compare with numbers":  {"=(STRING, INT)", "= does not apply to STRING, INT; write a = b with (T, T) → BOOLEAN"},
		"CASE unifies its values":             {"CASE(BOOLEAN, INT, BOOLEAN, NULL, DOUBLE)", "DOUBLE(BOOLEAN, DOUBLE, BOOLEAN, DOUBLE, DOUBLE)"},
		"CASE wants conditions":               {"CASE(BIGINT, INT, DOUBLE)", "CASE does not apply to BIGINT, INT, DOUBLE; write CASE WHEN condition THEN value … [ELSE value] END with (BOOLEAN, T, …, T) → T"},
		"COALESCE takes one or more":          {"COALESCE(NULL, INT, BIGINT)", "BIGINT(BIGINT, BIGINT, BIGINT)"},
		"GREATEST of nothing":                 {"GREATEST()", "GREATEST needs arguments; write GREATEST(a, b, …) with (T, T, …) → T"},
		"an optional argument":                {"SUBSTRING(STRING, INT)", "STRING(STRING, INT)"},
		"a wrong argument":                    {"UPPER(INT)", "UPPER does not take (INT); write UPPER(s) with (STRING) → STRING"},
		"no such function":                    {"FROBNICATE(INT)", "unknown function FROBNICATE"},
		"rounding a date to days stays a day": {"TRUNC_MONTH(DATE)", "DATE(DATE)"},
		"rounding a date to hours":            {"TRUNC_HOUR(DATE)", "TIMESTAMP(TIMESTAMP)"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := lookup(t, c.call); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.call, got, c.want)
			}
		})
	}
}

func lookup(t *testing.T, call string) string {
	t.Helper()
	name, list, _ := strings.Cut(strings.TrimSuffix(call, ")"), "(")
	var args []types.Kind
	for word := range strings.SplitSeq(list, ", ") {
		switch kind, ok := types.KindByName(word); {
		case ok:
			args = append(args, kind)
		case word == "NULL":
			args = append(args, types.Null)
		}
	}
	result, casts, err := expr.Lookup(name, args)
	if err != nil {
		if fault.KindOf(err) != fault.User {
			t.Errorf("the error is of kind %v", fault.KindOf(err))
		}
		return err.Error()
	}
	names := make([]string, len(casts))
	for i, k := range casts {
		names[i] = k.String()
	}
	return result.String() + "(" + strings.Join(names, ", ") + ")"
}

func TestFunctionsAreNamesThatSQLCalls(t *testing.T) {
	names := expr.Functions()
	for _, name := range []string{"UPPER", "HOUR", "COALESCE"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is missing", name)
		}
	}
	for _, name := range []string{"+", "AND", "TRUNC_HOUR", "CAST", "IS NULL"} {
		if slices.Contains(names, name) {
			t.Errorf("%s is no name that SQL calls", name)
		}
	}
}

func TestNewCallRefusesLiteralsThatCannotBe(t *testing.T) {
	b := binder{columns: columns()}
	for text, want := range map[string]string{
		"DATE_FORMAT(t, s)":                  "the pattern of DATE_FORMAT must be a literal",
		"DATE_FORMAT(t, 'QQ')":               `the pattern "QQ" of DATE_FORMAT has "QQ", which is not known; use yyyy MM dd HH mm ss SSS, and put text in single quotes`,
		"REGEXP_EXTRACT(s, '[' || 'a-z')":    "the pattern of REGEXP_EXTRACT: error parsing regexp: missing closing ]: `[a-z`",
		"UPPER(REGEXP_EXTRACT(s, 'a', 3))":   `the pattern "a" has no group 3`,
		"s LIKE 'a!' ESCAPE '!'":             `in the pattern "a!" the escape character stands before another one than %, _ and itself`,
		"TO_TIMESTAMP_LTZ(a, i)":             "the precision of TO_TIMESTAMP_LTZ must be a literal",
		"DATE_TRUNC(s, t)":                   "the unit of DATE_TRUNC must be a literal",
		"REGEXP_EXTRACT(s, NULL)":            "the pattern of REGEXP_EXTRACT must be a literal",
		"TO_TIMESTAMP(s, 'yyyy' || '-MM')":   "-",
		"s LIKE s":                           "-",
		"REGEXP_EXTRACT(UPPER(s), '(a)', 1)": "-",
	} {
		_, err := b.parse(text)
		switch {
		case want == "-" && err != nil, want != "-" && fault.KindOf(err) != fault.User:
			t.Errorf("%s: %v of kind %v", text, err, fault.KindOf(err))
		case len(want) > 1 && err.Error() != want:
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}
