package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// tally is what all rounds came to.
type tally struct {
	calm   time.Duration
	rounds []ended
}

func (t *tally) add(e ended) { t.rounds = append(t.rounds, e) }

// line is one kind of fault over all rounds. A round's losses count for each of
// its faults: which one it was nobody knows.
type line struct {
	kind                        kind
	times, lost, doubled, stuck int
	checks                      int
	recovered, takeover         []time.Duration
}

func (t *tally) lines() []*line {
	by := map[kind]*line{}
	var out []*line
	for _, family := range families {
		for _, k := range family {
			by[k] = &line{kind: k}
			out = append(out, by[k])
		}
	}
	for _, r := range t.rounds {
		for _, s := range r.struck {
			if s.missed {
				continue
			}
			l := by[s.kind]
			l.times++
			l.lost += r.lost
			l.doubled += r.doubled
			l.stuck += len(r.stuck)
			l.checks += len(r.wrong)
			l.recovered = append(l.recovered, s.recovery)
			if s.takeover > 0 {
				l.takeover = append(l.takeover, s.takeover)
			}
		}
	}
	return slices.DeleteFunc(out, func(l *line) bool { return l.times == 0 })
}

// print writes the table in Markdown.
func (t *tally) print(out io.Writer) {
	fmt.Fprintf(out, "Undisturbed: %.1f s. %d rounds with faults.\n\n", t.calm.Seconds(), len(t.rounds))
	fmt.Fprintln(out, "| fault | times | losses | doubles | stuck | failed checks | recovery s, median | max |")
	fmt.Fprintln(out, "|---|---:|---:|---:|---:|---:|---:|---:|")
	total := line{kind: "all"}
	var takeovers []time.Duration
	for _, l := range t.lines() {
		fmt.Fprintln(out, l.row())
		total.times += l.times
		total.recovered = append(total.recovered, l.recovered...)
		takeovers = append(takeovers, l.takeover...)
	}
	deaths, failed := 0, 0
	for _, r := range t.rounds { // once a round here
		total.lost += r.lost
		total.doubled += r.doubled
		total.stuck += len(r.stuck)
		total.checks += len(r.wrong)
		deaths += len(r.deaths)
		failed += len(r.failed)
	}
	fmt.Fprintln(out, total.row())
	fmt.Fprintln(out)
	if len(takeovers) > 0 {
		fmt.Fprintf(out, "The lead was taken over %d times: %.1f s (median), %.1f s (max).\n", len(takeovers), median(takeovers).Seconds(), slices.Max(takeovers).Seconds())
	}
	fmt.Fprintf(out, "Roles that ended by themselves: %d. Commands that ended with an error and were run again: %d.\n", deaths, failed)
	for _, r := range t.rounds {
		for _, text := range slices.Concat(r.stuck, r.wrong, r.deaths, r.failed) {
			first, _, _ := strings.Cut(text, "\n")
			fmt.Fprintf(out, "- %.400s\n", first)
		}
	}
}

func (l *line) row() string {
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %.1f | %.1f |", l.kind, l.times, l.lost, l.doubled, l.stuck, l.checks,
		median(l.recovered).Seconds(), slices.Max(append(l.recovered, 0)).Seconds())
}

func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// judge is the error that the table comes to.
func (t *tally) judge() error {
	var errs []error
	bad := 0
	for _, r := range t.rounds {
		if !r.whole() {
			bad++
		}
		for _, s := range r.struck {
			if s.takeover > maxTakeover {
				errs = append(errs, fmt.Errorf("the lead was taken over after %s, more than %s", s.takeover, maxTakeover))
			}
		}
	}
	if bad > 0 {
		errs = append(errs, fmt.Errorf("%d of %d rounds ended otherwise than the undisturbed one", bad, len(t.rounds)))
	}
	return errors.Join(errs...)
}
