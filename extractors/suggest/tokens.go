package suggest

import "unicode/utf8"

// Kind is what a mark of a message is.
type Kind byte

// Kinds of marks: known words, which no candidate crosses.
const (
	Other    Kind = 'o' // known, but no place of a name beside it
	Side     Kind = 's' // a verb of selling or seeking
	Goods    Kind = 'g'
	Platform Kind = 'p'
	Grade    Kind = 'h'
	Terms    Kind = 't' // least quantities, units, ways to be reached
)

// Mark is a known word in a message.
type Mark struct {
	Start, End int // bytes of the folded text
	Kind       Kind
}

// Message is one message.
type Message struct {
	Folded string
	Trades bool   // it reads like an offer, whatever is offered
	Marks  []Mark // known words, by start; only those of trading messages are looked at
	// Shown is what may be shown of a trading message, and At the byte of it that a byte
	// of Folded was made from.
	Shown string
	At    func(folded int) int
}

// token is one character, Latin word, number or known word of a message, or a mark that
// ends a clause.
type token struct {
	text  string // of characters and Latin words
	kind  Kind   // of known words; 'c' characters, 'l' Latin words, '0' numbers, ',' ends of clauses
	start int
	end   int
}

const (
	char   Kind = 'c'
	latin  Kind = 'l'
	number Kind = '0'
	ending Kind = ','
)

// name reports tokens that candidates are made of.
func (t *token) name() bool { return t.kind == char || t.kind == latin }

// tokens cuts a folded text. Separators inside of clauses are passed over.
func tokens(s string, marks []Mark) []token {
	out := make([]token, 0, len(s)/3)
	m := 0
	for i := 0; i < len(s); {
		for m < len(marks) && (marks[m].Start < i || marks[m].End <= marks[m].Start || marks[m].End > len(s)) {
			m++
		}
		if m < len(marks) && marks[m].Start == i && marks[m].End > i {
			out = append(out, token{kind: marks[m].Kind, start: i, end: marks[m].End})
			i = marks[m].End
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		next := len(s)
		if m < len(marks) {
			next = marks[m].Start
		}
		switch {
		case r >= '0' && r <= '9' || r == '.' && len(out) > 0 && out[len(out)-1].kind == number && out[len(out)-1].end == i:
			k := len(out) - 1
			if k >= 0 && out[k].kind == number && out[k].end == i {
				out[k].end = i + n
			} else {
				out = append(out, token{kind: number, start: i, end: i + n})
			}
			i += n
		case r >= 'a' && r <= 'z':
			j := i
			for j < next && s[j] >= 'a' && s[j] <= 'z' {
				j++
			}
			out = append(out, token{s[i:j], latin, i, j})
			i = j
		case r >= 0x4E00 && r <= 0x9FFF:
			kind := char
			if numeral(r) {
				kind = number
			}
			out = append(out, token{s[i : i+n], kind, i, i + n})
			i += n
		default:
			if (ends(r) || address(r) && len(out) > 0 && out[len(out)-1].kind == latin) && len(out) > 0 && out[len(out)-1].kind != ending {
				out = append(out, token{kind: ending, start: i, end: i + n})
			}
			i += n
		}
	}
	return out
}

func numeral(r rune) bool {
	switch r {
	case '零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖', '拾', '佰', '仟', '圆', '角', '一', '二', '两', '三', '四', '五', '六', '七', '八', '九', '十', '百', '千', '万', '元', '块', '毛', '几', '半':
		return true
	}
	return false
}

// address reports marks that join Latin words to addresses and names of accounts.
func address(r rune) bool {
	switch r {
	case '.', '@', '_', '-', '/':
		return true
	}
	return false
}

func ends(r rune) bool {
	switch r {
	case '\n', '，', '。', '；', '！', '？', '、', '!', '?', ';', ',', ':', '…', '(', ')', '（', '）', '【', '】', '[', ']', '"', '“', '”', '|':
		return true
	}
	return false
}
