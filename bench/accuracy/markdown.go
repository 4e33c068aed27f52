package main

import (
	"fmt"
	"math"
	"strings"

	"resumewatch/bench/accuracy/measure"
)

// page is Markdown in the making.
type page struct{ strings.Builder }

func (p *page) say(format string, a ...any) {
	fmt.Fprintf(&p.Builder, format, a...)
	p.WriteString("\n\n")
}

// rows writes a table; cells stand for themselves but for bars.
func (p *page) rows(head []string, rows [][]string) {
	line := func(cells []string) {
		for _, c := range cells {
			p.WriteString("| " + strings.ReplaceAll(c, "|", "\\|") + " ")
		}
		p.WriteString("|\n")
	}
	line(head)
	p.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for _, r := range rows {
		line(r)
	}
	p.WriteString("\n")
}

// number shows a rate; a dash where there is none.
func number(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return fmt.Sprintf("%.3f", v)
}

// spread shows a figure with its interval.
func spread(f measure.Figure) string {
	if math.IsNaN(f.Value) {
		return "–"
	}
	return fmt.Sprintf("%.3f (%.3f–%.3f)", f.Value, f.Low, f.High)
}

// change shows by how much a rate differs from another; a dot where it doesn't.
func change(v, from float64) string {
	switch d := v - from; {
	case math.IsNaN(d):
		return "–"
	case math.Abs(d) < 0.0005:
		return "·"
	default:
		return fmt.Sprintf("%+.3f", d)
	}
}
