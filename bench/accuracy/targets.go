package main

import (
	"math"
	"slices"

	"resumewatch/bench/accuracy/measure"
	"resumewatch/internal/market"
)

// target is a figure that the readings are held to, on documents of one style.
type target struct {
	name  string
	style string // "" is all
	rate  measure.Rate
	goal  float64
	most  bool                       // the goal is a ceiling
	needs func(*market.Listing) bool // that a label says something of it; a corpus where none does isn't labelled for it
}

// met reports whether a value is on the right side of the goal.
func (t target) met(v float64) bool {
	if math.IsNaN(v) {
		return false
	}
	if t.most {
		return v <= t.goal
	}
	return v >= t.goal
}

// targets are those that were set before the work began.
var targets = []target{
	{"listings, recall, clear", styleClear, measure.Recall(measure.Listing), 0.97, false, anything},
	{"listings, recall, obfuscated", styleObfuscated, measure.Recall(measure.Listing), 0.88, false, anything},
	{"listings, F1", "", measure.F1(measure.Listing), 0.95, false, anything},
	{"false alarms, hard negatives", styleHard, measure.FalseAlarms, 0.03, true, anything},
	{"false alarms, ordinary", styleOrdinary, measure.FalseAlarms, 0.005, true, anything},
	{"side, right", "", measure.Sides, 0.97, false, anything},
	{"goods, F1", "", measure.F1(measure.Goods), 0.92, false, anything},
	{"platforms, F1", "", measure.F1(measure.Platforms), 0.95, false, anything},
	{"grades, F1", "", measure.F1(measure.Grades), 0.92, false, graded},
	{"prices, strict F1, clear", styleClear, measure.F1(measure.PricesStrict), 0.92, false, prices},
	{"prices, lenient F1, clear", styleClear, measure.F1(measure.PricesLenient), 0.95, false, prices},
	{"prices, strict F1, obfuscated", styleObfuscated, measure.F1(measure.PricesStrict), 0.80, false, prices},
	{"prices, lenient F1, obfuscated", styleObfuscated, measure.F1(measure.PricesLenient), 0.85, false, prices},
	{"contacts, F1, clear", styleClear, measure.F1(measure.Contacts), 0.98, false, contacts},
	{"contacts, F1, obfuscated", styleObfuscated, measure.F1(measure.Contacts), 0.88, false, contacts},
	{"stock, F1", "", measure.F1(measure.Stock), 0.90, false, stocked},
	{"sample there or not, F1", "", measure.F1(measure.Sample), 0.95, false, sampled},
	{"fields of samples, F1", "", measure.F1(measure.SampleFields), 0.90, false, sampled},
}

// judged is documents with what a reader made of them.
type judged struct {
	docs   []document
	counts []measure.Counts
}

// figures are the targets' figures of a corpus, each over the documents of its style; no
// numbers where the corpus isn't labelled for it.
func (j judged) figures(s *set) []measure.Figure {
	out := make([]measure.Figure, len(targets))
	for i, t := range targets {
		var docs []measure.Counts
		if t.labelled(s) {
			docs = pick(j.counts, of(j.docs, t.style))
		}
		out[i] = measure.Figures(s.name+"/"+t.name, docs, []measure.Rate{t.rate})[0]
	}
	return out
}

// What a label may say.
func anything(*market.Listing) bool   { return true }
func graded(l *market.Listing) bool   { return len(l.Grades) > 0 }
func prices(l *market.Listing) bool   { return len(l.Prices) > 0 }
func contacts(l *market.Listing) bool { return len(l.Contacts) > 0 }
func stocked(l *market.Listing) bool  { return len(l.Stock) > 0 }
func sampled(l *market.Listing) bool  { return l.Sample != nil }

// labelled reports whether a corpus is labelled for a target.
func (t target) labelled(s *set) bool {
	return slices.ContainsFunc(s.docs, func(d document) bool { return t.needs(&d.Listing) })
}

// only leaves the documents of the corpora, never tuned on or tuned on, that are labelled
// for a target, and of its style.
func (t target) only(sets []set, read map[string]judged, blind bool) []measure.Counts {
	var out []measure.Counts
	for i := range sets {
		if s := &sets[i]; s.blind == blind && t.labelled(s) {
			out = append(out, pick(read[s.name].counts, of(s.docs, t.style))...)
		}
	}
	return out
}

// all is every document of the corpora never tuned on, or tuned on.
func all(sets []set, blind bool) []document {
	var out []document
	for _, s := range sets {
		if s.blind == blind {
			out = append(out, s.docs...)
		}
	}
	return out
}
