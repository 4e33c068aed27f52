package lexicon

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"resumewatch/extractors/fold"
)

//go:embed data/ordinary.txt
var ordinaryText string

// Ordinary are lines of ordinary chat, in which nobody trades: what a word costs is how often
// it stands there.
var Ordinary = sync.OnceValue(func() []string {
	return strings.Split(strings.TrimSpace(ordinaryText), "\n")
})

// Often is how many of the Ordinary lines a word may stand in.
const Often = 2

// Prove tries the entries of a user beside ours: their shape, their texts, what they cost in
// ordinary talk, and whether ours still find what they must. The error is Mistakes.
func Prove(own []Entry) error {
	ours, err := parse(files)
	if err != nil {
		return err
	}
	if wrong := shape(ours, own); len(wrong) > 0 {
		return wrong
	}
	plain, err := newLexicon(ours, 0)
	if err != nil {
		return err
	}
	l, err := LoadWith(Settings{Entries: own})
	if err != nil {
		return err
	}
	var wrong Mistakes
	touched := map[string]*Entry{}
	for i := range own {
		e := &own[i]
		touched[e.ID] = e
		wrong = append(wrong, l.tried(e)...)
	}
	wrong = append(wrong, l.cost(plain, touched)...)
	wrong = append(wrong, l.ours(plain, own)...)
	slices.SortStableFunc(wrong, func(a, b *Mistake) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return wrong.or()
}

// tried are the texts of an entry that don't hold.
func (l *Lexicon) tried(e *Entry) (wrong Mistakes) {
	for _, text := range e.Yes {
		if ok, why := l.finds(e.ID, text); !ok {
			wrong = append(wrong, e.mistake("must match %q but doesn't, because %s", text, why))
		}
	}
	for _, text := range e.No {
		if ok, why := l.finds(e.ID, text); ok {
			wrong = append(wrong, e.mistake("must not match %q but does: %s", text, why))
		}
	}
	return wrong
}

// finds reports whether the entry is found in a text, and by what, or why not.
func (l *Lexicon) finds(id, text string) (bool, string) {
	t := fold.Fold(text)
	var lost *Finding
	for _, f := range l.Explain(&t) {
		if f.Entry.ID != id {
			continue
		}
		if f.Fate == Kept {
			return true, fmt.Sprintf("%q stands there%s", t.Folded[f.Start:f.End], f.Channel.manner())
		}
		if lost == nil || f.Fate > lost.Fate {
			lost = &f
		}
	}
	if lost == nil {
		return false, fmt.Sprintf("folded it reads %q, and none of its forms stands there", t.Folded)
	}
	return false, fmt.Sprintf("%q %s", t.Folded[lost.Start:lost.End], lost.why(t.Folded))
}

// manner says in words how a hit was written.
func (c Channel) manner() string {
	if c == Plain {
		return ""
	}
	return ", read by " + c.String()
}

// why says in words what became of a finding.
func (f *Finding) why(folded string) string {
	by := ""
	if f.By != nil {
		by = fmt.Sprintf("%q", folded[f.By.Start:f.By.End])
	}
	switch f.Fate {
	case Torn:
		return "has a mark inside that ends a clause"
	case Grown:
		return "is part of a longer word or number there"
	case Denied:
		return "is taken back by the exception " + by
	case Covered:
		return fmt.Sprintf("is inside %s of %s, which covers others", by, f.By.Entry.ID)
	case Objectless:
		return "counts only right before goods, a platform or a grade"
	case Amid:
		return "counts only where a clause begins, or right before what is sold"
	case Unsure:
		return "is only nearly heard or half hidden there, and nothing else is said for certain"
	}
	return "doesn't count"
}

// cost are words that would be found too often in ordinary talk.
func (l *Lexicon) cost(plain *Lexicon, touched map[string]*Entry) (wrong Mistakes) {
	type word struct{ id, text string }
	lines, examples := map[word]int{}, map[word]string{}
	var order []word
	for _, line := range Ordinary() {
		t := fold.Fold(line)
		before := plain.Find(&t)
		seen := map[word]bool{}
		for _, h := range l.Find(&t) {
			old := slices.ContainsFunc(before, func(o Hit) bool {
				return o.Entry.ID == h.Entry.ID && o.Start == h.Start && o.End == h.End
			})
			w := word{h.Entry.ID, t.Folded[h.Start:h.End]}
			if old || touched[w.id] == nil || seen[w] {
				continue
			}
			seen[w] = true
			if lines[w]++; lines[w] == 1 {
				order = append(order, w)
				examples[w] = line
			}
		}
	}
	for _, w := range order {
		if n := lines[w]; n > Often {
			wrong = append(wrong, touched[w.id].mistake("%q would be found in %d of %d ordinary lines (at most %d), such as %q: make it longer, or add exceptions", w.text, n, len(Ordinary()), Often, brief(examples[w])))
		}
	}
	return wrong
}

// ours are texts of our own entries that hold without the user's entries alone.
func (l *Lexicon) ours(plain *Lexicon, own []Entry) (wrong Mistakes) {
	blame := func(id string) *Entry {
		for i := range own {
			if own[i].ID == id {
				return &own[i]
			}
		}
		for i := range own {
			if own[i].Covers {
				return &own[i]
			}
		}
		return &own[0]
	}
	for _, e := range plain.entries {
		for _, text := range e.Yes {
			if was, _ := plain.finds(e.ID, text); !was {
				continue
			}
			if is, why := l.finds(e.ID, text); !is {
				wrong = append(wrong, blame(e.ID).mistake("%s is no longer found in %q, because %s", e.ID, text, why))
			}
		}
		for _, text := range e.No {
			if was, _ := plain.finds(e.ID, text); was {
				continue
			}
			if is, why := l.finds(e.ID, text); is {
				wrong = append(wrong, blame(e.ID).mistake("%s is now found in %q: %s", e.ID, text, why))
			}
		}
	}
	return wrong
}

// brief is the head of a text.
func brief(s string) string {
	if r := []rune(s); len(r) > 30 {
		return string(r[:30]) + "…"
	}
	return s
}
