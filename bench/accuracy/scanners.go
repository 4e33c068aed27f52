package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"resumewatch/extractors/fold"
	"resumewatch/internal/market"
)

// plainWords are the 16 words that scanners of others look for.
var plainWords = []string{"简历", "智联", "前程无忧", "猎聘", "直聘", "企业号", "会员号", "下载点", "招聘账号", "出售", "收购", "求购", "批发", "代下载", "一手", "二手"}

// stages are parts of what reading takes, and a plain search in Go: each looks at a text.
var stages = []struct {
	name string
	reader
}{
	{"Go's regexp, the 16 words, does one match", only(regexp.MustCompile(strings.Join(plainWords, "|")).MatchString)},
	{"our folding alone", only(func(text string) bool { return fold.Fold(text).Folded == "" })},
}

// only is a reader that does no more than answer a question.
type only func(text string) bool

func (f only) read(text string) market.Listing { return market.Listing{Listing: f(text)} }

// showScanners writes how fast the words alone are looked for: by Go's regexp, and by
// programs of others where deploy/testparts/scanners has fetched them.
func showScanners(ctx context.Context, p *page, sets []set) error {
	chat, _ := chatter(sets)
	if len(chat) == 0 {
		return nil
	}
	var rows [][]string
	for _, s := range stages {
		rows = append(rows, []string{s.name, "", fmt.Sprintf("%.0f", pace(s, chat))})
	}
	more, err := others(ctx, chat)
	if err != nil {
		return err
	}
	p.say("The same messages, and no more than a search for 16 plain words, or our first stage.")
	p.rows([]string{"program", "found", "MB/s"}, append(rows, more...))
	return nil
}

// others are rows of the programs of others.
func others(ctx context.Context, chat []string) (rows [][]string, err error) {
	python, ripgrep := os.Getenv("RESUMEWATCH_AHOCORASICK"), os.Getenv("RESUMEWATCH_RIPGREP")
	if python == "" || ripgrep == "" {
		return [][]string{{"pyahocorasick and ripgrep: not at hand", "", "–"}}, nil
	}
	dir, err := os.MkdirTemp("", "accuracy")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	text, words := filepath.Join(dir, "chat.txt"), filepath.Join(dir, "words.txt")
	size, err := repeated(text, chat, 64<<20)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(words, []byte(strings.Join(plainWords, "\n")+"\n"), 0o644); err != nil {
		return nil, err
	}
	for _, s := range []struct {
		name string
		args []string
	}{
		{"pyahocorasick, all places of the words", []string{python, "-c", scan, words, text}},
		{"ripgrep, `rg -j1 -c -f words`: lines that have one", []string{ripgrep, "-j1", "-c", "-f", words, text}},
	} {
		best, said := 0.0, ""
		for range 3 {
			c := exec.CommandContext(ctx, s.args[0], s.args[1:]...)
			c.Stderr = os.Stderr
			out, err := c.Output()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			took := (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()
			f := bytes.Fields(out)
			if len(f) > 1 { // it timed itself, without its start
				if _, err := fmt.Sscan(string(f[1]), &took); err != nil {
					return nil, err
				}
			}
			if len(f) > 0 {
				best, said = max(best, float64(size)/1e6/took), string(f[0])
			}
		}
		rows = append(rows, []string{s.name, said, fmt.Sprintf("%.0f", best)})
	}
	return rows, nil
}

// scan is the whole of what pyahocorasick is asked.
const scan = `
import sys, time, ahocorasick
a = ahocorasick.Automaton()
for w in open(sys.argv[1], encoding="utf-8").read().split():
    a.add_word(w, w)
a.make_automaton()
lines = open(sys.argv[2], encoding="utf-8").read().split("\n")
began = time.process_time()
n = sum(1 for line in lines for _ in a.iter(line))
print(n, time.process_time() - began)
`

// repeated writes texts, a line each, again and again until a size is reached.
func repeated(name string, texts []string, size int) (wrote int, err error) {
	f, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	for wrote < size {
		for _, t := range texts {
			n, err := io.WriteString(w, strings.ReplaceAll(t, "\n", " ")+"\n")
			if err != nil {
				return wrote, err
			}
			wrote += n
		}
	}
	return wrote, w.Flush()
}
