package sql

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

func (*NullLiteral) write(p *printer) { p.text("NULL") }

func (n *BoolLiteral) write(p *printer) {
	if n.Value {
		p.text("TRUE")
	} else {
		p.text("FALSE")
	}
}

func (n *IntegerLiteral) write(p *printer) { p.text(strconv.FormatInt(n.Value, 10)) }

func (n *DecimalLiteral) write(p *printer) { p.text(n.Text) }

func (n *DoubleLiteral) write(p *printer) { p.text(strconv.FormatFloat(n.Value, 'E', -1, 64)) }

func (n *StringLiteral) write(p *printer) { p.quoted(n.Value, "'") }

func (n *BytesLiteral) write(p *printer) { p.text("X'" + hex.EncodeToString(n.Value) + "'") }

func (n *TimestampLiteral) write(p *printer) {
	p.text("TIMESTAMP '" + time.UnixMicro(n.Micros).UTC().Format(timestampLayout) + "'")
}

func (n *DateLiteral) write(p *printer) {
	p.text("DATE '" + time.Unix(int64(n.Days)*secondsPerDay, 0).UTC().Format(time.DateOnly) + "'")
}

func (n *IntervalLiteral) write(p *printer) {
	p.text("INTERVAL ")
	text, negative := strings.CutPrefix(n.Text, "-")
	if negative {
		p.text("-")
	}
	p.quoted(text, "'")
	p.text(" " + n.From.String())
	if n.To != n.From {
		p.text(" TO " + n.To.String())
	}
}
