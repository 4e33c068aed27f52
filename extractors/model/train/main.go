// Command train fits the weights of package model from the labelled texts of
// extractors/testdata and writes them. The same texts give the same bytes. Before that it
// shows, for folds by voice, how well texts of voices not trained on are read.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"resumewatch/extractors"
	"resumewatch/extractors/model"
	"resumewatch/internal/market"
)

func main() {
	from := flag.String("from", "../testdata", "folder of the labelled texts")
	to := flag.String("to", "weights.bin", "file of weights to write")
	folds := flag.Int("folds", 5, "folds by voice to show before, 0 for none")
	flag.Parse()
	if err := run(*from, *to, *folds, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

// trained are the files that are learnt from; heldout.jsonl never is.
var trained = []string{"messages.jsonl", "tuning.jsonl", "voices-*.jsonl"}

// text is one labelled text.
type text struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Voice string `json:"voice"`
	Style string `json:"style"`
	market.Listing

	input model.Input
	fold  int
}

// How strongly weights are pulled to 0, and how the lexicon's own odds are trusted at first.
const (
	ridge = 0.0002
	trust = 1
)

func run(from, to string, folds int, out io.Writer) error {
	texts, err := load(from, max(folds, 1))
	if err != nil {
		return err
	}
	x, err := extractors.New()
	if err != nil {
		return err
	}
	for i := range texts {
		texts[i].input = x.Input(texts[i].Text)
	}
	if folds > 1 {
		show(texts, folds, out)
	}
	return os.WriteFile(to, fit(texts).Encode(), 0o644)
}

// load reads all labelled texts; the fold of a text is that of its voice.
func load(from string, folds int) ([]text, error) {
	var out []text
	for _, pattern := range trained {
		names, err := filepath.Glob(filepath.Join(from, pattern))
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("no %s in %s", pattern, from)
		}
		slices.Sort(names)
		for _, name := range names {
			b, err := os.Open(name)
			if err != nil {
				return nil, err
			}
			lines := bufio.NewScanner(b)
			lines.Buffer(nil, 1<<20)
			for n := 1; lines.Scan(); n++ {
				var t text
				if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
					return nil, fmt.Errorf("%s: line %d: %w", name, n, err)
				}
				voice := t.Voice
				if voice == "" {
					voice = name + strconv.Itoa(n/8)
				}
				h := fnv.New32a()
				h.Write([]byte(voice))
				t.fold = int(h.Sum32() % uint32(folds))
				out = append(out, t)
			}
			if err := lines.Err(); err != nil {
				return nil, err
			}
			if err := b.Close(); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// fit trains a model on texts.
func fit(texts []text) *model.Line {
	var examples []model.Example
	for i := range texts {
		t := &texts[i]
		examples = append(examples, model.Example{Features: model.Features(t.input), Odds: t.input.Odds, Yes: t.Listing.Listing, Weight: 1})
	}
	l := model.Fit(examples, trust, ridge)
	return &l
}

// tally counts right and wrong answers.
type tally struct{ hit, wrong, missed, right, all int }

func (t *tally) add(said, is bool) {
	t.all++
	switch {
	case said && is:
		t.hit++
	case said:
		t.wrong++
	case is:
		t.missed++
	}
	if said == is {
		t.right++
	}
}

func (t tally) String() string {
	f1 := float64(2*t.hit) / float64(max(1, 2*t.hit+t.wrong+t.missed))
	return fmt.Sprintf("F1 %.3f, right %.3f (%d found, %d missed, %d wrong of %d)", f1, float64(t.right)/float64(max(1, t.all)), t.hit, t.missed, t.wrong, t.all)
}

// show prints what models trained without a fold say of its texts.
func show(texts []text, folds int, out io.Writer) {
	var learnt, words tally
	var bins [10]struct {
		n, yes int
		sum    float64
	}
	for k := range folds {
		var rest []text
		for _, t := range texts {
			if t.fold != k {
				rest = append(rest, t)
			}
		}
		m, err := model.Parse(fit(rest).Encode())
		if err != nil {
			fmt.Fprintln(out, err)
			return
		}
		for i := range texts {
			t := &texts[i]
			if t.fold != k {
				continue
			}
			z := m.Odds(t.input)
			p := 1 / (1 + math.Exp(-z))
			b := &bins[min(9, int(p*10))]
			b.n++
			b.sum += p
			if t.Listing.Listing {
				b.yes++
			}
			learnt.add(z > 0, t.Listing.Listing)
			words.add(t.input.Odds > 0, t.Listing.Listing)
		}
	}
	fmt.Fprintf(out, "%d texts, %d folds by voice\nlearnt: %v\nby the words alone: %v\n", len(texts), folds, learnt, words)
	for i, b := range bins {
		if b.n > 0 {
			fmt.Fprintf(out, "confidence %.1f–%.1f: %4d texts, mean %.2f, listings %.2f\n", float64(i)/10, float64(i+1)/10, b.n, b.sum/float64(b.n), float64(b.yes)/float64(b.n))
		}
	}
}
