// Package sieve says no to most texts of a chat after one pass over them: by a line through
// the weights of their characters, of the words of the lexicon that stand in them, and the
// best that these words could still make of it (classify.Best). It is trained to hold back
// nothing that the other readers would call a listing or doubt; see train.
package sieve

import (
	"resumewatch/extractors/fold"
	"resumewatch/extractors/lexicon"
	"resumewatch/extractors/quote"
)

// Longest is how many bytes a text may have to be held back: what is longer may hold an
// advert among other things.
const Longest = 2000

// Sieve holds texts back. It is immutable and safe for concurrent use.
type Sieve struct {
	line    *Line
	folder  *fold.Folder
	written *lexicon.Scanner // of texts as they were written
	folded  *lexicon.Scanner
}

// New makes a sieve with the embedded weights.
func New(words *lexicon.Lexicon, folder *fold.Folder) (*Sieve, error) {
	line, err := Default()
	if err != nil {
		return nil, err
	}
	return With(words, folder, line), nil
}

// With makes a sieve of a line.
func With(words *lexicon.Lexicon, folder *fold.Folder, line *Line) *Sieve {
	return &Sieve{line, folder, words.NewScanner(folder, line.Weights), words.NewScanner(nil, line.Weights)}
}

// Holds reports whether a text is held back. It allocates nothing where no sign of a riddle,
// a quote or of forms that are folded together stands in the text.
func (s *Sieve) Holds(text string) bool {
	_, _, held := s.Glance(text)
	return held
}

// Glance is what the sieve saw of a text, whether it looked at it at all, and whether it holds
// it back.
func (s *Sieve) Glance(text string) (g lexicon.Glance, looked, held bool) {
	if len(text) > Longest {
		return g, false, false
	}
	var f fold.Text
	var ok bool
	g, ok = s.written.Scan(text)
	if !ok {
		f = s.folder.Fold(text)
		g, _ = s.folded.Scan(f.Folded)
	}
	if !s.line.Holds(&g) {
		return g, true, false
	}
	if g.Signs == 0 && !g.Has(lexicon.MarkBack) {
		return g, true, true
	}
	if ok {
		f = s.folder.Fold(text)
	}
	return g, true, !s.apart(&g, &f)
}

// Weighed is a glance at a text and what is weighed in it; it is false for a text that is
// never held back.
func (s *Sieve) Weighed(text string) (lexicon.Glance, []lexicon.Weighed, bool) {
	f := s.folder.Fold(text)
	g, _ := s.folded.Scan(f.Folded)
	g.Signs &^= lexicon.SignOwn // no word has a weight yet
	w, ok := s.folded.Weighed(f.Folded)
	return g, w, ok && len(text) <= Longest && !s.apart(&g, &f)
}

// apart reports whether a text is none for the sieve: it may be a riddle, it quotes somebody,
// it shows rows of numbers, or it has words that came after the training.
func (s *Sieve) apart(g *lexicon.Glance, f *fold.Text) bool {
	return g.Signs&lexicon.SignOwn != 0 || g.Has(lexicon.MarkBack) ||
		g.Signs&lexicon.SignRiddle != 0 && s.riddle(g, f) ||
		g.Signs&lexicon.SignQuote != 0 && len(quote.Find(f.Folded)) > 0 ||
		g.Signs&lexicon.SignRows != 0 && Rows(f.Folded)
}

// riddle reports whether a text has to be read another way, and says more then.
func (s *Sieve) riddle(g *lexicon.Glance, f *fold.Text) bool {
	if f.Turned() {
		return true
	}
	others := s.folder.Riddles(f)
	for i := range others {
		if r, ok := s.folded.Scan(others[i].Folded); !ok || g.Brings(r.Gist) {
			return true
		}
	}
	return false
}

// Rows reports whether a text may hold rows of personal records: two lines or more with
// seven digits or stars in a row.
func Rows(s string) bool {
	lines, run, found := 0, 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9' || c == '*':
			if run++; run >= 7 && !found {
				found = true
				lines++
			}
		case c == '\n':
			run, found = 0, false
		default:
			run = 0
		}
	}
	return lines >= 2
}
