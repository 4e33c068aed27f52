package classify

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// filtered is a regular expression that is run only on texts in which one of the words
// stands that every match of it holds: most texts have none, and to look for them is a
// hundred times faster.
type filtered struct {
	re    *regexp.Regexp
	words *wordSet // nil: every match may hold anything
}

// filter compiles an expression, which must be a right one.
func filter(expr string) *filtered {
	f := &filtered{re: regexp.MustCompile(expr)}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return f
	}
	if n := needs(tree.Simplify()); n.any() {
		f.words = set(n.words()...)
	}
	return f
}

func (f *filtered) may(s string) bool { return f.words == nil || f.words.in(s) }

// in reports whether the expression matches.
func (f *filtered) in(s string) bool { return f.may(s) && f.re.MatchString(s) }

// without is a text without the matches.
func (f *filtered) without(s string) string {
	if !f.may(s) {
		return s
	}
	return f.re.ReplaceAllString(s, "")
}

// need is what a match of an expression holds: it is one of exact, where these are few, or
// one of held stands in it.
type need struct{ exact, held []string }

// tooMany is how many words are told apart.
const tooMany = 600

func (n need) words() []string {
	if useful(n.exact) {
		return n.exact
	}
	return n.held
}

func (n need) any() bool { return useful(n.words()) }

// useful reports whether words say something: there are some, and none is empty.
func useful(words []string) bool {
	for _, w := range words {
		if r, _ := utf8.DecodeRuneInString(w); w == "" || r >= 0x10000 {
			return false
		}
	}
	return len(words) > 0
}

// needs finds what the matches of an expression hold.
func needs(e *syntax.Regexp) need {
	switch e.Op {
	case syntax.OpLiteral:
		if e.Flags&syntax.FoldCase == 0 {
			return need{exact: []string{string(e.Rune)}}
		}
	case syntax.OpCharClass:
		var n need
		for i := 0; i+1 < len(e.Rune); i += 2 {
			for r := e.Rune[i]; r <= e.Rune[i+1]; r++ {
				if n.exact = append(n.exact, string(r)); len(n.exact) > tooMany {
					return need{}
				}
			}
		}
		return n
	case syntax.OpEmptyMatch:
		return need{exact: []string{""}}
	case syntax.OpCapture:
		return needs(e.Sub[0])
	case syntax.OpQuest:
		if n := needs(e.Sub[0]); len(n.exact) > 0 {
			return need{exact: append([]string{""}, n.exact...)}
		}
	case syntax.OpPlus:
		return need{held: needs(e.Sub[0]).words()}
	case syntax.OpAlternate:
		return either(e.Sub)
	case syntax.OpConcat:
		return row(e.Sub)
	}
	return need{}
}

// either joins what several expressions need of which one matches.
func either(all []*syntax.Regexp) need {
	var n need
	exact := true
	for _, e := range all {
		one := needs(e)
		exact = exact && len(one.exact) > 0
		n.exact = append(n.exact, one.exact...)
		if !one.any() {
			n.held = []string{""}
		} else if n.held == nil || n.held[0] != "" {
			n.held = append(n.held, one.words()...)
		}
	}
	if !exact || len(n.exact) > tooMany {
		n.exact = nil
	}
	return n
}

// row finds what a match of several expressions in a row holds: all that its parts may be
// together, or the part that says most.
func row(all []*syntax.Regexp) need {
	whole, best := []string{""}, []string(nil)
	exact := true
	keep := func(words []string) {
		if useful(words) && (best == nil || shortest(words) > shortest(best) || shortest(words) == shortest(best) && len(words) < len(best)) {
			best = words
		}
	}
	for _, e := range all {
		one := needs(e)
		if len(one.exact) == 0 || len(whole)*len(one.exact) > tooMany {
			keep(whole)
			whole, exact = []string{""}, false
		}
		if len(one.exact) == 0 {
			keep(one.held)
			continue
		}
		var next []string
		for _, a := range whole {
			for _, b := range one.exact {
				next = append(next, a+b)
			}
		}
		whole = next
	}
	keep(whole)
	if exact {
		return need{exact: whole, held: best}
	}
	return need{held: best}
}

func shortest(words []string) int {
	n := len(words[0])
	for _, w := range words {
		n = min(n, len(strings.TrimSpace(w)))
	}
	return n
}
