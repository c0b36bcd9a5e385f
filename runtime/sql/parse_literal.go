package sql

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"
)

// number reads a number whose sign, if any, has been read.
func (p *parser) number(at Pos, negative bool) (Expr, error) {
	t := p.advance()
	text := t.text
	if negative {
		text = "-" + text
	}
	if strings.ContainsAny(text, "eE") {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(v, 0) {
			return nil, p.lex.fault(at, "the number %s is out of the range of DOUBLE", text)
		}
		return &DoubleLiteral{At: at, Value: v}, nil
	}
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		return &IntegerLiteral{At: at, Value: v}, nil
	}
	digits := strings.TrimLeft(t.text, "0")
	if digits == "" || digits[0] == '.' {
		digits = "0" + digits
	}
	if negative {
		digits = "-" + digits
	}
	return &DecimalLiteral{At: at, Text: digits}, nil
}

func (p *parser) bytesLiteral() (Expr, error) {
	t := p.advance()
	v, err := hex.DecodeString(t.text)
	if err != nil {
		return nil, p.lex.fault(t.pos, "expected pairs of hexadecimal digits in X'…', found %s", t)
	}
	return &BytesLiteral{At: t.pos, Value: v}, nil
}

// timeLiteral reads DATE '…' or TIMESTAMP '…'.
func (p *parser) timeLiteral() (Expr, error) {
	kind, value := p.advance(), p.advance()
	switch kind.word {
	case "DATE":
		v, err := time.Parse(time.DateOnly, value.text)
		if err != nil {
			return nil, p.lex.fault(value.pos, "expected a date such as '2013-01-31', found %s", value)
		}
		return &DateLiteral{At: kind.pos, Days: int32(v.Unix() / secondsPerDay)}, nil //nolint:gosec // years 0 to 9999
	case "TIMESTAMP":
		v, ok := parseTimestamp(value.text)
		if !ok {
			return nil, p.lex.fault(value.pos, "expected a timestamp such as '2013-01-31 05:17:00.123456', found %s", value)
		}
		return &TimestampLiteral{At: kind.pos, Micros: v.UnixMicro()}, nil
	default:
		return nil, p.unsupported(kind.pos, "the type TIME is")
	}
}

// parseTimestamp reads a date and a time with a blank or T between them, and up to six digits of a fraction.
func parseTimestamp(text string) (time.Time, bool) {
	text = strings.Replace(text, "T", " ", 1)
	if _, fraction, ok := strings.Cut(text, "."); ok && len(fraction) > len("999999") || strings.Contains(text, ",") {
		return time.Time{}, false
	}
	v, err := time.Parse(time.DateTime, text) // It accepts a fraction behind the seconds.
	return v, err == nil
}
