package main

import (
	"bytes"
	"fmt"
	"strings"
)

// counted are the lines of a dump with how often each stands in it.
func counted(dump []byte) map[string]int {
	out := map[string]int{}
	for line := range bytes.Lines(dump) {
		out[string(line)]++
	}
	return out
}

// compare counts the lines of want that got lacks, and those that it has too many.
func compare(want, got []byte) (lost, doubled int) {
	balance := counted(want)
	for line, n := range counted(got) {
		balance[line] -= n
	}
	for _, n := range balance {
		lost += max(n, 0)
		doubled += max(-n, 0)
	}
	return lost, doubled
}

// difference shows the first lines that differ, - for lost and + for too many.
func difference(want, got []byte, limit int) string {
	var out strings.Builder
	a, b := bytes.SplitAfter(want, []byte("\n")), bytes.SplitAfter(got, []byte("\n"))
	show := func(mark string, line []byte) {
		if limit--; limit >= 0 {
			fmt.Fprintf(&out, "%s %.500s\n", mark, bytes.TrimSpace(line))
		}
	}
	for len(a) > 0 || len(b) > 0 { // both are sorted by bytes
		switch {
		case len(a) > 0 && len(b) > 0 && bytes.Equal(a[0], b[0]):
			a, b = a[1:], b[1:]
		case len(b) == 0 || len(a) > 0 && bytes.Compare(a[0], b[0]) < 0:
			show("-", a[0])
			a = a[1:]
		default:
			show("+", b[0])
			b = b[1:]
		}
	}
	return out.String()
}
