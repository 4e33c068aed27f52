package lexicon

import (
	"fmt"
	"slices"
	"strings"

	"resumewatch/extractors/fold"
)

// extend adds entries of a user to ours. One whose id is known adds its forms to it.
func extend(ours []*Entry, own []Entry) ([]*Entry, error) {
	byID := map[string]*Entry{}
	for _, e := range ours {
		byID[e.ID] = e
	}
	for _, e := range own {
		if known := byID[e.ID]; known != nil {
			if err := known.add(&e); err != nil {
				return nil, err
			}
			continue
		}
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("lexicon: %s: %w", e.ID, err)
		}
		if e.Strength == 0 {
			e.Strength = 2
		}
		byID[e.ID] = &e
		ours = append(ours, &e)
	}
	return ours, nil
}

// add takes over what another entry of the same id says more.
func (e *Entry) add(o *Entry) error {
	if o.Value != "" && o.Value != e.Value {
		return fmt.Errorf("lexicon: %s stands for %q, not for %q", e.ID, e.Value, o.Value)
	}
	for _, l := range []struct {
		to   *[]string
		from []string
	}{
		{&e.Forms, o.Forms}, {&e.Weak, o.Weak}, {&e.Sounds, o.Sounds}, {&e.NotSound, o.NotSound}, {&e.Initials, o.Initials}, {&e.Mixed, o.Mixed},
		{&e.Nick, o.Nick}, {&e.Backward, o.Backward}, {&e.Masked, o.Masked}, {&e.Except, o.Except}, {&e.Yes, o.Yes}, {&e.No, o.No},
	} {
		*l.to = append(slices.Clip(*l.to), l.from...)
	}
	if o.Weight != 0 {
		e.Weight = o.Weight
	}
	e.file, e.line = o.file, o.line
	return nil
}

// forget drops the spellings that hold a word, and its sound.
func (e *Entry) forget(w string) {
	for _, l := range []*[]string{&e.Forms, &e.Weak, &e.Initials, &e.Mixed, &e.Nick, &e.Backward, &e.Masked, &e.Except, &e.NotSound} {
		*l = slices.DeleteFunc(*l, func(f string) bool { return strings.Contains(fold.Search(f), w) })
	}
	sound := fold.Pinyin(w)
	e.Sounds = slices.DeleteFunc(e.Sounds, func(f string) bool { return strings.Contains(f, sound) })
}
