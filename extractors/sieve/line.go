package sieve

//go:generate go run ./train -to weights.txt

import (
	_ "embed"
	"fmt"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync"

	"resumewatch/extractors/classify"
	"resumewatch/extractors/lexicon"
)

// Line is what the training found.
type Line struct {
	Bias, Odds float64     // Odds is the weight of classify.Best
	Marks      [32]float64 // of the marks of the gist
	Unit       float64     // what 1 of the quantised weights is
	Peak       float64     // weight of the heaviest stretch
	Bound      float64     // a text is held back whose score is below it
	Weights    *lexicon.Weights
}

//go:embed weights.txt
var embedded string

// Default is the embedded line.
var Default = sync.OnceValues(func() (*Line, error) { return Parse(embedded) })

// Score is how much a glance looks like a listing.
func (l *Line) Score(g *lexicon.Glance) float64 {
	z := l.Bias
	for m := uint32(g.Marks); m != 0; m &= m - 1 {
		z += l.Marks[bits.TrailingZeros32(m)]
	}
	return z + l.Odds*classify.Best(g.Gist) + l.Unit*float64(g.Weight)*8/math.Sqrt(float64(max(1, g.Count))) + l.Unit*l.Peak*float64(g.Peak)
}

// Holds reports whether a text is held back: it is no listing and in no doubt, unless its
// signs say that it has to be read another way.
func (l *Line) Holds(g *lexicon.Glance) bool { return l.Score(g) < l.Bound }

// Encode writes a line.
func (l *Line) Encode() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# Weights of the sieve, made by go generate ./extractors/sieve\nline %v %v %v %v %v\nmarks", l.Bias, l.Odds, l.Unit, l.Peak, l.Bound)
	for _, v := range l.Marks {
		fmt.Fprintf(&b, " %.4g", v)
	}
	b.WriteByte('\n')
	row := func(name string, w []int8) {
		b.WriteString(name)
		for i, v := range w {
			if v != 0 {
				fmt.Fprintf(&b, " %d:%d", i, v)
			}
		}
		b.WriteByte('\n')
	}
	row("pairs", l.Weights.Pairs[:])
	row("sounds", l.Weights.Sounds[:])
	for _, name := range slices.Sorted(maps.Keys(l.Weights.Words)) {
		fmt.Fprintf(&b, "word\t%s\t%d\n", name, l.Weights.Words[name])
	}
	return []byte(b.String())
}

// Parse reads a line that Encode wrote.
func Parse(s string) (*Line, error) {
	l := &Line{Weights: &lexicon.Weights{Words: map[string]int32{}}}
	found := false
	for text := range strings.Lines(s) {
		text = strings.TrimSuffix(text, "\n")
		var err error
		switch head, rest, _ := strings.Cut(text, " "); {
		case strings.HasPrefix(text, "#"):
		case strings.HasPrefix(text, "word\t"):
			f := strings.Split(text, "\t")
			if len(f) != 3 {
				return nil, fmt.Errorf("sieve: %q is no word", text)
			}
			var n int
			n, err = strconv.Atoi(f[2])
			l.Weights.Words[f[1]] = int32(n)
		case head == "line":
			found = true
			_, err = fmt.Sscan(rest, &l.Bias, &l.Odds, &l.Unit, &l.Peak, &l.Bound)
		case head == "marks":
			for i, f := range strings.Fields(rest) {
				if i < len(l.Marks) && err == nil {
					l.Marks[i], err = strconv.ParseFloat(f, 64)
				}
			}
		case head == "pairs":
			err = places(rest, l.Weights.Pairs[:])
		case head == "sounds":
			err = places(rest, l.Weights.Sounds[:])
		default:
			return nil, fmt.Errorf("sieve: what is %.40q", text)
		}
		if err != nil {
			return nil, fmt.Errorf("sieve: %w", err)
		}
	}
	if !found {
		return nil, fmt.Errorf("sieve: no line among the weights")
	}
	return l, nil
}

// places reads weights with their places.
func places(s string, to []int8) error {
	for f := range strings.FieldsSeq(s) {
		at, value, _ := strings.Cut(f, ":")
		i, err := strconv.Atoi(at)
		if err != nil {
			return err
		}
		v, err := strconv.ParseInt(value, 10, 8)
		if err != nil {
			return err
		}
		if i < 0 || i >= len(to) {
			return fmt.Errorf("%d is out of range", i)
		}
		to[i] = int8(v)
	}
	return nil
}
