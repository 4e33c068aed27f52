// Command train finds the weights of package sieve from the labelled texts of
// extractors/testdata, from mixtures of them and from texts with changes, and writes them.
// What must not be held back is what is a listing by its label, and what a thorough reading of
// a text without a label calls one or doubts. The bound lies below what all of these have
// that this reading hears, and below what nearly all have by weights that were found without
// their voice. The same texts give the same bytes.
package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"resumewatch/extractors/lexicon"
	"resumewatch/extractors/sieve"
)

func main() {
	from := flag.String("from", "../testdata", "folder of the labelled texts")
	to := flag.String("to", "weights.txt", "file of weights to write")
	flag.Parse()
	if err := run(*from, *to, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

// folds is how often weights are found without a part of the voices, margin how far the bound
// lies below the lowest scores, few the part of the listings that may lie below it by weights
// that don't know their voice: one metaphor that nobody else used must not decide.
const (
	folds  = 6
	margin = 0.4
	few    = 0.002
)

func run(from, to string, out io.Writer) error {
	texts, err := load(from)
	if err != nil {
		return err
	}
	b := newBasis(texts)
	for k := range folds {
		var rest []*text
		for _, t := range texts {
			if t.fold != k {
				rest = append(rest, t)
			}
		}
		l := b.line(fit(b, rest))
		for _, t := range texts {
			if t.fold == k {
				g := l.Weights.Weigh(t.glance, t.weighed)
				t.score, t.peak = l.Score(&g), l.Unit*float64(g.Peak)
			}
		}
	}
	l := b.line(fit(b, texts))
	l.bound(texts)
	report(out, texts, l)
	return os.WriteFile(to, l.Encode(), 0o644)
}

// slopes are what the weight of the peak may be.
var slopes = []float64{0, 0.25, 0.5, 1, 1.5, 2, 3, 4}

// bound sets the weight of the peak and the score below which few texts of the files are
// listings that are heard by weights that don't know their voice, and none by those that do:
// those by which most is held back.
func (l *line) bound(texts []*text) {
	most, best := -1, l.Line
	for _, l.Peak = range slopes {
		l.Bound = 0
		var strange []float64
		for _, t := range texts {
			if !t.full {
				continue
			}
			l.Bound = min(l.Bound, l.of(t)-margin)
			if t.made == "" {
				strange = append(strange, t.score+l.Peak*t.peak)
			}
		}
		slices.Sort(strange)
		l.Bound = min(l.Bound, strange[int(few*float64(len(strange)))]-margin)
		held := 0
		for _, t := range texts {
			if !t.keep && t.made == "" && l.of(t) < l.Bound {
				held += len(t.text)
			}
		}
		if held > most {
			most, best = held, l.Line
		}
	}
	l.Line = best
	l.Bound = math.Floor(100*l.Bound) / 100
}

// of is the score of a text by a line that knows it.
func (l *line) of(t *text) float64 {
	g := l.Weights.Weigh(t.glance, t.weighed)
	return l.Score(&g)
}

// report prints how much is held back.
func report(out io.Writer, texts []*text, l *line) {
	var unknown, known, size, all, bytes, lost, own, files, others, made int
	for _, t := range texts {
		held := l.of(t) < l.Bound
		if t.full && held {
			lost++
			fmt.Fprintf(out, "lost: %q\n", t.text)
		}
		stranger := t.score+l.Peak*t.peak < l.Bound
		switch {
		case t.full && t.made != "":
			made++
			if stranger {
				others++
			}
		case t.full:
			files++
			if stranger {
				own++
			}
		}
		if t.made != "" || t.keep {
			continue
		}
		all++
		bytes += len(t.text)
		if held {
			known++
			size += len(t.text)
		}
		if stranger {
			unknown++
		}
	}
	part := func(n, of int) float64 { return 100 * float64(n) / float64(max(1, of)) }
	fmt.Fprintf(out, "%d texts, %d of them to be held back; bounds: score %.2f, peak %v\n", len(texts), all, l.Bound, l.Peak)
	fmt.Fprintf(out, "held back: %.1f %% of unknown voices, %.1f %% of known ones (%.1f %% of their bytes); lost: %d; of unknown voices %d of %d, and %d of the %d made of others\n", part(unknown, all), part(known, all), part(size, bytes), lost, own, files, others, made)
}

// line is a line that is being made.
type line struct{ sieve.Line }

// line quantises what fit found.
func (b *basis) line(w []float64) *line {
	l := &line{sieve.Line{Bias: short(w[bias]), Odds: short(w[odds]), Weights: &lexicon.Weights{Words: map[string]int32{}}}}
	for i := range l.Marks {
		l.Marks[i] = short(w[marks+i])
	}
	top := 1e-9
	for _, v := range w[pairs : b.sounds+len(l.Weights.Sounds)] {
		top = max(top, math.Abs(v))
	}
	l.Unit = short(top / 127)
	for i := range l.Weights.Pairs {
		l.Weights.Pairs[i] = int8(max(-127, min(127, math.Round(w[pairs+i]/l.Unit))))
	}
	for i := range l.Weights.Sounds {
		l.Weights.Sounds[i] = int8(max(-127, min(127, math.Round(w[b.sounds+i]/l.Unit))))
	}
	for name, i := range b.words {
		l.Weights.Words[name] = int32(math.Round(w[i] / l.Unit))
	}
	return l
}

// short is a number of four digits.
func short(v float64) float64 {
	if v == 0 {
		return 0
	}
	scale := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}
