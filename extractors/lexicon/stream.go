package lexicon

import (
	"unicode"
	"unicode/utf8"

	"resumewatch/extractors/fold"
)

// gap says what stands before a symbol of a stream.
type gap uint8

const (
	joined gap = iota // nothing
	soft              // ornaments, blanks, brackets
	hard              // a mark that ends a clause
	broken            // a line end, or too many separators: no word goes on here
)

// widest is how many separators in a row a word may have inside.
const widest = 4

// symbol is one character of a text without its separators.
type symbol struct {
	r          rune
	start, end int32 // bytes of the folded text
	gap        gap
}

// signs are symbols that patterns may contain though they are no letters.
func sign(r rune) bool {
	switch r {
	case '←', '🐧', '✈':
		return true
	}
	return false
}

func word(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z'
	}
	if r >= 0x4E00 && r <= 0x9FFF {
		return !stroke(r)
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || sign(r)
}

// stroke reports characters that are single strokes of others: nobody writes
// them but to hold a word apart (简丿历).
func stroke(r rune) bool {
	switch r {
	case '丨', '丿', '丶', '亅', '乀', '乁', '乚', '乛':
		return true
	}
	return false
}

func ends(r rune) bool {
	switch r {
	case '，', '。', '；', '！', '？', '、', '!', '?', ';', ',', ':', '…', '→', '⇒', '►', '▸':
		return true
	}
	return false
}

// symbols takes the separators out of a folded text, keeping what they were.
// Where marks that end clauses stand between most characters, they are
// ornaments. They are appended to out.
func symbols(out []symbol, s string) []symbol {
	marks := 0
	g, wide := broken, 0
	for i, r := range s {
		if word(r) {
			if wide > widest {
				g = broken
			}
			out = append(out, symbol{r: r, start: int32(i), end: int32(i + utf8.RuneLen(r)), gap: g})
			if g == hard {
				marks++
			}
			g, wide = joined, 0
			continue
		}
		wide++
		switch {
		case r == '\n' || r == '\r':
			g = broken
		case ends(r):
			g = max(g, hard)
		default:
			g = max(g, soft)
		}
	}
	if marks*3 > len(out) && len(out) > 6 {
		for i := range out {
			if out[i].gap == hard {
				out[i].gap = soft
			}
		}
	}
	return out
}

func latin(r rune) bool   { return r >= 'a' && r <= 'z' }
func digit(r rune) bool   { return r >= '0' && r <= '9' }
func numeral(r rune) bool { return digit(r) || hanNumeral(r) }

func hanNumeral(r rune) bool {
	switch r {
	case '零', '〇', '一', '二', '两', '三', '四', '五', '六', '七', '八', '九', '十', '百', '千', '万', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖', '拾', '佰', '仟', '幺', '洞', '拐':
		return true
	}
	return false
}

// syllable is the sound of the symbols [from, to).
type syllable struct {
	sound    rune // fold.Sound, 0 for what has none
	from, to int
}

// spoken turns symbols into syllables: a character by its sound, a Latin word
// by the syllables that it is made of. They are appended to out.
func spoken(out []syllable, in []symbol) []syllable {
	for i := 0; i < len(in); {
		if !latin(in[i].r) {
			out = append(out, syllable{rune(fold.SoundOf(in[i].r)), i, i + 1})
			i++
			continue
		}
		j := i + 1
		for j < len(in) && latin(in[j].r) && in[j].gap == joined {
			j++
		}
		cut := syllables(in[i:j])
		// j ian li: together with the words behind, else it is passed over alone
		for k := j; cut == nil && k < len(in) && latin(in[k].r) && in[k].gap == soft && k-i < 6; {
			for k++; k < len(in) && latin(in[k].r) && in[k].gap == joined; k++ {
			}
			if cut = syllables(in[i:k]); cut != nil {
				j = k
			}
		}
		if cut == nil {
			out = append(out, syllable{0, i, j})
		}
		for _, c := range cut {
			out = append(out, syllable{c.sound, i + c.from, i + c.to})
		}
		if i = j; cut != nil && tone(in, j) {
			i++ // jian3li4
		}
	}
	return out
}

// tone reports whether symbol i is the number of a tone right behind a syllable.
func tone(in []symbol, i int) bool {
	return i < len(in) && in[i].gap == joined && in[i].r >= '1' && in[i].r <= '5' && (i+1 == len(in) || in[i+1].gap != joined || !digit(in[i+1].r))
}

// longest Latin word that is read as pinyin.
const longestWord = 24

// syllables cuts a Latin word into pinyin syllables, nil when that can't be
// done; the longest first syllables win.
func syllables(in []symbol) []syllable {
	var take [longestWord + 1]int
	if !cuts(in, &take) {
		return nil
	}
	var out []syllable
	for i := 0; i < len(in); i += take[i] {
		out = append(out, syllable{named(in[i : i+take[i]]), i, i + take[i]})
	}
	return out
}

// cuts finds how a Latin word is cut into syllables: take[i] letters from i on,
// 0 where the rest can't be cut.
func cuts(in []symbol, take *[longestWord + 1]int) bool {
	n := len(in)
	if n > longestWord || n < 2 {
		return false
	}
	take[n] = -1
	for i := n - 1; i >= 0; i-- {
		for k := min(6, n-i); k >= 1; k-- {
			if take[i+k] != 0 && (k > 1 || in[i].r == 'a' || in[i].r == 'e') && named(in[i:i+k]) != 0 {
				take[i] = k
				break
			}
		}
	}
	return take[0] != 0
}

// named is the sound of a syllable of up to six Latin letters, 0 for none.
func named(in []symbol) rune {
	var buf [6]byte
	for i := range in {
		buf[i] = byte(in[i].r)
	}
	return rune(fold.SoundNamed(string(buf[:len(in)])))
}

// skeleton maps letters and the digits and signs that are written for them to
// one and the same letter: zh1li@n, b0ss. 0 is what can't stand in such a word.
func skeleton(r rune) rune {
	switch r {
	case 'i', 'l', '1', '!', '|':
		return 'i'
	case 'o', '0':
		return 'o'
	case 'a', '@', '4':
		return 'a'
	case 'e', '3':
		return 'e'
	case 's', '$', '5':
		return 's'
	case 'z', '2', '7':
		return 'z'
	case 'b', '8':
		return 'b'
	}
	if latin(r) {
		return r
	}
	return 0
}
