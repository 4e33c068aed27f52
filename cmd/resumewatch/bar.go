package main

import (
	"fmt"
	"path/filepath"

	"github.com/schollz/progressbar/v3"

	"resumewatch/internal/casebook"
)

// bar shows how far an import or crawl is, on a terminal alone.
type bar struct {
	e     *environment
	on    bool
	file  string
	bar   *progressbar.ProgressBar
	total int64
	seen  map[string]int64
}

func newBar(e *environment) *bar {
	return &bar{e: e, on: terminal(e.stderr) && !e.g.JSON, seen: map[string]int64{}}
}

func (b *bar) start(size int64, what string) {
	b.end()
	b.bar = progressbar.NewOptions64(max(size, 1), progressbar.OptionSetWriter(b.e.stderr), progressbar.OptionShowBytes(true),
		progressbar.OptionSetDescription(what), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
}

// surveyed is told of bytes looked over.
func (b *bar) surveyed(file string, done, size int64) {
	b.seen[file] = size
	if !b.on {
		return
	}
	if file != b.file {
		b.file = file
		b.start(size, "looking over "+visible(filepath.Base(file)))
	}
	b.set(done)
}

// read is told of a run's progress.
func (b *bar) read(p casebook.Progress) {
	if !b.on {
		return
	}
	if b.total == 0 {
		for _, n := range b.seen {
			b.total += n
		}
		b.start(b.total, "reading")
	}
	b.bar.Describe(fmt.Sprintf("reading: %d posts, %d listings, %d alerts", p.Counts[casebook.CountPosts], p.Counts[casebook.CountListings], p.Counts[casebook.CountAlerts]))
	b.set(p.Counts[casebook.CountBytes])
}

func (b *bar) set(n int64) {
	if b.bar != nil {
		_ = b.bar.Set64(min(n, b.bar.GetMax64())) // a bar that can't be drawn is no reason to stop
	}
}

func (b *bar) end() {
	if b.bar != nil {
		_ = b.bar.Clear() // as above
		b.bar = nil
	}
}
