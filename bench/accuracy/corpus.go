package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"resumewatch/internal/market"
)

// The styles of documents. A listing is clear or obfuscated; other documents are hard
// negatives, which look like listings, or ordinary.
const (
	styleClear      = "clear"
	styleObfuscated = "obfuscated"
	styleHard       = "hard_negative"
	styleOrdinary   = "ordinary"
)

// document is one labelled text.
type document struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Voice string `json:"voice"`

	Difficulty string `json:"difficulty"` // a style, or
	Style      string `json:"style"`      // how it is written and
	Kind       string `json:"kind"`       // what it is

	market.Listing
}

// style is what a document is counted as; "" where nobody has said.
func (d *document) style() string {
	switch {
	case d.Difficulty != "":
		return d.Difficulty
	case d.Listing.Listing:
		return d.Style
	}
	return d.Kind
}

// set is one corpus.
type set struct {
	name   string // of the file, without its ending
	blind  bool   // never tuned or trained on
	digest string
	docs   []document
}

// blindSets and seenSets are the files of the folder of corpora, by pattern.
var (
	blindSets = []string{"heldout.jsonl", "blind-*.jsonl"}
	seenSets  = []string{"messages.jsonl", "tuning.jsonl", "voices-*.jsonl"}
)

// rewritten is the development corpus with other numbers, and without its terms.
const rewritten = "voices-b"

// corpora loads all sets of a folder: those never tuned on, then the others.
func corpora(folder string) ([]set, error) {
	var out []set
	for _, blind := range []bool{true, false} {
		patterns := seenSets
		if blind {
			patterns = blindSets
		}
		for _, pattern := range patterns {
			names, err := filepath.Glob(filepath.Join(folder, pattern))
			if err != nil {
				return nil, err
			}
			slices.Sort(names)
			for _, name := range names {
				s, err := load(name)
				if err != nil {
					return nil, err
				}
				s.blind = blind
				out = append(out, s)
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no corpora in %s", folder)
	}
	return out, nil
}

// load reads one file of documents.
func load(name string) (set, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return set{}, err
	}
	sum := sha256.Sum256(b)
	s := set{name: strings.TrimSuffix(filepath.Base(name), ".jsonl"), digest: fmt.Sprintf("%x", sum[:6])}
	lines := bufio.NewScanner(strings.NewReader(string(b)))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var d document
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			return set{}, fmt.Errorf("%s: line %d: %w", name, n, err)
		}
		s.docs = append(s.docs, d)
	}
	if err := lines.Err(); err != nil {
		return set{}, fmt.Errorf("%s: %w", name, err)
	}
	if len(s.docs) == 0 {
		return set{}, fmt.Errorf("%s is empty", name)
	}
	return s, nil
}

// of is where the documents of a style stand; all of them where style is "".
func of(docs []document, style string) []int {
	var out []int
	for i := range docs {
		if style == "" || docs[i].style() == style {
			out = append(out, i)
		}
	}
	return out
}
