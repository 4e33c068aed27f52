package query

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Caps of a query.
const (
	MaxLength = 4096 // runes
	MaxDepth  = 32   // parentheses and minuses inside each other
)

// Parse reads a query; a mistake is an *Error. now and zone are what dates and
// spans of posted: are reckoned by; a nil zone is UTC. White space alone is All.
//
// A word that has no letter and no digit (★) is passed over, unless it is all
// there is to an operand. The quotes “ ” 「 」, the parentheses （ ） and, behind the
// name of a field, the colon ： of Chinese keyboards work as the plain ones.
func Parse(s string, now time.Time, zone *time.Location) (Node, error) {
	if zone == nil {
		zone = time.UTC
	}
	runes := []rune(s)
	if len(runes) > MaxLength {
		return nil, &Error{MaxLength + 1, fmt.Sprintf("the query is longer than %d characters", MaxLength)}
	}
	p := &parser{in: runes, now: now, zone: zone}
	if p.space(); p.done() {
		return All{}, nil
	}
	n, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if !p.done() { // or stops at the end or before a parenthesis that closes nothing
		return nil, p.errorf(p.pos, "this ) closes nothing")
	}
	return p.operand(n)
}

// noise stands for a word without tokens until the parser knows whether its
// operand has anything else.
type noise struct {
	text string
	pos  int
}

func (noise) node() {}

type parser struct {
	in   []rune
	pos  int
	now  time.Time
	zone *time.Location
}

func (p *parser) errorf(pos int, format string, args ...any) *Error {
	return &Error{Column: pos + 1, Message: fmt.Sprintf(format, args...)}
}

func (p *parser) done() bool { return p.pos >= len(p.in) }

func (p *parser) space() {
	for !p.done() && unicode.IsSpace(p.in[p.pos]) {
		p.pos++
	}
}

// operand refuses what is noise alone.
func (p *parser) operand(n Node) (Node, error) {
	if w, ok := n.(noise); ok {
		return nil, p.errorf(w.pos, "%q has no letter or digit to look for", w.text)
	}
	return n, nil
}

// or reads what stands up to the end or up to a closing parenthesis.
func (p *parser) or(depth int) (Node, error) {
	var nodes []Node
	for {
		n, err := p.and(depth)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
		at := p.pos
		if !p.keyword("OR") {
			break
		}
		if p.space(); p.done() || isClose(p.in[p.pos]) {
			return nil, p.errorf(at, "nothing stands after OR")
		}
	}
	if len(nodes) == 1 {
		return nodes[0], nil
	}
	var flat []Node
	for _, n := range nodes {
		n, err := p.operand(n)
		if err != nil {
			return nil, err
		}
		if inner, ok := n.(Or); ok {
			flat = append(flat, inner.Nodes...)
		} else {
			flat = append(flat, n)
		}
	}
	return Or{flat}, nil
}

// and reads operands up to OR, the end or a closing parenthesis: at least one.
func (p *parser) and(depth int) (Node, error) {
	var nodes []Node
	var quiet *noise
	start := p.pos
	for {
		p.space()
		if p.done() || isClose(p.in[p.pos]) || p.peekKeyword("OR") {
			break
		}
		n, err := p.unary(depth)
		if err != nil {
			return nil, err
		}
		switch n := n.(type) {
		case noise:
			if quiet == nil {
				quiet = &n
			}
		case And:
			nodes = append(nodes, n.Nodes...)
		default:
			nodes = append(nodes, n)
		}
	}
	switch {
	case len(nodes) > 1:
		return And{nodes}, nil
	case len(nodes) == 1:
		return nodes[0], nil
	case quiet != nil:
		return *quiet, nil
	case p.peekKeyword("OR"):
		return nil, p.errorf(p.pos, "nothing stands before OR")
	case p.done():
		return nil, p.errorf(max(start-1, 0), "something must follow here")
	case depth == 0:
		return nil, p.errorf(p.pos, "this ) closes nothing")
	}
	return nil, p.errorf(p.pos, "nothing stands before this )")
}

func (p *parser) unary(depth int) (Node, error) {
	start := p.pos
	if depth >= MaxDepth {
		return nil, p.errorf(start, "more than %d parentheses or minuses inside each other", MaxDepth)
	}
	switch r := p.in[p.pos]; {
	case r == '-' && p.pos+1 < len(p.in) && !unicode.IsSpace(p.in[p.pos+1]) && !isClose(p.in[p.pos+1]):
		p.pos++
		n, err := p.unary(depth + 1)
		if err != nil {
			return nil, err
		}
		switch n := n.(type) {
		case noise: // "--" or "-★" in pasted text
			return noise{"-" + n.text, start}, nil
		case Not:
			return n.Node, nil
		}
		return Not{n}, nil
	case isOpen(r):
		p.pos++
		if p.space(); !p.done() && isClose(p.in[p.pos]) {
			return nil, p.errorf(start, "these parentheses are empty")
		}
		if p.done() {
			return nil, p.errorf(start, "this ( is not closed")
		}
		n, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		if p.done() {
			return nil, p.errorf(start, "this ( is not closed")
		}
		p.pos++
		return n, nil
	case isQuote(r):
		text, err := p.quoted()
		if err != nil {
			return nil, err
		}
		return phrase(text, start), nil
	}
	return p.word()
}

// word reads a bare word or field:value.
func (p *parser) word() (Node, error) {
	start := p.pos
	for !p.done() && !p.endsWord(p.in[p.pos]) {
		if r := p.in[p.pos]; r == ':' || r == '：' {
			name := strings.ToLower(string(p.in[start:p.pos]))
			known := slices.Contains(fieldNames, name)
			address := p.pos+2 < len(p.in) && p.in[p.pos+1] == '/' && p.in[p.pos+2] == '/'
			switch {
			case known:
				p.pos++
				return p.field(name, start)
			case r == ':' && isName(name) && !address:
				return nil, p.errorf(start, "there is no field %q; put the words in quotes to look for them as they are, or use one of %s",
					name, strings.Join(fieldNames, ", "))
			}
		}
		p.pos++
	}
	return phrase(string(p.in[start:p.pos]), start), nil
}

// field reads the value of a field; pos is behind the colon.
func (p *parser) field(name string, start int) (Node, error) {
	at := p.pos
	var value string
	if !p.done() && isQuote(p.in[p.pos]) {
		var err error
		if value, err = p.quoted(); err != nil {
			return nil, err
		}
	} else {
		for !p.done() && !p.endsWord(p.in[p.pos]) {
			p.pos++
		}
		value = string(p.in[at:p.pos])
	}
	if strings.TrimSpace(value) == "" {
		if !p.done() && isOpen(p.in[p.pos]) {
			return nil, p.errorf(at, "%s: takes one value; write (%s:a OR %s:b)", name, name, name)
		}
		return nil, p.errorf(start, "%s: has no value", name)
	}
	switch name {
	case FieldPrice, FieldStock:
		return p.number(name, value, start, at)
	case FieldPosted:
		return p.period(value, start, at)
	}
	normal, err := checkValue(name, value)
	if err != nil {
		return nil, p.errorf(at, "%s", err)
	}
	return Field{Name: name, Value: normal, Column: start + 1}, nil
}

// quoted reads a quoted text, pos on its opening quote, and gives what is inside.
func (p *parser) quoted() (string, error) {
	start := p.pos
	for p.pos++; !p.done(); p.pos++ {
		if closes(p.in[start], p.in[p.pos]) {
			text := string(p.in[start+1 : p.pos])
			p.pos++
			return text, nil
		}
	}
	return "", p.errorf(start, "this quote is not closed")
}

// phrase cuts the text of a word or of a quoted phrase into tokens.
func phrase(text string, start int) Node {
	tokens := Tokens(text)
	if len(tokens) == 0 {
		return noise{text, start}
	}
	ph := Phrase{Text: text, Column: start + 1}
	for _, t := range tokens {
		ph.Tokens = append(ph.Tokens, t.Text)
	}
	// The last character of the phrase need not be the last one of its run in the
	// text. The pair before it says already that it stands there; without
	// a pair it holds for every pair that it begins.
	last := len(ph.Tokens) - 1
	if isSingleHan(ph.Tokens[last]) {
		if last > 0 && isHanPair(ph.Tokens[last-1]) {
			ph.Tokens = ph.Tokens[:last]
		} else {
			ph.Prefix = true
		}
	}
	return ph
}

// keyword reads OR when it stands here as a word of its own.
func (p *parser) keyword(word string) bool {
	if !p.peekKeyword(word) {
		return false
	}
	p.pos += len(word)
	return true
}

func (p *parser) peekKeyword(word string) bool {
	end := p.pos + len(word)
	if end > len(p.in) || string(p.in[p.pos:end]) != word {
		return false
	}
	return end == len(p.in) || p.endsWord(p.in[end])
}

func (p *parser) endsWord(r rune) bool {
	return unicode.IsSpace(r) || isOpen(r) || isClose(r) || isQuote(r)
}

func isOpen(r rune) bool  { return r == '(' || r == '（' }
func isClose(r rune) bool { return r == ')' || r == '）' }
func isQuote(r rune) bool { return r == '"' || r == '“' || r == '「' || r == '”' }

// closes reports whether a quote ends a text that another began. Keyboards mix
// " and ” freely.
func closes(opening, r rune) bool {
	if opening == '「' {
		return r == '」'
	}
	return r == '"' || r == '”'
}

func isName(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return s != ""
}
