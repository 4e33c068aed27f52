package lexicon

import (
	"fmt"
	"slices"
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
