// Package lexicon holds the words of the trade as data and finds them in folded
// text: what is sold, where it comes from, who sells and who buys, how good it
// is, and what speaks against a sale.
//
// The words stand in data/*.yaml. Every entry carries texts in which it must be
// found and texts in which it must not; a test holds all of them.
package lexicon

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed data/*.yaml
var files embed.FS

// Entry is one word of the trade with all its forms.
type Entry struct {
	ID    string `yaml:"id"`    // "goods.resume"; the part before the point is its kind
	Value string `yaml:"value"` // word of market that it stands for, "" for frames and cues
	// Strength is how much a hit says by itself: 3 plain, 1 only together with others.
	Strength int `yaml:"strength"`
	// Weight is what a frame adds to the score of classify.
	Weight float64 `yaml:"weight"`
	// Forms are spellings after folding. Separators inside the text's spelling
	// are passed over.
	Forms []string `yaml:"forms"`
	// Weak forms count only where the text is a listing by other signs.
	Weak []string `yaml:"weak"`
	// Sounds are toneless pinyin, syllables by blanks: any characters, or Latin
	// syllables, that sound so.
	Sounds []string `yaml:"sounds"`
	// NotSound are words of ordinary language with the same sound.
	NotSound []string `yaml:"not_sound"`
	// Initials are abbreviations that stand alone as a Latin word.
	Initials []string `yaml:"initials"`
	// Mixed are words of which some characters may be written as their initial
	// or their pinyin: 智l, 前c, 简li.
	Mixed []string `yaml:"mixed"`
	// Nick are single characters or short words that a platform is known by and that
	// nicknames are made of by rule: 智家, 老智, 姓智.
	Nick []string `yaml:"nick"`
	// Backward are words that give away, read from their end, that a text is written so.
	Backward []string `yaml:"backward"`
	// Masked are words of two characters of which one may be hidden: 简*, 某联.
	Masked []string `yaml:"masked"`
	// Except are longer words that contain a form and mean something else.
	Except []string `yaml:"except"`
	// Covers: hits of other entries inside a hit of this one don't count.
	Covers bool `yaml:"covers"`
	// Head: a form counts only where a clause begins, or before goods and platforms.
	Head bool `yaml:"head"`
	// First: a form counts only where a clause begins.
	First bool `yaml:"first"`
	// Before: a form counts only right before goods, platforms or grades.
	Before bool `yaml:"before"`
	// Yes and No are texts in which the entry must, and must not, be found.
	Yes []string `yaml:"yes"`
	No  []string `yaml:"no"`
	// Note says in Chinese what the entry means, where that isn't plain.
	Note string `yaml:"note"`

	file string // see Where
	line int
}

// Where is the file and line of a user that the entry is of, or that adds to it; "" for one
// that is ours alone.
func (e *Entry) Where() (file string, line int) { return e.file, e.line }

// Kind is the part of the id before the point: platform, goods, side, grade,
// trade, context (what the talk is about), frame, sign (a class of words for the learnt
// part) or hint (a far-fetched name of a platform, for what is a listing anyway).
func (e *Entry) Kind() string {
	return e.ID[:max(0, strings.IndexByte(e.ID, '.'))]
}

// Kinds are the kinds of entries, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }

var kinds = map[string]bool{"platform": true, "goods": true, "side": true, "grade": true, "trade": true, "context": true, "frame": true, "sign": true, "hint": true}

// parse reads all files of data in fsys, in the order of their names.
func parse(fsys fs.FS) ([]*Entry, error) {
	names, err := fs.Glob(fsys, "data/*.yaml")
	if err != nil {
		return nil, err
	}
	var all []*Entry
	seen := map[string]bool{}
	for _, name := range names {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		dec := yaml.NewDecoder(bytes.NewReader(b))
		dec.KnownFields(true)
		var entries []*Entry
		if err := dec.Decode(&entries); err != nil {
			return nil, fmt.Errorf("lexicon: %s: %w", path.Base(name), err)
		}
		for i, e := range entries {
			err := e.check()
			if seen[e.ID] {
				err = errors.New("stands twice")
			}
			if err != nil {
				return nil, fmt.Errorf("lexicon: %s: entry %d: %s: %w", path.Base(name), i+1, e.ID, err)
			}
			seen[e.ID] = true
			if e.Strength == 0 {
				e.Strength = 2
			}
			all = append(all, e)
		}
	}
	return all, nil
}

// check looks at what an entry must have to be one.
func (e *Entry) check() error {
	switch {
	case e.ID == "":
		return errors.New("has no id")
	case !kinds[e.Kind()]:
		return fmt.Errorf("has the unknown kind %q", e.Kind())
	case len(e.Forms)+len(e.Weak) == 0:
		return errors.New("has no forms")
	case len(e.Yes) == 0:
		return errors.New("has no text that it must match (yes)")
	case len(e.No) == 0:
		return errors.New("has no text that it must not match (no)")
	}
	return nil
}
