package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
)

// print writes the tables in Markdown.
func (b *bench) print(out io.Writer, all []measured) {
	fmt.Fprintf(out, "%s, %d processors. CPU is of our processes, busy of the whole machine (servers, board and whatever else runs).\n", runtime.Version(), runtime.NumCPU())
	if b.board != nil {
		fmt.Fprintf(out, "The board alone serves %.0f pages/s to eight askers.\n", b.board.capacity)
	}
	for _, work := range []string{"import", "crawl"} {
		rows := of(all, work)
		if len(rows) == 0 {
			continue
		}
		per := "posts/s | MB/s"
		if work == "crawl" {
			per = "pages/s | posts/s"
		}
		fmt.Fprintf(out, "\n| %s | seconds | %s | times as fast as embedded | CPU s | busy s | peak MB | queue round trips a visit | Redis commands a visit | load average |\n|---|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|\n", work, per)
		for _, m := range rows {
			fmt.Fprintln(out, m.row(rows))
		}
		s := rows[0].sum
		fmt.Fprintf(out, "\n%d visits, %d posts, %d listings, %d offers, %d alerts each.\n", s.visits(), s.Posts, s.Listings, s.Offers, s.Alerts)
	}
}

func of(all []measured, work string) (out []measured) {
	for _, m := range all {
		if m.work == work {
			out = append(out, m)
		}
	}
	return out
}

func (m measured) row(rows []measured) string {
	seconds := m.took.Seconds()
	first, second := float64(m.sum.Posts)/seconds, float64(m.sum.Bytes)/1e6/seconds
	format := "%.0f | %.1f"
	if m.work == "crawl" {
		first, second, format = float64(m.sum.visits())/seconds, first, "%.0f | %.0f"
	}
	ratio := "–"
	for _, r := range rows {
		if r.workers == 0 {
			ratio = fmt.Sprintf("%.2f", r.took.Seconds()/seconds)
		}
	}
	var peaks []string
	for _, p := range m.peaks {
		peaks = append(peaks, fmt.Sprintf("%s %.0f", p.process, float64(p.bytes)/1e6))
	}
	trips, commands := "–", "–"
	if n := m.sum.visits(); m.workers > 0 && n > 0 {
		trips, commands = fmt.Sprintf("%.1f", float64(m.traffic.Trips)/float64(n)), fmt.Sprintf("%.1f", float64(m.traffic.Commands)/float64(n))
	}
	return fmt.Sprintf("| %s | %.1f | "+format+" | %s | %.1f | %.1f | %s | %s | %s | %s |", wayName(m.workers), seconds, first, second, ratio,
		m.cpu.Seconds(), m.busy.Seconds(), strings.Join(peaks, ", "), trips, commands, m.load)
}

// judge finds ways that read something else than the others.
func judge(all []measured) error {
	var errs []error
	for _, work := range []string{"import", "crawl"} {
		rows := of(all, work)
		for _, m := range rows {
			if a, b := rows[0].sum, m.sum; a.Posts != b.Posts || a.Listings != b.Listings || a.Offers != b.Offers || a.Alerts != b.Alerts || a.visits() != b.visits() {
				errs = append(errs, fmt.Errorf("%s: %s read %+v, %s read %+v", work, wayName(rows[0].workers), a, wayName(m.workers), b))
			}
			if m.sum.Posts == 0 {
				errs = append(errs, fmt.Errorf("%s, %s: nothing was read", work, wayName(m.workers)))
			}
		}
	}
	return errors.Join(errs...)
}
