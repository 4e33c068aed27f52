package wacz

import (
	"bufio"
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// runSize is how much of the index is sorted in memory at once, in bytes.
const runSize = 16 << 20

// scratch is a file without a name where the system allows that: a kill leaves
// nothing of it behind.
type scratch struct {
	*os.File
	out *bufio.Writer
}

func newScratch(dir string) (*scratch, error) {
	f, err := os.CreateTemp(dir, ".wacz-*")
	if err != nil {
		return nil, fmt.Errorf("wacz: %w", err)
	}
	os.Remove(f.Name())
	return &scratch{f, bufio.NewWriterSize(f, 64<<10)}, nil
}

// rewind ends writing and reads from the first byte.
func (s *scratch) rewind() (*bufio.Reader, error) {
	if err := s.out.Flush(); err != nil {
		return nil, fmt.Errorf("wacz: %w", err)
	}
	if _, err := s.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("wacz: %w", err)
	}
	return bufio.NewReaderSize(s.File, 64<<10), nil
}

func (s *scratch) drop() {
	if s != nil {
		_ = s.Close() // it has no name and nobody reads it again
		os.Remove(s.Name())
	}
}

// sorter sorts lines that together may be larger than memory.
type sorter struct {
	dir   string
	limit int // bytes in memory; 0: runSize
	lines []string
	size  int
	runs  []*scratch
}

func (s *sorter) add(line string) error {
	s.lines = append(s.lines, line)
	s.size += len(line) + 16 // and its header in the slice
	if s.size < cmp.Or(s.limit, runSize) {
		return nil
	}
	return s.spill()
}

func (s *sorter) spill() error {
	slices.Sort(s.lines)
	run, err := newScratch(s.dir)
	if err != nil {
		return err
	}
	s.runs = append(s.runs, run)
	for _, l := range s.lines {
		if _, err := run.out.WriteString(l); err != nil {
			return fmt.Errorf("wacz: %w", err)
		}
	}
	s.lines, s.size = s.lines[:0], 0
	return nil
}

// each calls fn for every line in order; the sorter is used up by it.
func (s *sorter) each(fn func(line string) error) error {
	slices.Sort(s.lines)
	h := merge{{next: func() (string, error) {
		if len(s.lines) == 0 {
			return "", io.EOF
		}
		l := s.lines[0]
		s.lines = s.lines[1:]
		return l, nil
	}}}
	for _, run := range s.runs {
		r, err := run.rewind()
		if err != nil {
			return err
		}
		h = append(h, &source{next: func() (string, error) { return r.ReadString('\n') }})
	}
	live := h[:0]
	for _, src := range h {
		switch ok, err := src.advance(); {
		case err != nil:
			return err
		case ok:
			live = append(live, src)
		}
	}
	h = live
	heap.Init(&h)
	for h.Len() > 0 {
		if err := fn(h[0].line); err != nil {
			return err
		}
		ok, err := h[0].advance()
		if err != nil {
			return err
		}
		if ok {
			heap.Fix(&h, 0)
		} else {
			heap.Pop(&h)
		}
	}
	return nil
}

func (s *sorter) drop() {
	for _, r := range s.runs {
		r.drop()
	}
	s.runs, s.lines = nil, nil
}

// source is one sorted run.
type source struct {
	line string
	next func() (string, error)
}

func (s *source) advance() (ok bool, err error) {
	s.line, err = s.next()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("wacz: %w", err)
	}
	return true, nil
}

// merge is a heap of runs by their first line.
type merge []*source

// Len implements heap.Interface.
func (m merge) Len() int { return len(m) }

// Less implements heap.Interface.
func (m merge) Less(i, j int) bool { return m[i].line < m[j].line }

// Swap implements heap.Interface.
func (m merge) Swap(i, j int) { m[i], m[j] = m[j], m[i] }

// Push implements heap.Interface.
func (m *merge) Push(x any) { *m = append(*m, x.(*source)) }

// Pop implements heap.Interface.
func (m *merge) Pop() any {
	old := *m
	last := old[len(old)-1]
	*m = old[:len(old)-1]
	return last
}
