package evidence

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// s3Writer gathers sealed captures and writes an object of them at each Sync.
type s3Writer struct {
	s      *S3
	owner  string
	enc    *encoder
	buf    *bufio.Writer
	line   []byte
	file   *s3File // nil: the next Append begins one
	failed error   // of a Sync: what was appended may be lost
	closed bool
}

// s3File is an object to be.
type s3File struct {
	name  string // as in Ref.File
	holds string // of Capture.file
	data  *spill
	idx   bytes.Buffer
	size  int64
}

// Writer implements Store.
func (s *S3) Writer(ctx context.Context, owner string) (Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !ownerForm.MatchString(owner) {
		return nil, fmt.Errorf("evidence: owner %.80q: want 1 to 64 of A-Z a-z 0-9 _ . -", owner)
	}
	return &s3Writer{s: s, owner: owner, enc: newEncoder(), buf: bufio.NewWriterSize(nil, 64<<10)}, nil
}

// Append implements Writer.
func (w *s3Writer) Append(ctx context.Context, c Capture) (Ref, error) {
	if err := w.usable(ctx); err != nil {
		return Ref{}, err
	}
	if err := c.check(); err != nil {
		return Ref{}, err
	}
	to, err := w.s.o.Seal.Recipient(c.key())
	if err != nil {
		return Ref{}, fmt.Errorf("evidence: seal: %w", err)
	}
	if f := w.file; f != nil && (f.size >= w.s.limit || f.holds != c.file()) {
		if err := w.finish(ctx); err != nil {
			return Ref{}, err
		}
	}
	if w.file == nil {
		w.file = &s3File{name: newName(w.owner, c.At, w.s.o.Now()), holds: c.file(), data: &spill{make: w.s.scratch}}
	}
	f := w.file
	ref, err := sealTo(f.data, w.buf, w.enc, &c, to)
	if err == nil {
		ref.File, ref.Offset = f.name, f.size
		w.line, err = appendIdx(w.line[:0], ref)
	}
	if err != nil {
		err = fmt.Errorf("evidence: append to %s: %w", f.name, err)
		if cut := f.data.truncate(f.size); cut != nil {
			w.failed = errors.Join(err, cut)
		}
		return Ref{}, err
	}
	f.idx.Write(w.line)
	f.size += ref.Length
	return ref, nil
}

func (w *s3Writer) usable(ctx context.Context) error {
	switch {
	case w.closed:
		return ErrClosed
	case w.failed != nil:
		return w.failed
	}
	return ctx.Err()
}

// Sync implements Writer.
func (w *s3Writer) Sync(ctx context.Context) error {
	if err := w.usable(ctx); err != nil {
		return err
	}
	return w.finish(ctx)
}

// finish writes the object that was gathered: its data first, so that a line
// never stands for bytes that aren't there.
func (w *s3Writer) finish(ctx context.Context) error {
	f := w.file
	if f == nil {
		return nil
	}
	w.file = nil
	defer f.data.close()
	if f.size == 0 {
		return nil
	}
	err := w.s.put(ctx, f.name, f.data, f.size, "")
	if err == nil {
		err = w.s.put(ctx, idxName(f.name), bytes.NewReader(f.idx.Bytes()), int64(f.idx.Len()), "")
	}
	w.failed = err
	return err
}

// Close implements Writer.
func (w *s3Writer) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	if w.failed != nil {
		if w.file != nil {
			w.file.data.close()
			w.file = nil
		}
		return w.failed
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	return w.finish(ctx)
}

// spillAt is how many bytes of an object to be lie in memory; more go to a file.
const spillAt = 256 << 10

// spill is what is written to it, in memory or in a file without a name.
type spill struct {
	make func() (*os.File, error)
	mem  []byte
	file *os.File // nil: all is in mem
	size int64
}

func (s *spill) Write(p []byte) (int, error) {
	if s.file == nil {
		if len(s.mem)+len(p) <= spillAt {
			s.mem = append(s.mem, p...)
			s.size += int64(len(p))
			return len(p), nil
		}
		f, err := s.make()
		if err != nil {
			return 0, err
		}
		if _, err := f.WriteAt(s.mem, 0); err != nil {
			return 0, errors.Join(err, f.Close())
		}
		s.file, s.mem = f, nil
	}
	n, err := s.file.WriteAt(p, s.size)
	s.size += int64(n)
	return n, err
}

// ReadAt implements io.ReaderAt.
func (s *spill) ReadAt(p []byte, off int64) (int, error) {
	if s.file != nil {
		return s.file.ReadAt(p, off)
	}
	if off >= int64(len(s.mem)) {
		return 0, io.EOF
	}
	n := copy(p, s.mem[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (s *spill) truncate(size int64) error {
	s.size = size
	if s.file != nil {
		return s.file.Truncate(size)
	}
	s.mem = s.mem[:size]
	return nil
}

func (s *spill) close() {
	if s.file != nil {
		_ = s.file.Close() // it has no name: nothing of it stays
	}
}
