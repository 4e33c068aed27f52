package evidence

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"
)

// dirWriter appends to one file after another.
type dirWriter struct {
	dir    *Dir
	owner  string
	enc    *encoder
	buf    *bufio.Writer // in front of the file: age writes small pieces too
	line   []byte
	file   *dirFile // nil: the next Append makes one
	failed error    // of a Sync: what was appended may be lost
	closed bool
}

// dirFile is a file being written.
type dirFile struct {
	name  string // as in Ref.File
	holds string // what its captures have in common
	data  handle
	idx   handle
	size  int64 // of what is whole
	lines int64 // bytes of the .idx that are whole
	dirty bool  // not synced
}

func newDirWriter(d *Dir, owner string) *dirWriter {
	return &dirWriter{dir: d, owner: owner, enc: newEncoder(), buf: bufio.NewWriterSize(nil, 128<<10)}
}

// Append implements Writer.
func (w *dirWriter) Append(ctx context.Context, c Capture) (Ref, error) {
	if err := w.usable(ctx); err != nil {
		return Ref{}, err
	}
	if err := c.check(); err != nil {
		return Ref{}, err
	}
	to, err := w.dir.seal.Recipient(c.key())
	if err != nil {
		return Ref{}, fmt.Errorf("evidence: seal: %w", err)
	}
	if err := w.ready(&c); err != nil {
		if w.failed != nil {
			return Ref{}, w.failed
		}
		return Ref{}, fmt.Errorf("evidence: %w", err)
	}
	ref, err := w.write(&c, to)
	if err != nil {
		return Ref{}, fmt.Errorf("evidence: append to %s: %w", w.cutBack(), err)
	}
	return ref, nil
}

func (w *dirWriter) usable(ctx context.Context) error {
	switch {
	case w.closed:
		return ErrClosed
	case w.failed != nil:
		return w.failed
	}
	return ctx.Err()
}

// ready sees to a file that takes the capture.
func (w *dirWriter) ready(c *Capture) error {
	if f := w.file; f != nil && (f.size >= w.dir.limit || f.holds != c.file()) {
		if err := w.giveUp(); err != nil {
			return err
		}
	}
	if f := w.file; f != nil {
		// Somebody who took this writer for dead may have cut the file: what is
		// appended behind a hole could never be read.
		if info, err := f.data.Stat(); err != nil {
			return err
		} else if info.Size() != f.size {
			w.failed = fmt.Errorf("evidence: %s: %w: %d bytes instead of %d; another process changed it", f.name, ErrDamaged, info.Size(), f.size)
			return w.failed
		}
		return nil
	}
	for range 10 {
		f, err := w.dir.newFile(w.owner, c)
		if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
			continue // the name is taken, or Recover saw it before the lock did
		}
		w.file = f
		return err
	}
	return errors.New("no new file could be made in ten tries")
}

// newFile makes data and .idx file, locks the former and makes their names
// durable. With an error nothing is left.
func (d *Dir) newFile(owner string, c *Capture) (_ *dirFile, err error) {
	f := &dirFile{name: newName(owner, c.At, d.now()), holds: c.file()}
	path := filepath.Join(d.dir, filepath.FromSlash(f.name))
	idx := filepath.Join(d.dir, filepath.FromSlash(idxName(f.name)))
	if err := mkdirs(filepath.Dir(path)); err != nil {
		return nil, err
	}
	if f.data, err = d.open(path); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
			os.Remove(idx) // of an empty file the next Recover would do it
			os.Remove(path)
		}
	}()
	if ok, err := tryLock(f.data.Fd()); err != nil {
		return nil, err
	} else if !ok {
		return nil, fs.ErrExist
	}
	// Recover removes empty files under the lock: is it still there?
	if there, err := os.Stat(path); err != nil {
		return nil, err
	} else if mine, err := f.data.Stat(); err != nil || !os.SameFile(there, mine) {
		return nil, errors.Join(fs.ErrNotExist, err)
	}
	if f.idx, err = d.open(idx); err != nil {
		return nil, err
	}
	return f, syncDir(filepath.Dir(path))
}

func (f *dirFile) close() error {
	var err error
	if f.idx != nil {
		err = f.idx.Close()
	}
	return errors.Join(err, f.data.Close())
}

// write seals the capture to the end of the file, then writes its line.
func (w *dirWriter) write(c *Capture, to age.Recipient) (Ref, error) {
	f := w.file
	f.dirty = true
	ref, err := sealTo(io.NewOffsetWriter(f.data, f.size), w.buf, w.enc, c, to)
	if err != nil {
		return Ref{}, err
	}
	ref.File, ref.Offset = f.name, f.size
	if w.line, err = appendIdx(w.line[:0], ref); err != nil {
		return Ref{}, err
	}
	if _, err := f.idx.WriteAt(w.line, f.lines); err != nil {
		return Ref{}, err
	}
	f.size += ref.Length
	f.lines += int64(len(w.line))
	return ref, nil
}

// sealTo writes a capture sealed. The Ref has all but its place.
func sealTo(dst io.Writer, buf *bufio.Writer, enc *encoder, c *Capture, to age.Recipient) (Ref, error) {
	sealed := &countingHash{w: dst, hash: sha256.New()}
	buf.Reset(sealed)
	seal, err := age.Encrypt(buf, to)
	if err != nil {
		return Ref{}, err
	}
	plain := sha256.New()
	if err := enc.encode(io.MultiWriter(plain, seal), c); err != nil {
		return Ref{}, err
	}
	if err := seal.Close(); err != nil {
		return Ref{}, err
	}
	if err := buf.Flush(); err != nil {
		return Ref{}, err
	}
	return Ref{Digest: hex.EncodeToString(plain.Sum(nil)), SealedDigest: hex.EncodeToString(sealed.hash.Sum(nil)),
		Length: sealed.n, Kind: c.Kind, URL: c.URL, At: c.At.UTC()}, nil
}

// countingHash hashes and counts what it passes on.
type countingHash struct {
	w    io.Writer
	hash hash.Hash
	n    int64
}

func (c *countingHash) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.hash.Write(p[:n])
	c.n += int64(n)
	return n, err
}

// cutBack removes what a failed write left and returns the name of the file. If
// that can't be done the file is given up: its tail is for Recover, and the next
// capture goes to a new one.
func (w *dirWriter) cutBack() string {
	f := w.file
	if err := errors.Join(f.data.Truncate(f.size), f.idx.Truncate(f.lines)); err != nil {
		// What stands in front of the tail is whole and may be committed once synced.
		if err := w.giveUp(); err != nil {
			w.failed = err
		}
	}
	return f.name
}

// Sync implements Writer.
func (w *dirWriter) Sync(ctx context.Context) error {
	if err := w.usable(ctx); err != nil {
		return err
	}
	if w.file == nil {
		return nil
	}
	return w.sync(w.file)
}

// sync flushes data first, so that a line never stands for bytes that aren't there.
func (w *dirWriter) sync(f *dirFile) error {
	if !f.dirty {
		return nil
	}
	for _, h := range []handle{f.data, f.idx} {
		if err := h.Sync(); err != nil {
			// The kernel may have dropped the pages: a second fsync would lie.
			w.failed = fmt.Errorf("evidence: sync %s: %w", f.name, err)
			return w.failed
		}
	}
	f.dirty = false
	return nil
}

// giveUp syncs and closes the present file; one that holds nothing goes.
func (w *dirWriter) giveUp() error {
	f := w.file
	if f == nil {
		return nil
	}
	w.file = nil
	if f.size == 0 {
		path := filepath.Join(w.dir.dir, filepath.FromSlash(f.name))
		idx := filepath.Join(w.dir.dir, filepath.FromSlash(idxName(f.name)))
		return errors.Join(os.Remove(idx), os.Remove(path), f.close())
	}
	return errors.Join(w.sync(f), f.close())
}

// Close implements Writer.
func (w *dirWriter) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	if w.failed != nil && w.file != nil {
		err := w.file.close()
		w.file = nil
		return errors.Join(w.failed, err)
	}
	return errors.Join(w.failed, w.giveUp())
}
