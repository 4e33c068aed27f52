package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"resumewatch/bench/program"
)

// Words that stand in an archive with marks: said around listings and elsewhere, and
// within listings. The first may lie nowhere but under seal, the second in what
// holds masked text as well; the value that goes with the listings nowhere.
const (
	saidWord    = "zqsaidmark"
	listedWord  = "zqlistmark"
	hiddenValue = "13800138765"
	marksEvery  = 150 // messages
)

// mark writes marked messages between those of an archive.
func mark(path string) (err error) {
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.Create(path + ".marked")
	if err != nil {
		return err
	}
	out := bufio.NewWriter(to)
	defer func() {
		if err = errors.Join(err, out.Flush(), to.Close()); err == nil {
			err = os.Rename(path+".marked", path)
		}
	}()
	in, n := bufio.NewReader(from), 0
	for {
		line, err := in.ReadString('\n')
		if head := messageHead.FindString(line); head != "" {
			if n++; n%marksEvery == 0 {
				fmt.Fprintf(out, "%s小灰(1000086001)\r\n吃饭了吗 %s\r\n\r\n", head, saidWord)
				fmt.Fprintf(out, "%s小王(1000086002)\r\n%s 出智联一手简历，2元一份，100份起，加QQ 1000086002 样品：张三 男 28岁 %s 本科\r\n\r\n", head, listedWord, hiddenValue)
				fmt.Fprintf(out, "%s小灰(1000086001)\r\n不买 %s\r\n\r\n", head, saidWord)
			}
		}
		out.WriteString(line)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

var messageHead = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d?\d:\d\d:\d\d `)

// looked looks at what a kill left: nothing unsealed lies about, and a start alone,
// in a copy, makes evidence, casebook and custody log agree.
func (r *rack) looked(ctx context.Context, data string) (faults []string, err error) {
	if _, err := os.Stat(data); errors.Is(err, fs.ErrNotExist) {
		return nil, nil // killed before it made a folder
	}
	if faults, err = bare(data, r.temp); err != nil {
		return nil, err
	}
	copied := data + "-look"
	if out, err := exec.CommandContext(ctx, "cp", "-a", data, copied).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("copying %s: %w: %s", data, err, out)
	}
	for _, args := range [][]string{{"reindex"}, {"evidence", "verify"}, {"doctor"}} {
		e, err := program.Run(ctx, r.binary, append([]string{"--data", copied}, args...)...)
		if err != nil {
			return nil, err
		}
		if e.Code != 0 {
			faults = append(faults, fmt.Sprintf("after a kill: %s: %v %s", strings.Join(args, " "), e.Err(), bytes.TrimSpace(e.Stdout)))
		}
	}
	more, err := bare(copied, r.temp)
	faults = append(faults, more...)
	if err == nil && len(faults) == 0 {
		err = os.RemoveAll(copied)
	}
	return faults, err
}

// bare searches every file of the folders for marked words where they may not be.
func bare(folders ...string) (faults []string, err error) {
	for _, folder := range folders {
		walk := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			words := []string{saidWord, listedWord, hiddenValue}
			if base := filepath.Base(path); strings.HasPrefix(base, "casebook.db") || strings.HasPrefix(base, "index.db") {
				words = []string{saidWord, hiddenValue}
			}
			found, err := holds(path, words)
			for _, w := range found {
				faults = append(faults, fmt.Sprintf("%s lies open in %s", w, path))
			}
			return err
		})
		if walk != nil && !errors.Is(walk, fs.ErrNotExist) {
			return nil, walk
		}
	}
	return faults, nil
}

// holds are the words that stand in a file.
func holds(path string, words []string) (found []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	buf := make([]byte, 0, 1<<20)
	seen := map[string]bool{}
	for {
		n, err := f.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		for _, w := range words {
			if !seen[w] && bytes.Contains(buf, []byte(w)) {
				seen[w], found = true, append(found, w)
			}
		}
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return found, err
		}
		tail := min(len(buf), 64) // a word may go on in the next block
		copy(buf, buf[len(buf)-tail:])
		buf = buf[:tail]
	}
}
