package sql

import (
	"math"
	"strconv"
	"strings"

	"github.com/millrace/millrace/runtime/fault"
)

// interval reads INTERVAL [sign] '…' unit [(precision)] [TO unit [(precision)]].
func (p *parser) interval() (Expr, error) {
	n := &IntervalLiteral{At: p.advance().pos}
	negative := p.acceptSymbol("-")
	if !negative {
		p.acceptSymbol("+")
	}
	value := p.tok()
	if value.kind != stringToken {
		err := p.expected("the length in quotes, such as '10'")
		if f, ok := err.(*fault.Error); ok && value.kind == numberToken { //nolint:errorlint // made by expected just above
			return nil, f.Do("write INTERVAL '%s'", value.text)
		}
		return nil, err
	}
	p.advance()
	if err := p.intervalUnits(n); err != nil {
		return nil, err
	}
	text, inner := strings.CutPrefix(strings.TrimSpace(value.text), "-")
	if !inner {
		text = strings.TrimPrefix(text, "+")
	}
	months, micros, ok := intervalLength(text, n.From, n.To)
	if !ok {
		return nil, p.intervalFault(n, value, text)
	}
	if negative != inner {
		text, months, micros = "-"+text, -months, -micros
	}
	n.Text, n.Months, n.Micros = text, months, micros
	return n, nil
}

// intervalFault returns the error for text that is no interval of its units.
func (p *parser) intervalFault(n *IntervalLiteral, value token, text string) error {
	if n.From == n.To && text != "" && strings.Trim(text, "0123456789") == "" {
		return p.lex.fault(value.pos, "the interval is too long, found %s", value).Do("stay below 292,000 years")
	}
	err := p.lex.fault(value.pos, "expected an interval such as %s, found %s", intervalExample(n.From, n.To), value)
	if n.From == n.To {
		return err
	}
	return err.Do("parts behind the first stay below what makes one of the part before")
}

func (p *parser) intervalUnits(n *IntervalLiteral) error {
	var err error
	if n.From, err = p.intervalUnit(Year); err != nil {
		return err
	}
	n.To = n.From
	if !p.at("TO") {
		return nil
	}
	to := p.advance()
	if n.To, err = p.intervalUnit(n.From); err != nil {
		return err
	}
	if !isIntervalRange(n.From, n.To) {
		return p.lex.fault(to.pos, "there is no interval %s TO %s", n.From, n.To).
			Do("write YEAR TO MONTH, or two of DAY, HOUR, MINUTE, SECOND, the longer first")
	}
	return nil
}

// intervalUnit reads a unit and the precision that may stand behind it, which changes nothing.
func (p *parser) intervalUnit(longest Unit) (Unit, error) {
	u, err := p.unit(longest, Second)
	if err == nil && p.tok().is("(") {
		_, err = p.typeParams()
	}
	return u, err
}

// unit reads a unit of time between two, in the singular or the plural.
func (p *parser) unit(first, last Unit) (Unit, error) {
	var words []string
	for u := first; u <= last; u++ {
		if w := p.tok().word; w != "" && (w == u.String() || w == u.String()+"S" && u <= Microsecond) {
			p.advance()
			return u, nil
		}
		words = append(words, u.String())
	}
	return 0, p.expected("a unit of time ("+strings.Join(words, ", ")+")", words...)
}

func isIntervalRange(from, to Unit) bool {
	if from == Year || to == Month {
		return from == Year && to == Month
	}
	return from >= Day && to > from && to <= Second
}

// intervalExample returns an interval of these units, for messages.
func intervalExample(from, to Unit) string {
	parts := map[Unit]string{Year: "1", Quarter: "1", Month: "6", Week: "2", Day: "1", Hour: "2", Minute: "30", Second: "15"}
	var text strings.Builder
	text.WriteString(parts[from])
	for u := from + 1; u <= to; u++ {
		if u == Month || u >= Hour {
			text.WriteString(separator(previous(u)) + parts[u])
		}
	}
	return "'" + text.String() + "'"
}

// intervalLength reads the digits of an interval: '1-6' for YEAR TO MONTH, '1 2:30:15.5' for DAY TO SECOND, and what is
// between. Parts behind the first stay below what makes one of the part before.
func intervalLength(text string, from, to Unit) (months, micros int64, ok bool) {
	total := int64(0)
	for u := from; u <= to; u++ {
		if u == Quarter && from == Year {
			continue
		}
		part := text
		if u < to {
			if part, text, ok = strings.Cut(text, separator(u)); !ok {
				return 0, 0, false
			}
		}
		v, ok := intervalPart(part, u)
		if !ok || u != from && v >= unitLength(previous(u)) || v > math.MaxInt64-total {
			return 0, 0, false
		}
		total += v
	}
	if from <= Month {
		return total, 0, true
	}
	return 0, total, true
}

// separator returns what stands behind a part of an interval.
func separator(u Unit) string {
	switch u {
	case Year:
		return "-"
	case Day:
		return " "
	default:
		return ":"
	}
}

// previous returns the unit that stands before a part of an interval.
func previous(u Unit) Unit {
	if u == Month {
		return Year
	}
	return u - 1
}

// intervalPart reads one part as months or microseconds. Only seconds have a fraction, of six digits at most.
func intervalPart(text string, u Unit) (int64, bool) {
	whole, fraction, pointed := strings.Cut(text, ".")
	if pointed && (u != Second || fraction == "" || len(fraction) > len("999999")) {
		return 0, false
	}
	v, err := strconv.ParseUint(whole, 10, 63)
	if err != nil {
		return 0, false
	}
	var micros uint64
	if pointed {
		if micros, err = strconv.ParseUint((fraction + "000000")[:len("999999")], 10, 63); err != nil {
			return 0, false
		}
	}
	length := uint64(unitLength(u)) //nolint:gosec // the table below holds small positive numbers
	if v > (math.MaxInt64-micros)/length {
		return 0, false
	}
	return int64(v*length + micros), true //nolint:gosec // checked just above
}

// unitLength returns months for units of a month and more, microseconds for shorter ones.
func unitLength(u Unit) int64 {
	const second = 1_000_000
	switch u {
	case Year:
		return 12
	case Quarter:
		return 3
	case Month:
		return 1
	case Week:
		return 7 * secondsPerDay * second
	case Day:
		return secondsPerDay * second
	case Hour:
		return 60 * 60 * second
	case Minute:
		return 60 * second
	default:
		return second
	}
}
