package numeral

import "unicode/utf8"

// unlattice drops a filler that stands between nearly all characters of a text without
// the strict order that unmesh asks for: 收/智/联/一/手/1.8/100/起, 求啊智啊联啊. Between two
// groups of digits a space stays where it stood.
func (v *View) unlattice() {
	c := v.filler()
	if c == 0 {
		return
	}
	w, run := 0, 0 // run: digits in a row
	for i, r := range v.R {
		if r == c {
			if run > 0 && digit(at(v.R, i+1)) && (run > 1 || digit(at(v.R, i+2))) {
				v.R[w], v.from[w], v.to[w] = ' ', v.from[i], v.to[i]
				w++
			}
			run = 0
			continue
		}
		if run++; !digit(r) {
			run = 0
		}
		v.R[w], v.from[w], v.to[w] = r, v.from[i], v.to[i]
		w++
	}
	v.R, v.from, v.to = v.R[:w], v.from[:w], v.to[:w]
}

// fewest is how many single characters a filler must stand between.
const fewest = 8

// longestLattice is how many runes a text of that kind has at most; longer ones are tables.
const longestLattice = 400

// filler is the character that is laid between those of the text; 0 when there is none.
// It is one that stands on both sides of most single Chinese characters.
func (v *View) filler() rune {
	if len(v.R) > longestLattice {
		return 0
	}
	var best rune
	most := 0
	for i := 0; i+2 < len(v.R) && i < 40; i++ {
		c := v.R[i]
		if c == best || c == '\n' || c == '\r' || c == ' ' || c == '.' || c == '-' || digit(c) || c < utf8.RuneSelf && Word(c) || v.R[i+2] != c || v.R[i+1] == c || !Han(v.R[i+1]) {
			continue
		}
		lone, joined := 0, 0 // Chinese characters alone between two of c, and beside another
		for k := 0; k < len(v.R); k++ {
			if !Han(v.R[k]) || v.R[k] == c {
				continue
			}
			before, after := at(v.R, k-1), at(v.R, k+1)
			if (before == c || before == 0 || before == '\n') && (after == c || after == 0 || after == '\n') {
				lone++
			} else if Han(before) && before != c || Han(after) && after != c {
				joined++
			}
		}
		if lone >= fewest && lone > 2*joined && lone > most {
			best, most = c, lone
		}
	}
	return best
}

// unstutter makes one of each character where a line writes all of them twice:
// 代代下下智智联联.
func (v *View) unstutter() {
	w := 0
	for i := 0; i < len(v.R); {
		j := i
		for j < len(v.R) && v.R[j] != '\n' {
			j++
		}
		twice := v.stutters(i, j)
		if !twice && w == i { // nothing was dropped before
			w, i = min(j+1, len(v.R)), j+1
			continue
		}
		for k := i; k < j; k++ {
			v.R[w], v.from[w], v.to[w] = v.R[k], v.from[k], v.to[k]
			if twice && k+1 < j && v.R[k+1] == v.R[k] {
				v.to[w] = v.to[k+1]
				k++
			}
			w++
		}
		if j < len(v.R) {
			v.R[w], v.from[w], v.to[w] = v.R[j], v.from[j], v.to[j]
			w++
		}
		i = j + 1
	}
	v.R, v.from, v.to = v.R[:w], v.from[:w], v.to[:w]
}

// stutters reports whether nearly all characters of r[i:j] stand in pairs.
func (v *View) stutters(i, j int) bool {
	pairs, alone := 0, 0
	for k := i; k < j; k++ {
		switch {
		case !Word(v.R[k]):
		case k+1 < j && v.R[k+1] == v.R[k]:
			pairs++
			k++
		default:
			if alone++; alone > 12 {
				return false
			}
		}
	}
	return pairs >= fewest && pairs > 4*alone
}
