package main

import (
	"fmt"
	"math"
	"strings"
)

// floor is the worst that a target's figure may be on the corpora in the repository: some
// points beside what was reached, so that a step back fails and a small one doesn't.
type floor struct{ blind, seen float64 }

var floors = map[string]floor{
	"listings, recall, clear":        {0.94, 0.96},
	"listings, recall, obfuscated":   {0.88, 0.92},
	"listings, F1":                   {0.93, 0.96},
	"false alarms, hard negatives":   {0.11, 0.02},
	"false alarms, ordinary":         {0.02, 0.01},
	"side, right":                    {0.81, 0.94},
	"goods, F1":                      {0.84, 0.95},
	"platforms, F1":                  {0.90, 0.91},
	"grades, F1":                     {0.78, 0.82},
	"prices, strict F1, clear":       {0.80, 0.93},
	"prices, lenient F1, clear":      {0.91, 0.94},
	"prices, strict F1, obfuscated":  {0.67, 0.77},
	"prices, lenient F1, obfuscated": {0.80, 0.84},
	"contacts, F1, clear":            {0.94, 0.95},
	"contacts, F1, obfuscated":       {0.85, 0.87},
	"stock, F1":                      {0.76, 0.74},
	"sample there or not, F1":        {0.86, 0.90},
	"fields of samples, F1":          {0.84, 0.88},
}

// fallen are the figures that are worse than their floors.
func fallen(sets []set, read map[string]judged) []string {
	var out []string
	for _, t := range targets {
		f, ok := floors[t.name]
		if !ok {
			out = append(out, t.name+" has no floor")
			continue
		}
		for _, blind := range []bool{true, false} {
			least, what := f.seen, "tuned on"
			if blind {
				least, what = f.blind, "never tuned on"
			}
			sum := total(t.only(sets, read, blind))
			v := t.rate(&sum)
			t.goal = least
			if !t.met(v) {
				out = append(out, fmt.Sprintf("%s, texts %s: %s, the floor is %.3f", t.name, what, number(v), least))
			}
		}
	}
	return out
}

// stale reports whether a page was made of something else than what is here.
func stale(page, stamp string) bool { return !strings.Contains(page, stamp) }

// summary is a line for the checks.
func summary(sets []set, read map[string]judged) string {
	var said []string
	for _, t := range targets[:5] {
		sum := total(t.only(sets, read, true))
		if v := t.rate(&sum); !math.IsNaN(v) {
			said = append(said, t.name+" "+number(v))
		}
	}
	return "never tuned on: " + strings.Join(said, "; ")
}
