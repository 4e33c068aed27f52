package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sync/errgroup"

	"resumewatch/extractors"
	"resumewatch/internal/market"
)

type extractCmd struct {
	Text          bool     `help:"The input is one message a line; ids are line numbers."`
	AssumeListing bool     `help:"Skip the question whether a text is a listing (for fragments)."`
	File          []string `arg:"" optional:"" help:"Files of JSON lines with id and text; none or - is standard input."`
}

func (extractCmd) Help() string {
	return "Example: echo '出智联简历，一手2元一份，加QQ 1000012345' | resumewatch extract --text\n\nOne document a line out, in the order of the input."
}

// maxLine bounds a line of input, in bytes. A longer one is answered with an error.
const maxLine = 64 << 20

// extracted is one line of output.
type extracted struct {
	ID json.RawMessage `json:"id"`
	market.Reading
}

// badLine is the output for a line that could not be read.
type badLine struct {
	ID    json.RawMessage `json:"id"`
	Error string          `json:"error"`
}

// job is one line on its way; out is answered once.
type job struct {
	no   int
	line []byte
	bad  string
	out  chan any
}

func (c extractCmd) Run(ctx context.Context, e *environment) error {
	x, err := extractors.New()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	todo, order := make(chan job), make(chan job, 4*runtime.GOMAXPROCS(0))
	group.Go(func() error {
		defer close(todo)
		defer close(order)
		return c.lines(ctx, e, func(j job) error {
			for _, ch := range []chan job{order, todo} {
				select {
				case ch <- j:
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
			return nil
		})
	})
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			for j := range todo {
				j.out <- c.read(x, j)
			}
			return nil
		})
	}
	failed := false
	group.Go(func() error {
		out := bufio.NewWriter(e.stdout)
		for j := range order {
			select {
			case v := <-j.out:
				if _, bad := v.(badLine); bad {
					failed = true
				}
				if err := printJSON(out, v); err != nil {
					return err
				}
			case <-ctx.Done():
				return errors.Join(context.Cause(ctx), out.Flush())
			}
			if len(order) == 0 { // nobody waits behind: a reader at the other end of a pipe sees it now
				if err := out.Flush(); err != nil {
					return err
				}
			}
		}
		return out.Flush()
	})
	if err := group.Wait(); err != nil {
		return err
	}
	if failed {
		return errFailed
	}
	return nil
}

func (c extractCmd) read(x *extractors.Extractor, j job) any {
	id := json.RawMessage(strconv.Itoa(j.no))
	text := string(j.line)
	if j.bad == "" && !c.Text {
		var in struct {
			ID   json.RawMessage `json:"id"`
			Text *string         `json:"text"`
		}
		err := json.Unmarshal(j.line, &in)
		if len(in.ID) > 0 {
			id = in.ID
		}
		switch {
		case err != nil:
			j.bad = "not a JSON object with id and text: " + err.Error()
		case in.Text == nil:
			j.bad = `no "text"`
		default:
			text = *in.Text
		}
	}
	if j.bad != "" {
		return badLine{id, fmt.Sprintf("line %d: %s", j.no, j.bad)}
	}
	return extracted{id, x.Extract(text, extractors.Options{AssumeListing: c.AssumeListing})}
}

// lines calls f for every line of the input. Empty lines of JSON are passed over.
func (c extractCmd) lines(ctx context.Context, e *environment, f func(job) error) error {
	files := c.File
	if len(files) == 0 {
		files = []string{"-"}
	}
	for _, name := range files {
		in := e.stdin
		if name != "-" {
			file, err := os.Open(name)
			if err != nil {
				return err
			}
			defer file.Close()
			in = file
		}
		if err := eachLine(in, func(no int, line []byte, long bool) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if len(line) == 0 && !c.Text && !long {
				return nil
			}
			j := job{no: no, line: line, out: make(chan any, 1)}
			if long {
				j.bad = fmt.Sprintf("longer than %d MB", maxLine>>20)
			}
			return f(j)
		}); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// eachLine splits at LF, drops a CR before it and passes over what a line has too much.
func eachLine(in io.Reader, f func(no int, line []byte, long bool) error) error {
	r := bufio.NewReaderSize(in, 1<<20)
	var line []byte
	long := false
	for no := 1; ; {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			long, line = true, line[:0]
		}
		if !long {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(line) > 0 || long || err == nil {
			text := line
			if n := len(text); n > 0 && text[n-1] == '\n' {
				text = text[:n-1]
			}
			if n := len(text); n > 0 && text[n-1] == '\r' {
				text = text[:n-1]
			}
			if e := f(no, append([]byte(nil), text...), long); e != nil {
				return e
			}
		}
		if err != nil {
			return nil
		}
		no, line, long = no+1, line[:0], false
	}
}
