package lexicon

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"resumewatch/extractors/fold"
)

var idForm = regexp.MustCompile(`^[a-z]+\.[a-z0-9_]{1,40}$`)

// shape looks at entries of a user one by one and beside ours: names, values, lengths.
func shape(ours []*Entry, own []Entry) Mistakes {
	var wrong Mistakes
	known, values := map[string]*Entry{}, map[string][]string{}
	for _, e := range ours {
		known[e.ID] = e
		if e.Value != "" && !slices.Contains(values[e.Kind()], e.Value) {
			values[e.Kind()] = append(values[e.Kind()], e.Value)
		}
	}
	first := map[string]*Entry{}
	forms := 0
	for i := range own {
		e := &own[i]
		fail := func(format string, args ...any) {
			wrong = append(wrong, e.mistake(format, args...))
		}
		switch before := first[e.ID]; {
		case e.ID == "":
			fail("has no id")
			continue
		case !idForm.MatchString(e.ID):
			fail("an id is a kind, a point and a name: goods.my_word")
			continue
		case !kinds[e.Kind()]:
			fail("there is no kind %q; there are %s", e.Kind(), strings.Join(Kinds(), ", "))
			continue
		case e.Kind() == "sign":
			fail("signs are for the learnt part of the program, which doesn't know yours")
			continue
		case before != nil:
			fail("stands already in %s:%d", before.file, before.line)
			continue
		}
		first[e.ID] = e
		if known[e.ID] != nil {
			e.extends(known[e.ID], fail)
		} else {
			e.stands(values[e.Kind()], fail)
		}
		e.lists(fail)
		forms += e.size()
	}
	if len(own) > MaxEntries {
		wrong = append(wrong, own[MaxEntries].mistake("is the entry number %d; %d are the most in all files", MaxEntries+1, MaxEntries))
	}
	if forms > maxForms && len(own) > 0 {
		wrong = append(wrong, own[0].mistake("the files have %d spellings, those made by rule (mixed, nick) included; %d are the most", forms, maxForms))
	}
	return wrong
}

func (e *Entry) mistake(format string, args ...any) *Mistake {
	return &Mistake{File: e.file, Line: e.line, Entry: e.ID, Message: fmt.Sprintf(format, args...)}
}

// extends looks at an entry that adds to one of ours.
func (e *Entry) extends(ours *Entry, fail func(string, ...any)) {
	switch {
	case e.Value != "" && e.Value != ours.Value:
		fail("stands for %q, not for %q", ours.Value, e.Value)
	case e.Strength != 0 || e.Covers || e.Head || e.First || e.Before:
		fail("is one of the program's own: strength, covers, head, first and before can't be changed; give it another id")
	case e.Weight != 0 && ours.Kind() != "frame":
		fail("weight is for frames")
	case e.Weight < -10 || e.Weight > 0:
		fail("weight must be between -10 and 0, is %g", e.Weight)
	}
}

// stands looks at an entry of its own.
func (e *Entry) stands(values []string, fail func(string, ...any)) {
	slices.Sort(values)
	switch k := e.Kind(); {
	case len(values) > 0 && !slices.Contains(values, e.Value):
		fail("value must be one of %s, is %q", strings.Join(values, ", "), e.Value)
	case len(values) == 0 && e.Value != "":
		fail("a %s stands for no value; leave it out", k)
	case k == "frame" && !(e.Weight >= -10 && e.Weight < 0):
		fail("a frame needs a weight from -10 to below 0, such as -2.5")
	case k != "frame" && e.Weight != 0:
		fail("weight is for frames")
	case e.Strength < 0 || e.Strength > 3:
		fail("strength must be 1, 2 or 3, is %d", e.Strength)
	case len(e.Forms)+len(e.Weak) == 0:
		fail("has no forms")
	}
}

// size is how many spellings an entry has, those that are made by rule too.
func (e *Entry) size() int {
	n := len(e.Forms) + len(e.Weak) + len(e.Sounds) + len(e.NotSound) + len(e.Initials) + len(e.Backward) + len(e.Masked) + len(e.Except)
	for _, w := range e.Mixed {
		n += 1 << min(utf8.RuneCountInString(w), 6)
	}
	for _, w := range e.Nick {
		n += len(nicknames(w))
	}
	return n
}

// lists looks at what stands in the lists of an entry.
func (e *Entry) lists(fail func(string, ...any)) {
	if len(e.Yes) == 0 {
		fail("has no text that it must match (yes)")
	}
	if len(e.No) == 0 {
		fail("has no text that it must not match (no): write one that people really say and that comes near")
	}
	for _, t := range append(slices.Clip(e.Yes), e.No...) {
		if n := utf8.RuneCountInString(t); n == 0 || n > longestText {
			fail("a text of yes and no has 1 to %d characters, one has %d", longestText, n)
		}
	}
	each := func(name string, list []string, wrong func(string) string) {
		for _, f := range list {
			if n := utf8.RuneCountInString(f); n == 0 || n > longestForm {
				fail("%s: a spelling has 1 to %d characters, one has %d", name, longestForm, n)
			} else if why := wrong(f); why != "" {
				fail("%s: %q %s", name, f, why)
			}
		}
	}
	each("forms", e.Forms, lettered)
	each("weak", e.Weak, lettered)
	each("except", e.Except, lettered)
	each("not_sound", e.NotSound, lettered)
	each("initials", e.Initials, func(f string) string {
		if len(f) < 2 || strings.Trim(f, "abcdefghijklmnopqrstuvwxyz") != "" {
			return "must be two or more of the letters a to z"
		}
		return ""
	})
	each("sounds", e.Sounds, func(f string) string {
		if s := heard(f); len(s) < 2 || len(s) > 8 {
			return "must be 2 to 8 toneless syllables of pinyin with blanks between: jian li"
		}
		return ""
	})
	each("mixed", e.Mixed, han(2, 6))
	each("backward", e.Backward, lettered)
	each("masked", e.Masked, han(2, 2))
	each("nick", e.Nick, han(1, 3))
}

// lettered says what is wrong with a form that folding leaves nothing of.
func lettered(f string) string {
	t := fold.Fold(f)
	letters := 0
	for _, r := range t.Folded {
		switch {
		case r >= limit:
			return "holds a character that no form can have"
		case word(r):
			letters++
			if r >= utf8.RuneSelf {
				letters++
			}
		}
	}
	if letters < 2 {
		return "must hold a Chinese character or two letters"
	}
	return ""
}

// han wants so many Chinese characters.
func han(least, most int) func(string) string {
	return func(f string) string {
		n := utf8.RuneCountInString(f)
		if n < least || n > most || strings.ContainsFunc(f, func(r rune) bool { return !unicode.Is(unicode.Han, r) }) {
			if least == most {
				return fmt.Sprintf("must be %d Chinese characters", least)
			}
			return fmt.Sprintf("must be %d to %d Chinese characters", least, most)
		}
		return ""
	}
}
