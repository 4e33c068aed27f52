package numeral

import "slices"

// meshed is how many short tokens in a row, the same marks between all of them, make
// these marks a mesh that is laid over the text rather than punctuation.
const meshed = 8

// longestMark is how many runes the marks of a mesh have at most.
const longestMark = 4

// unmesh drops the marks of a text into which the same ones were put between nearly all
// characters: ？智？连？简？历？, 【】智【】联【】. Doubled marks are the space between two words.
func (v *View) unmesh() {
	mark := v.mesh()
	if len(mark) == 0 {
		return
	}
	w := 0
	put := func(i int, r rune) {
		v.R[w], v.from[w], v.to[w] = r, v.from[i], v.to[i]
		w++
	}
	for i := 0; i < len(v.R); {
		n := repeats(v.R, i, mark)
		if n == 0 {
			put(i, v.R[i])
			i++
			continue
		}
		if n > 1 {
			put(i, ' ')
		}
		i += n * len(mark)
	}
	v.R, v.from, v.to = v.R[:w], v.from[:w], v.to[:w]
}

// repeats counts how often the mark stands at i in a row.
func repeats(r []rune, i int, mark []rune) (n int) {
	for i+len(mark) <= len(r) && slices.Equal(r[i:i+len(mark)], mark) {
		n++
		i += len(mark)
	}
	return n
}

// mesh finds the marks that stand between meshed short tokens in a row; nil when there
// are none. Single spaces, stars and line ends never are: others deal with them.
func (v *View) mesh() []rune {
	r := v.R
	var mark []rune
	row, runes, words := 0, 0, 0 // tokens in the row, their runes, those that are no digits
	for i := 0; i < len(r); {
		j := i
		for j < len(r) && Word(r[j]) {
			j++
		}
		k := j
		for k < len(r) && !Word(r[k]) && r[k] != '\n' {
			k++
		}
		if j == i { // marks at the head of a line
			i = max(k, i+1)
			continue
		}
		same := len(mark) > 0 && k > j && (k-j)%len(mark) == 0 && repeats(r, j, mark) == (k-j)/len(mark)
		switch {
		case j-i > 3:
			row, mark = 0, nil
		case same:
			row, runes = row+1, runes+j-i
		case row+1 >= meshed && k == j: // the last token
			row, runes = row+1, runes+j-i
		default:
			row, runes, words, mark = 1, j-i, 0, nil
			if n := k - j; n > 0 && n <= longestMark && !(n == 1 && (r[j] == ' ' || r[j] == '*' || r[j] == '-' || r[j] == '/' || r[j] == '|' || r[j] == '\t')) {
				mark = r[j:k]
			}
		}
		if !digit(r[i]) && row > 0 {
			words++
		}
		if row >= meshed && runes*2 <= row*3 && words*3 >= row*2 && len(mark) > 0 {
			return slices.Clone(mark)
		}
		i = max(k, i+1)
	}
	return nil
}
