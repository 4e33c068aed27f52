package fold

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

// Embedded tables; see gen and NOTICE.
var (
	//go:embed table.txt
	tableText string
	//go:embed lookalikes.txt
	lookalikeText string
	//go:embed components.txt
	componentText string
	//go:embed pinyin.txt
	pinyinText string
)

// plane is the number of code points that are looked up by index.
const plane = 0x10000

// Marks in tables.basic beside a replacement rune.
const (
	asIs    = 0 // the rune stays
	dropped = 1 // the rune goes
	several = 2 // see tables.long
)

// tables is what the text files say, in the form that the loop needs.
type tables struct {
	basic [plane]uint16 // asIs, dropped, several, or the rune that replaces it
	long  map[rune]string
	pairs map[[2]rune]rune
	heads [plane / 64]uint64 // second components as bits, to ask the pairs only for these
	off   Off                // what was left out
}

var loaded = sync.OnceValue(func() *tables { return load(0) })

// load reads the embedded files, but for what is left out. Own look-alikes win over
// generated foldings.
func load(off Off) *tables {
	t := &tables{off: off, long: map[rune]string{}, pairs: map[[2]rune]rune{}}
	for r := range rune(plane) {
		if off&OffInvisible == 0 && invisible(r) {
			t.basic[r] = dropped
		}
	}
	for i, text := range []string{tableText, lookalikeText} {
		for line := range strings.Lines(text) {
			from, to, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			if !ok || strings.HasPrefix(line, "# ") {
				continue
			}
			for _, f := range from {
				if off == 0 || off&way(f, to, i == 1) == 0 {
					t.set(f, to)
				}
			}
		}
	}
	if off&OffComponents != 0 {
		return t
	}
	for line := range strings.Lines(componentText) {
		r := []rune(strings.TrimSpace(line))
		if len(r) == 3 {
			t.pairs[[2]rune{r[0], r[1]}] = r[2]
			t.heads[r[1]/64] |= 1 << (r[1] % 64)
		}
	}
	return t
}

func (t *tables) set(from rune, to string) {
	r, n := utf8.DecodeRuneInString(to)
	switch {
	case n == len(to) && r > several && r < plane && from < plane:
		t.basic[from] = uint16(r)
	case from < plane:
		t.basic[from] = several
		t.long[from] = to
	default:
		t.long[from] = to
	}
}

// head reports whether r may be a second component.
func (t *tables) head(r rune) bool { return r < plane && t.heads[r/64]&(1<<(r%64)) != 0 }

// invisible reports characters that show nothing: format and bidi controls,
// variation selectors, fillers, combining marks, keycap rings, C0 and C1
// controls but tab and line ends.
func invisible(r rune) bool {
	switch {
	case r < 0x20:
		return r != '\n' && r != '\t' && r != '\r'
	case r < 0x7F:
		return false
	case r < 0xA0:
		return r != 0x85
	case r == 0xAD, r == 0x61C, r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0, r == 0xFEFF:
		return true
	case r >= 0x300 && r <= 0x36F, r >= 0x483 && r <= 0x489, r >= 0x591 && r <= 0x5BD, r >= 0x64B && r <= 0x65F:
		return true
	case r >= 0x1AB0 && r <= 0x1AFF, r >= 0x1DC0 && r <= 0x1DFF, r >= 0x20D0 && r <= 0x20FF, r >= 0xFE20 && r <= 0xFE2F:
		return true
	case r >= 0x180B && r <= 0x180F, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F:
		return true
	case r >= 0xFE00 && r <= 0xFE0F, r >= 0xFFF9 && r <= 0xFFFB, r >= 0x3099 && r <= 0x309A, r >= 0x17B4 && r <= 0x17B5:
		return true
	case r >= 0x1F3FB && r <= 0x1F3FF, r >= 0xE0000 && r <= 0xE0FFF:
		return true
	}
	return false
}

// Rune folds one rune: "" when it is dropped, itself when it stays.
func Rune(r rune) string {
	s, changed := loaded().rune(r)
	if !changed {
		return string(r)
	}
	return s
}

func (t *tables) rune(r rune) (string, bool) {
	if r < plane {
		switch v := t.basic[r]; v {
		case asIs:
			return "", false
		case dropped:
			return "", true
		case several:
			return t.long[r], true
		default:
			return string(rune(v)), true
		}
	}
	if s, ok := t.long[r]; ok {
		return s, true
	}
	switch {
	case t.off&OffForms != 0:
	case r >= 0x1F150 && r <= 0x1F169: // negative circled letters
		return string('a' + r - 0x1F150), true
	case r >= 0x1F170 && r <= 0x1F189: // negative squared letters
		return string('a' + r - 0x1F170), true
	case r >= 0x1F1E6 && r <= 0x1F1FF: // regional indicators
		return string('a' + r - 0x1F1E6), true
	}
	return "", t.off&OffInvisible == 0 && invisible(r)
}
