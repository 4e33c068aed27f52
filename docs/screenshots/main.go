// Command screenshots draws docs/screenshots/terminal.svg from a real run of
// the program: it builds it, runs the commands of the play in an empty folder
// on a pseudo-terminal, and draws what they printed. Lines are left out where a
// row of dots stands; nothing is added.
//
//	go run ./docs/screenshots
//
// It needs script(1) of util-linux. With "console" it takes the pictures of the
// web console instead, console-*.png, by a real browser:
//
//	deploy/testparts/with chromium -- go run ./docs/screenshots console [URL]
//
// of the console at URL, or else of a demo that it starts.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	columns = 110
	target  = "docs/screenshots/terminal.svg"
)

// step is one command of the play: what a person types, what is run, and which
// of the lines that it prints are drawn.
type step struct {
	typed string
	args  []string
	keep  func([]string) []string
}

var play = []step{
	{"go run ./cmd/resumewatch up --demo --once", []string{"up", "--demo", "--once"}, keepUp},
	{"resumewatch --data data/demo search --limit 2 '简历 platform:maimai price:..1'", []string{"--data", "data/demo", "search", "--limit", "2", "简历 platform:maimai price:..1"}, keepAll},
}

func main() {
	ctx := context.Background()
	work := run
	if len(os.Args) > 1 && os.Args[1] == "console" {
		work = func(ctx context.Context) error {
			return shootConsole(ctx, strings.Join(os.Args[2:], ""), "docs/screenshots")
		}
	}
	if err := work(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "screenshots-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	binary := filepath.Join(dir, "resumewatch")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/resumewatch").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	var lines []string
	for _, s := range play {
		printed, err := perform(ctx, dir, binary, s.args)
		if err != nil {
			return fmt.Errorf("%s: %w", s.typed, err)
		}
		lines = append(lines, "\x1b[32m$\x1b[0m \x1b[1m"+s.typed+"\x1b[0m")
		lines = append(lines, s.keep(printed)...)
		lines = append(lines, "")
	}
	return os.WriteFile(target, draw(lines[:len(lines)-1], columns), 0o644)
}

// perform runs the program on a pseudo-terminal and returns its lines.
func perform(ctx context.Context, dir, binary string, args []string) ([]string, error) {
	quoted := []string{"stty cols 200;", shellQuote(binary)}
	for _, a := range args {
		quoted = append(quoted, shellQuote(a))
	}
	cmd := exec.CommandContext(ctx, "script", "--quiet", "--return", "--flush", "--command", strings.Join(quoted, " "), os.DevNull)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TZ=Asia/Shanghai", "TERM=xterm-256color")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	text := string(bytes.ReplaceAll(out, []byte("\r\n"), []byte("\n")))
	return strings.Split(strings.TrimRight(text, "\n"), "\n"), nil
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

const dots = "\x1b[2m          ⋮\x1b[0m"

func keepAll(lines []string) []string { return lines }

// keepUp keeps the first lines, some alerts of each place with their reasons,
// and the summary.
func keepUp(lines []string) []string {
	var out []string
	dotted := func() {
		if out[len(out)-1] != dots {
			out = append(out, dots)
		}
	}
	graver, other, visits, taking := map[string]int{}, 0, 0, false
	for i, l := range lines {
		place := "qq-"
		if strings.Contains(l, "demo-board") {
			place = "board"
		}
		alert := strings.Contains(l, "  A-")
		high := strings.Contains(l, "high ")
		switch {
		case i < 2 || i >= len(lines)-6:
			taking = true
		case strings.HasPrefix(l, "            "): // a reason of the alert above
		case alert && high && strings.Contains(l, "qq:"):
			graver[place]++
			taking = graver[place] <= 2
		case alert && !high && strings.Contains(l, "telegram:") && place == "qq-":
			other++
			taking = other == 1
		case strings.Contains(l, "viewthread") && !strings.Contains(l, " 0 listings"):
			visits++
			taking = visits <= 1
		default:
			taking = false
		}
		if taking {
			out = append(out, l)
		} else {
			dotted()
		}
	}
	return out
}
