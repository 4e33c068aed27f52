package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"resumewatch/extractors"
	"resumewatch/extractors/fold"
	"resumewatch/extractors/lexicon"
	"resumewatch/extractors/sieve"
)

// text is one text with what is known of it.
type text struct {
	text    string
	full    bool   // a listing or in doubt by a thorough reading
	keep    bool   // so, or a listing by its label
	made    string // how it was made of others; "" for those of the files
	fold    int    // by its voice
	glance  lexicon.Glance
	weighed []lexicon.Weighed

	score, peak float64 // by weights that don't know its voice
}

// learnt are the files that are learnt from; heldout.jsonl never is.
var learnt = []string{"messages.jsonl", "tuning.jsonl", "voices-*.jsonl"}

// load reads all texts and makes others of them.
func load(from string) ([]*text, error) {
	s, err := newSorter()
	if err != nil {
		return nil, err
	}
	var out []*text
	for _, pattern := range learnt {
		names, err := filepath.Glob(filepath.Join(from, pattern))
		if err != nil || len(names) == 0 {
			return nil, fmt.Errorf("no %s in %s", pattern, from)
		}
		slices.Sort(names)
		for _, name := range names {
			if out, err = s.read(out, name); err != nil {
				return nil, err
			}
		}
	}
	b, err := os.ReadFile(filepath.Join(from, "ordinary.txt"))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		out = s.add(out, &text{text: line, fold: part(line)}, false)
	}
	return s.changed(out), nil
}

// part is the fold of a voice.
func part(voice string) int {
	h := fnv.New32a()
	h.Write([]byte(voice))
	return int(h.Sum32() % folds)
}

// read adds the texts of a file of labelled ones.
func (s *sorter) read(out []*text, name string) ([]*text, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var t struct {
			Text, Voice string
			Listing     bool
		}
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, n, err)
		}
		if t.Voice == "" {
			t.Voice = fmt.Sprint(filepath.Base(name), n/8)
		}
		out = s.add(out, &text{text: t.Text, fold: part(t.Voice)}, t.Listing)
	}
	return out, lines.Err()
}

// sorter tells what must be kept.
type sorter struct {
	x *extractors.Extractor
	s *sieve.Sieve
}

func newSorter() (*sorter, error) {
	x, err := extractors.New()
	if err != nil {
		return nil, err
	}
	words, err := lexicon.Load()
	if err != nil {
		return nil, err
	}
	return &sorter{x, sieve.With(words, new(fold.Folder), &sieve.Line{Weights: new(lexicon.Weights)})}, nil
}

// add adds a text that the sieve may hold back. What of the files is no listing by its label
// is to be held back though a thorough reading doubts it.
func (s *sorter) add(out []*text, t *text, listing bool) []*text {
	var ok bool
	if t.glance, t.weighed, ok = s.s.Weighed(t.text); !ok {
		return out
	}
	r := s.x.Extract(t.text, extractors.Options{Thorough: true})
	t.full = (listing || t.made != "") && (r.Listing.Listing || r.Doubt)
	t.keep = listing || t.full
	return append(out, t)
}

// dice are random numbers that are the same each time.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 7))} }

// changed adds texts made of others: a part cut off, separators or other characters of the
// same sound put in, two texts in one.
func (s *sorter) changed(texts []*text) []*text {
	d := newDice(3)
	out := texts
	for _, t := range texts {
		if t.keep {
			for _, c := range changes {
				o := texts[d.IntN(len(texts))]
				out = s.add(out, &text{text: c.make(d, t.text, o.text), made: c.name, fold: t.fold}, false)
			}
		}
	}
	return out
}

var changes = []struct {
	name string
	make func(d dice, a, b string) string
}{
	{"cut", func(d dice, a, _ string) string {
		r := []rune(a)
		from := d.IntN(len(r)/2 + 1)
		return string(r[from : from+(len(r)-from+1)/2])
	}},
	{"separated", func(d dice, a, _ string) string {
		seps := []rune("*./_ ~|·-\u200b")
		sep := seps[d.IntN(len(seps))]
		var out []rune
		for _, r := range a {
			out = append(out, r)
			if d.IntN(3) == 0 {
				out = append(out, sep)
			}
		}
		return string(out)
	}},
	{"joined", func(_ dice, a, b string) string { return b + "\n" + a }},
	{"mixed", func(d dice, a, b string) string {
		x, y := []rune(a), []rune(b)
		return string(x[:d.IntN(len(x)+1)]) + string(y[d.IntN(len(y)+1):])
	}},
}
