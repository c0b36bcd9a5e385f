package expr

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/types"
)

// String returns the expression as SQL would write it, for EXPLAIN and messages. Positions in the text do not show, so
// that expressions that print alike over the same columns compute alike.
func (n Node) String() string {
	var b strings.Builder
	n.write(&b, false)
	return b.String()
}

// write prints the node; inner says that it is an operand, which needs parentheses around an operator.
func (n Node) write(b *strings.Builder, inner bool) {
	switch {
	case n.Column != nil:
		b.WriteString(n.Column.Name)
	case n.Literal != nil:
		n.writeLiteral(b)
	case n.Call != nil:
		n.writeCall(b, inner)
	}
}

func (n Node) writeCall(b *strings.Builder, inner bool) {
	c := n.Call
	switch {
	case c.Function == "CAST" || c.Function == "TRY_CAST":
		b.WriteString(c.Function + "(")
		c.Args[0].write(b, false)
		b.WriteString(" AS " + n.Kind.String() + ")")
	case c.Function == "CASE":
		writeCase(b, c.Args)
	case strings.HasPrefix(c.Function, "IS ") && len(c.Args) == 1:
		writeOperator(b, inner, func() {
			c.Args[0].write(b, true)
			b.WriteString(" " + c.Function)
		})
	case (c.Function == "NOT" || c.Function == "NEG") && len(c.Args) == 1:
		writeOperator(b, inner, func() {
			b.WriteString(prefix(c.Function))
			c.Args[0].write(b, true)
		})
	case infix(c.Function) && len(c.Args) > 1 && (c.Function != "LIKE" || len(c.Args) == 2):
		writeOperator(b, inner, func() { writeJoined(b, c.Args, " "+c.Function+" ", true) })
	case c.Function == "IN" && len(c.Args) > 1:
		writeOperator(b, inner, func() {
			c.Args[0].write(b, true)
			b.WriteString(" IN (")
			writeJoined(b, c.Args[1:], ", ", false)
			b.WriteString(")")
		})
	default:
		b.WriteString(c.Function + "(")
		writeJoined(b, c.Args, ", ", false)
		b.WriteString(")")
	}
}

func infix(function string) bool {
	switch function {
	case "+", "-", "*", "/", "%", "=", "<>", "<", "<=", ">", ">=", "AND", "OR", "||", "IS DISTINCT FROM", "LIKE":
		return true
	default:
		return false
	}
}

func writeOperator(b *strings.Builder, inner bool, write func()) {
	if inner {
		b.WriteString("(")
	}
	write()
	if inner {
		b.WriteString(")")
	}
}

func writeJoined(b *strings.Builder, args []Node, separator string, inner bool) {
	for i, a := range args {
		if i > 0 {
			b.WriteString(separator)
		}
		a.write(b, inner)
	}
}

func writeCase(b *strings.Builder, args []Node) {
	b.WriteString("CASE")
	for i := 0; i+1 < len(args); i += 2 {
		b.WriteString(" WHEN ")
		args[i].write(b, false)
		b.WriteString(" THEN ")
		args[i+1].write(b, false)
	}
	if len(args)%2 == 1 {
		b.WriteString(" ELSE ")
		args[len(args)-1].write(b, false)
	}
	b.WriteString(" END")
}

func (n Node) writeLiteral(b *strings.Builder) {
	l := n.Literal
	switch {
	case l.Bool != nil:
		b.WriteString(strings.ToUpper(strconv.FormatBool(*l.Bool)))
	case l.Int64 != nil:
		b.WriteString(wholeText(n.Kind, *l.Int64))
	case l.Float64 != nil:
		b.WriteString(doubleText(*l.Float64))
	case l.Text != nil:
		b.WriteString("'" + strings.ReplaceAll(*l.Text, "'", "''") + "'")
	case l.Bytes != nil:
		b.WriteString("X'" + hex.EncodeToString(l.Bytes) + "'")
	default:
		b.WriteString("NULL")
	}
}

// doubleText writes a number so that it reads as a DOUBLE.
func doubleText(v float64) string {
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if strings.ContainsAny(s, ".eIN") {
		return s
	}
	return s + ".0"
}

// wholeText writes what is held as an int64.
func wholeText(kind types.Kind, v int64) string {
	const secondsPerDay, microsPerSecond = 24 * 60 * 60, 1_000_000
	switch kind {
	case types.Timestamp:
		return "TIMESTAMP '" + time.UnixMicro(v).UTC().Format("2006-01-02 15:04:05.999999") + "'"
	case types.Date:
		return "DATE '" + time.Unix(v*secondsPerDay, 0).UTC().Format(time.DateOnly) + "'"
	case types.Interval:
		return "INTERVAL '" + strconv.FormatFloat(float64(v)/microsPerSecond, 'f', -1, 64) + "' SECOND"
	default:
		return strconv.FormatInt(v, 10)
	}
}

func prefix(function string) string {
	if function == "NEG" {
		return "-"
	}
	return function + " "
}
