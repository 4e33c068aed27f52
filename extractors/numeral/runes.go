package numeral

// Most characters of a text are Chinese and mean nothing to the grammar: a bit for each
// says so before a map or a list of cases is asked.

const (
	firstHan = 0x4E00 // CJK Unified Ideographs, all of which are letters
	lastHan  = 0x9FFF
)

// plainWords are the ASCII characters of which words are made.
var plainWords = func() (is [0x80]bool) {
	for r := range is {
		is[r] = '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	return is
}()

// common reports whether r is of the block of nearly all Chinese characters in use.
func common(r rune) bool { return uint32(r-firstHan) <= lastHan-firstHan }

// hanSet is a set of characters of that block.
type hanSet [(lastHan - firstHan + 64) / 64]uint64

// has reports whether the set holds r, which must be common.
func (s *hanSet) has(r rune) bool {
	i := uint32(r - firstHan)
	return s[i/64]>>(i%64)&1 != 0
}

func (s *hanSet) add(r rune) {
	if common(r) {
		i := uint32(r - firstHan)
		s[i/64] |= 1 << (i % 64)
	}
}

// figures holds what Digit knows, others what plain puts another character for.
var (
	figures = func() (s hanSet) {
		for r := rune(firstHan); r <= lastHan; r++ {
			if figure(r) >= 0 {
				s.add(r)
			}
		}
		return s
	}()
	others = func() (s hanSet) {
		for r := range alike {
			s.add(r)
		}
		return s
	}()
)
