// Command train fits the weights of package model from the labelled texts of
// extractors/testdata and writes them. The same texts give the same bytes. Before that it
// shows, for each file of texts, how well they are read by what was learnt from the others:
// the files are of different authors.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"resumewatch/extractors"
	"resumewatch/extractors/model"
	"resumewatch/internal/market"
)

func main() {
	from := flag.String("from", "../testdata", "folder of the labelled texts")
	to := flag.String("to", "weights.bin", "file of weights to write")
	ordinary := flag.String("ordinary", os.Getenv("RESUMEWATCH_ORDINARY"), "folder of ordinary texts that deploy/testparts/ordinary has filled")
	quick := flag.Bool("quick", false, "write the weights and show nothing")
	flag.Parse()
	if err := run(*from, *to, *ordinary, *quick, os.Stdout); err != nil {
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
	Style string `json:"style"`
	market.Listing

	author string  // the file's name
	weight float64 // in training
	views  []view  // as it is read, then with words left out
}

// view is what the model sees of a text.
type view struct {
	input model.Input
	signs []model.Feature
}

// How strongly weights are pulled to 0, and how the evidence of the words is trusted at
// first.
const (
	ridge = 0.0005
	trust = 1
	rare  = 2 // how much more a yes counts where most are a no: who buys, and each of the goods
)

func run(from, to, ordinary string, quick bool, out io.Writer) error {
	texts, err := load(from)
	if err != nil {
		return err
	}
	x, err := extractors.NewWith(extractors.Settings{Off: []string{"model"}}) // what is learnt from must not hang on what was learnt
	if err != nil {
		return err
	}
	for _, t := range texts {
		t.look(x)
	}
	more, err := talk(x, ordinary)
	if err != nil {
		return err
	}
	if !quick {
		if err := show(texts, more, out); err != nil {
			return err
		}
	}
	return os.WriteFile(to, fit(append(texts, more...)), 0o644)
}

// load reads all labelled texts.
func load(from string) ([]*text, error) {
	var out []*text
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
			texts, err := read(name)
			if err != nil {
				return nil, err
			}
			out = append(out, texts...)
		}
	}
	return out, nil
}

func read(name string) ([]*text, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []*text
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		t := &text{author: filepath.Base(name), weight: 1}
		if err := json.Unmarshal(lines.Bytes(), t); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, len(out)+1, err)
		}
		out = append(out, t)
	}
	return out, lines.Err()
}

// fit trains all heads on texts and encodes them.
func fit(texts []*text) []byte {
	var heads [model.Heads]model.Line
	for h := range heads {
		var examples []model.Example
		for _, t := range texts {
			yes, fits := t.answer(h)
			if !fits {
				continue
			}
			for i, v := range t.views {
				e := model.Example{Features: v.signs, Odds: v.input.Evidence(h), Yes: yes, Weight: t.weight}
				if i > 0 {
					e.Weight *= blurred
				}
				if h != model.HeadListing && yes {
					e.Weight *= rare
				}
				examples = append(examples, e)
			}
		}
		heads[h] = model.Fit(h, examples, trust, ridge)
	}
	return model.Encode(heads)
}

// answer is what a text is labelled with for a head; fits is false where the question doesn't
// arise or the label is missing.
func (t *text) answer(head int) (yes, fits bool) {
	l := t.Listing
	switch {
	case head == model.HeadListing:
		return l.Listing, true
	case !l.Listing || l.Side == "":
		return false, false
	case head == model.HeadBuy:
		return l.Side == market.SideBuy, true
	}
	return slices.Contains(l.Goods, model.Goods[head-model.HeadGoods]), len(l.Goods) > 0
}
