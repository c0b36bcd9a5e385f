package kernel

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"unicode/utf8"
)

// Pattern finds a group of a regular expression, with the syntax and the meaning of the standard library's. Most patterns
// that are used on URLs and log lines are a chain of texts, classes and runs of a class, none of which is ever too long
// when it takes all it can: those are matched over bytes, from the places where a text that must occur does, at a fraction
// of the library's time and without allocating. All others, and rows on which trying one place after the other takes
// long, are the library's. One goroutine uses a pattern at a time.
type Pattern struct {
	re    *regexp.Regexp
	group int
	chain *chain // nil: the library alone
}

// CompilePattern compiles an expression for one of its groups, 0 for the whole match. The group must exist: see Groups.
func CompilePattern(expression string, group int) (*Pattern, error) {
	re, err := regexp.Compile(expression)
	if err != nil {
		return nil, err
	}
	return &Pattern{re: re, group: group, chain: newChain(expression, group)}, nil
}

// Groups is the number of groups that the expression has, besides the whole match.
func (p *Pattern) Groups() int { return p.re.NumSubexp() }

// Find returns the place of the group in the leftmost match, and false when nothing matches or the group took no part.
func (p *Pattern) Find(s []byte) (from, to int, found bool) {
	if p.chain != nil {
		switch p.chain.find(s) {
		case matched:
			return p.chain.from, p.chain.to, true
		case unmatched:
			return 0, 0, false
		case undecided:
		}
	}
	places := p.re.FindSubmatchIndex(s)
	if places == nil || places[2*p.group] < 0 {
		return 0, 0, false
	}
	return places[2*p.group], places[2*p.group+1], true
}

type outcome uint8

const (
	unmatched outcome = iota
	matched
	undecided
)

// chain is an expression as links, one after the other.
type chain struct {
	links []link
	// text occurs in every match, least to most bytes behind its start. Empty: a match begins at the string's beginning.
	text        []byte
	least, most int

	from, to int // of the group, in the last match
	work     int // that is left for this string
}

type link struct {
	kind linkKind
	text []byte     // linkText
	set  *[256]bool // linkOne, linkRun
	min  int        // linkRun: 0 or 1
	// choices are those of linkChoice, in order of preference: each a chain of texts, classes and anchors.
	choices [][]link
}

type linkKind uint8

const (
	linkText   linkKind = iota
	linkOne             // one ASCII character of a class
	linkRun             // as many characters of a class as there are
	linkBegin           // of the string
	linkEnd             // of the string
	linkChoice          // one of several
	linkOpen            // the group begins
	linkClose           // the group ends
)

// mostChoices bounds in how many ways a chain may be tried at one place.
const mostChoices = 64

// newChain returns nil when the expression is no chain.
func newChain(expression string, group int) *chain {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	c := &chain{}
	b := chainBuilder{group: group, ways: 1}
	if group == 0 {
		b.add(link{kind: linkOpen})
	}
	if !b.build(parsed) {
		return nil
	}
	if group == 0 {
		b.add(link{kind: linkClose})
	}
	c.links = b.links
	for i, l := range c.links {
		if l.kind == linkRun && !c.settled(i) {
			return nil
		}
	}
	if b.ways > mostChoices || !c.anchor() {
		return nil
	}
	return c
}

// anchor finds where a match can begin.
func (c *chain) anchor() bool {
	for _, l := range c.links {
		switch l.kind {
		case linkOpen, linkClose:
		case linkBegin:
			if c.most == 0 {
				return true
			}
		case linkText:
			c.text = l.text
			return true
		case linkOne:
			c.least, c.most = c.least+1, c.most+1
		case linkChoice:
			shortest, longest := width(l.choices[0]), 0
			for _, choice := range l.choices {
				shortest, longest = min(shortest, width(choice)), max(longest, width(choice))
			}
			c.least, c.most = c.least+shortest, c.most+longest
		case linkRun, linkEnd:
			return false
		}
	}
	return false
}

func width(links []link) int {
	n := 0
	for _, l := range links {
		switch l.kind {
		case linkText:
			n += len(l.text)
		case linkOne:
			n++
		default:
		}
	}
	return n
}

// settled says that the run at i is right to take all that it can: what follows begins with nothing that the run takes.
func (c *chain) settled(i int) bool {
	set := c.links[i].set
	for _, l := range c.links[i+1:] {
		switch l.kind {
		case linkOpen, linkClose:
			continue
		case linkEnd:
			return true
		case linkRun:
			if !apart(set, l) {
				return false
			}
			if l.min > 0 {
				return true
			}
		case linkText, linkOne:
			return apart(set, l)
		case linkChoice:
			for _, choice := range l.choices {
				if len(choice) == 0 || !apart(set, choice[0]) {
					return false
				}
			}
			return true
		case linkBegin:
			return false
		}
	}
	return true
}

// apart says that the link begins with a byte, and with none of the set.
func apart(set *[256]bool, l link) bool {
	switch l.kind {
	case linkText:
		return !set[l.text[0]]
	case linkOne, linkRun:
		for c, in := range l.set {
			if in && set[c] {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// find looks for the leftmost match. Each place at which one can begin is tried once.
func (c *chain) find(s []byte) outcome {
	const free, each = 1 << 10, 8
	c.work = free + each*len(s)
	if len(c.text) == 0 {
		return c.match(c.links, s, 0)
	}
	for next, from := 0, 0; ; {
		i := bytes.Index(s[from:], c.text)
		if i < 0 {
			return unmatched
		}
		from += i
		for next = max(next, from-c.most); next <= from-c.least; next++ {
			if o := c.match(c.links, s, next); o != unmatched {
				return o
			}
		}
		from++
	}
}

// match matches links from a place on.
func (c *chain) match(links []link, s []byte, at int) outcome {
	for i := range links {
		l := &links[i]
		switch l.kind {
		case linkOpen:
			c.from = at
		case linkClose:
			c.to = at
		case linkRun:
			end := at
			for end < len(s) && l.set[s[end]] {
				end++
			}
			if c.work -= end - at; c.work < 0 {
				return undecided
			}
			if end-at < l.min {
				return unmatched
			}
			at = end
		case linkChoice:
			for _, choice := range l.choices {
				end := single(choice, s, at)
				if end < 0 {
					continue
				}
				if o := c.match(links[i+1:], s, end); o != unmatched {
					return o
				}
			}
			return unmatched
		default:
			if at = l.step(s, at); at < 0 {
				return unmatched
			}
		}
	}
	return matched
}

// single matches links that leave no choice, and returns where they end, or -1.
func single(links []link, s []byte, at int) int {
	for i := range links {
		if at = links[i].step(s, at); at < 0 {
			return -1
		}
	}
	return at
}

func (l *link) step(s []byte, at int) int {
	switch l.kind {
	case linkText:
		if bytes.HasPrefix(s[at:], l.text) {
			return at + len(l.text)
		}
	case linkOne:
		if at < len(s) && l.set[s[at]] {
			return at + 1
		}
	case linkBegin:
		if at == 0 {
			return at
		}
	case linkEnd:
		if at == len(s) {
			return at
		}
	default:
	}
	return -1
}

// chainBuilder makes links of a parsed expression.
type chainBuilder struct {
	links []link
	group int
	ways  int
}

func (b *chainBuilder) add(l link) { b.links = append(b.links, l) }

// build adds an expression's links, and says false when it is no chain.
func (b *chainBuilder) build(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !b.build(sub) {
				return false
			}
		}
		return true
	case syntax.OpCapture:
		mine := re.Cap == b.group
		if mine {
			b.add(link{kind: linkOpen})
		}
		ok := b.build(re.Sub[0])
		if mine {
			b.add(link{kind: linkClose})
		}
		return ok
	case syntax.OpStar, syntax.OpPlus:
		set := classOf(re.Sub[0])
		if set == nil || re.Flags&syntax.NonGreedy != 0 {
			return false
		}
		least := 0
		if re.Op == syntax.OpPlus {
			least = 1
		}
		b.add(link{kind: linkRun, set: set, min: least})
		return true
	case syntax.OpAlternate:
		return b.choice(re.Sub)
	case syntax.OpQuest:
		nothing := &syntax.Regexp{Op: syntax.OpEmptyMatch}
		if re.Flags&syntax.NonGreedy != 0 {
			return b.choice([]*syntax.Regexp{nothing, re.Sub[0]})
		}
		return b.choice([]*syntax.Regexp{re.Sub[0], nothing})
	default:
		links, ok := plain(nil, re)
		b.links = append(b.links, links...)
		return ok
	}
}

func (b *chainBuilder) choice(subs []*syntax.Regexp) bool {
	l := link{kind: linkChoice}
	for _, sub := range subs {
		links, ok := plain(nil, sub)
		if !ok {
			return false
		}
		l.choices = append(l.choices, links)
	}
	b.ways = min(b.ways*len(subs), mostChoices+1)
	b.add(l)
	return true
}

// plain appends the links of an expression that leaves no choice and has a fixed width, and says false where it is none.
func plain(links []link, re *syntax.Regexp) ([]link, bool) {
	switch re.Op {
	case syntax.OpEmptyMatch:
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r == utf8.RuneError || re.Flags&syntax.FoldCase != 0 { // the one is also what a damaged byte is taken for
				return nil, false
			}
		}
		links = append(links, link{kind: linkText, text: []byte(string(re.Rune))})
	case syntax.OpCharClass:
		set := classOf(re)
		if set == nil || set[utf8.RuneSelf] { // one character of several bytes
			return nil, false
		}
		links = append(links, link{kind: linkOne, set: set})
	case syntax.OpBeginText:
		links = append(links, link{kind: linkBegin})
	case syntax.OpEndText:
		links = append(links, link{kind: linkEnd})
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			var ok bool
			if links, ok = plain(links, sub); !ok {
				return nil, false
			}
		}
	default:
		return nil, false
	}
	return links, true
}

// classOf returns the bytes of an expression that is one character, or nil where bytes don't tell: a class must hold all
// characters beyond ASCII or none of them. Damaged bytes are taken for U+FFFD, which is beyond it.
func classOf(re *syntax.Regexp) *[256]bool {
	set := &[256]bool{}
	fill := func(low, high rune) {
		for r := low; r <= high; r++ {
			set[r] = true
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		if len(re.Rune) != 1 || re.Rune[0] >= utf8.RuneSelf || re.Flags&syntax.FoldCase != 0 {
			return nil
		}
		set[re.Rune[0]] = true
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		fill(0, 255)
		set['\n'] = re.Op == syntax.OpAnyChar
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			low, high := re.Rune[i], re.Rune[i+1]
			switch {
			case high < utf8.RuneSelf:
				fill(low, high)
			case high == utf8.MaxRune && low <= utf8.RuneSelf:
				fill(low, 255)
			default:
				return nil
			}
		}
	default:
		return nil
	}
	return set
}
