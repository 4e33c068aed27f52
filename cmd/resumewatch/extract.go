package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"sync"

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

// lot is some lines of the input on their way, answered together: a line alone costs
// less to read than to hand over.
type lot struct {
	lines []line
	text  []byte // of all lines, one after the other
	out   bytes.Buffer
	bad   bool          // a line could not be read
	done  chan struct{} // closed when out holds the answers
}

// line is where a line stands in the text of its lot.
type line struct {
	no         int
	start, end int
	bad        string
}

// How much a lot holds, about.
const (
	lotBytes = 64 << 10
	lotLines = 512
)

func (c extractCmd) Run(ctx context.Context, e *environment) error {
	x, err := e.extractor()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	todo, order := make(chan *lot), make(chan *lot, 4*runtime.GOMAXPROCS(0))
	var input error // what is wrong with the input: what came before is answered
	group.Go(func() error {
		defer close(todo)
		defer close(order)
		input = c.lots(ctx, e, func(l *lot) error {
			for _, ch := range []chan *lot{order, todo} {
				select {
				case ch <- l:
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
			return nil
		})
		return context.Cause(ctx)
	})
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			for l := range todo {
				if err := c.answer(x, l); err != nil {
					return err
				}
				close(l.done)
			}
			return nil
		})
	}
	failed := false
	group.Go(func() error {
		for l := range order {
			select {
			case <-l.done:
				failed = failed || l.bad
				if _, err := e.stdout.Write(l.out.Bytes()); err != nil {
					return err
				}
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return nil
	})
	if err := cmp.Or(group.Wait(), input); err != nil {
		return err
	}
	if failed {
		return errFailed
	}
	return nil
}

// no is what follows the id in the answer to a text that offers and seeks nothing, as
// nearly all do.
var no = sync.OnceValues(func() ([]byte, error) {
	var nothing market.Reading
	nothing.Normalize()
	b, err := json.Marshal(extracted{json.RawMessage("0"), nothing})
	return append(bytes.TrimPrefix(b, []byte(`{"id":0`)), '\n'), err
})

// answer reads all lines of a lot.
func (c extractCmd) answer(x *extractors.Extractor, l *lot) error {
	nothing, err := no()
	if err != nil {
		return err
	}
	l.out.Grow(len(l.lines) * len(nothing))
	for _, n := range l.lines {
		id, r, bad := c.read(x, n, l.text[n.start:n.end])
		switch plain := id[0] == '"' || id[0] >= '0' && id[0] <= '9'; {
		case bad != "":
			l.bad = true
			err = printJSON(&l.out, badLine{id, fmt.Sprintf("line %d: %s", n.no, bad)})
		case plain && r.Confidence == 0 && !r.Listing.Listing && !r.Doubt && len(r.Reasons)+len(r.Spans) == 0:
			l.out.WriteString(`{"id":`)
			l.out.Write(id)
			l.out.Write(nothing)
		default:
			err = printJSON(&l.out, extracted{id, r})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read answers one line: its id and reading, or what is wrong with it.
func (c extractCmd) read(x *extractors.Extractor, n line, given []byte) (id json.RawMessage, r market.Reading, bad string) {
	id = json.RawMessage(strconv.Itoa(n.no))
	if n.bad != "" {
		return id, r, n.bad
	}
	var in struct {
		ID   json.RawMessage `json:"id"`
		Text *string         `json:"text"`
	}
	if c.Text {
		text := string(given)
		in.Text = &text
	} else if err := json.Unmarshal(given, &in); err != nil {
		bad = "not a JSON object with id and text: " + err.Error()
	}
	if len(in.ID) > 0 {
		id = in.ID
	}
	switch {
	case bad != "":
	case in.Text == nil:
		bad = `no "text"`
	default:
		r = x.Extract(*in.Text, extractors.Options{AssumeListing: c.AssumeListing})
	}
	return id, r, bad
}

// lots calls f for the lines of the input, some at a time; for those that are there when
// a reader at the other end of a pipe has sent no more. Empty lines of JSON are passed over.
func (c extractCmd) lots(ctx context.Context, e *environment, f func(*lot) error) error {
	files := c.File
	if len(files) == 0 {
		files = []string{"-"}
	}
	next := &lot{done: make(chan struct{})}
	send := func() error {
		if len(next.lines) == 0 {
			return ctx.Err()
		}
		l := next
		next = &lot{done: make(chan struct{}), lines: make([]line, 0, len(l.lines)), text: make([]byte, 0, min(cap(l.text), 2*lotBytes))}
		return f(l)
	}
	for _, name := range files {
		in := e.stdin
		if name != "-" {
			file, err := os.Open(name)
			if err != nil {
				return errors.Join(err, send())
			}
			defer file.Close()
			in = file
		}
		if err := eachLine(in, send, func(no int, given []byte, long bool) error {
			if len(given) == 0 && !c.Text && !long {
				return nil
			}
			n := line{no: no, start: len(next.text)}
			if long {
				n.bad = fmt.Sprintf("longer than %d MB", maxLine>>20)
			}
			next.text = append(next.text, given...)
			n.end = len(next.text)
			next.lines = append(next.lines, n)
			if len(next.text) >= lotBytes || len(next.lines) >= lotLines {
				return send()
			}
			return nil
		}); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", name, err), send())
		}
	}
	return send()
}

// eachLine splits at LF, drops a CR before it and passes over what a line has too much.
// It calls wait before it reads more than it has, which may take its time.
func eachLine(in io.Reader, wait func() error, f func(no int, line []byte, long bool) error) error {
	r := bufio.NewReaderSize(in, 1<<20)
	var line []byte
	long := false
	for no := 1; ; {
		if have, _ := r.Peek(r.Buffered()); bytes.IndexByte(have, '\n') < 0 {
			if err := wait(); err != nil {
				return err
			}
		}
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
			if e := f(no, text, long); e != nil {
				return e
			}
		}
		if err != nil {
			return nil
		}
		no, line, long = no+1, line[:0], false
	}
}
