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
	"strings"
)

// plainWords are the 16 words that scanners of others look for.
var plainWords = []string{"简历", "智联", "前程无忧", "猎聘", "直聘", "企业号", "会员号", "下载点", "招聘账号", "出售", "收购", "求购", "批发", "代下载", "一手", "二手"}

// showScanners writes how fast programs of others only look for the words, where
// deploy/testparts/scanners has fetched them.
func showScanners(ctx context.Context, p *page, sets []set) (err error) {
	python, ripgrep := os.Getenv("RESUMEWATCH_AHOCORASICK"), os.Getenv("RESUMEWATCH_RIPGREP")
	if python == "" || ripgrep == "" {
		p.say("pyahocorasick and ripgrep were not at hand (`deploy/testparts/with scanners -- go run ./bench/accuracy`).")
		return nil
	}
	dir, err := os.MkdirTemp("", "accuracy")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	chat, _ := chatter(sets)
	text, words := filepath.Join(dir, "chat.txt"), filepath.Join(dir, "words.txt")
	size, err := repeated(text, chat, 64<<20)
	if err != nil {
		return err
	}
	if err := os.WriteFile(words, []byte(strings.Join(plainWords, "\n")+"\n"), 0o644); err != nil {
		return err
	}
	var rows [][]string
	for _, s := range []struct {
		name string
		args []string
	}{
		{"pyahocorasick, positions of 16 words", []string{python, "-c", scan, words, text}},
		{"ripgrep, `rg -c -f words`: lines counted", []string{ripgrep, "-j1", "-c", "-f", words, text}},
	} {
		best, said := 0.0, ""
		for range 3 {
			c := exec.CommandContext(ctx, s.args[0], s.args[1:]...)
			c.Stderr = os.Stderr
			out, err := c.Output()
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			took := (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()
			if f := bytes.Fields(out); len(f) > 1 { // it timed itself, without its start
				if _, err := fmt.Sscan(string(f[1]), &took); err != nil {
					return err
				}
			}
			best, said = max(best, float64(size)/1e6/took), string(bytes.Fields(out)[0])
		}
		rows = append(rows, []string{s.name, said, fmt.Sprintf("%.0f", best)})
	}
	p.rows([]string{"program of others, the same messages", "found", "MB/s"}, rows)
	return nil
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
