package lexicon

import (
	"strings"
	"testing"

	"resumewatch/extractors/fold"
)

// Every sound, every initial, every word to be masked, mixed, turned or made a nickname is
// found as its rule would write it, or the data promises more than it holds.
func TestWaysAreFound(t *testing.T) {
	l := load(t)
	for _, e := range l.Entries() {
		try := func(way, text string) {
			t.Helper()
			if !l.has(text, e.ID) && !l.covered(text) {
				t.Errorf("%s: %s: not found in %q", e.ID, way, text)
			}
		}
		for _, s := range e.Sounds {
			try("sound", strings.ReplaceAll(s, " ", ""))
			try("sound apart", s)
		}
		for _, s := range e.Initials {
			try("initials", "出"+s+"的，"+strings.ToUpper(s))
		}
		for _, s := range e.Mixed {
			for _, m := range mixed(s) {
				if len(m) > 2 {
					try("mixed", "要"+m+"的")
				}
			}
		}
		for _, s := range e.Nick {
			for _, n := range nicknames(s) {
				if !strings.Contains(strings.Join(e.Except, " "), n) {
					try("nickname", "出"+n)
				}
			}
		}
		for _, s := range e.Masked {
			r := []rune(s)
			try("masked", "一手猎聘智联简历 "+string(r[0])+"* 二手 企业号")
		}
	}
}

// covered reports whether a text holds a word of an entry that covers others.
func (l *Lexicon) covered(text string) bool {
	x := fold.Fold(text)
	for _, h := range l.Find(&x) {
		if h.Entry.Covers {
			return true
		}
	}
	return false
}
