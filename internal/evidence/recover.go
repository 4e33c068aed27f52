package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Recover implements Store.
func (d *Dir) Recover(ctx context.Context, known func(file string) int64, live func(file string) bool) (Recovered, error) {
	var done Recovered
	files, err := d.files(sealedSuffix)
	if err != nil {
		return done, err
	}
	lines, err := d.files(idxSuffix)
	if err != nil {
		return done, err
	}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		if live(file) {
			continue
		}
		if err := d.recoverFile(file, known, &done); err != nil {
			return done, fmt.Errorf("evidence: recover %s: %w", file, err)
		}
	}
	return done, d.recoverLoneIdx(ctx, lines, known, live, &done)
}

func (d *Dir) recoverFile(file string, known func(string) int64, done *Recovered) error {
	path := filepath.Join(d.dir, filepath.FromSlash(file))
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if ok, err := tryLock(f.Fd()); err != nil || !ok {
		return err // somebody writes it
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size, end := info.Size(), known(file)
	done.Files++
	switch {
	case end < 0 || size < end:
		done.damaged(file, "%d bytes; the casebook knows captures up to byte %d", size, end)
		return nil
	case end == 0:
		idx := filepath.Join(d.dir, filepath.FromSlash(idxName(file)))
		if err := os.Remove(idx); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		done.Removed++
		done.Bytes += size
		return syncDir(filepath.Dir(path))
	case size > end:
		if err := errors.Join(f.Truncate(end), f.Sync()); err != nil {
			return err
		}
		done.Cut++
		done.Bytes += size - end
	}
	return d.trimIdx(file, end, done)
}

// trimIdx cuts the lines, whole or torn, of what lies behind end.
func (d *Dir) trimIdx(file string, end int64, done *Recovered) error {
	f, err := os.OpenFile(filepath.Join(d.dir, filepath.FromSlash(idxName(file))), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		done.damaged(file, "%s is missing", idxName(file))
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if last, err := lastIdxEnd(f, size, file); err != nil {
		return err
	} else if last == end {
		return nil // the common case, without reading a million lines
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var keep, covered int64
	_, err = scanIdx(f, file, func(ref Ref, lineEnd int64) error {
		if ref.End() > end {
			return errStopScan
		}
		keep, covered = lineEnd, ref.End()
		return nil
	})
	// A line that can't be read ends what can be used. Behind the end it was torn;
	// in front of it the gap below tells.
	if err != nil && !errors.Is(err, errStopScan) && !errors.Is(err, ErrDamaged) {
		return err
	}
	if covered != end {
		done.damaged(file, "%s lists captures up to byte %d; the casebook knows them up to %d", idxName(file), covered, end)
		return nil
	}
	if keep == size {
		return nil
	}
	return errors.Join(f.Truncate(keep), f.Sync())
}

var errStopScan = errors.New("scan ended")

// lastIdxEnd is the end of the capture of the last line, -1 when that line is
// torn or not to be read alone.
func lastIdxEnd(f io.ReaderAt, size int64, file string) (int64, error) {
	from := max(0, size-maxIdxLine)
	tail := make([]byte, size-from)
	if _, err := f.ReadAt(tail, from); err != nil && err != io.EOF {
		return 0, err
	}
	text, ok := strings.CutSuffix(string(tail), "\n")
	if !ok {
		return -1, nil
	}
	line := text[strings.LastIndexByte(text, '\n')+1:]
	ref, err := parseIdx([]byte(line), file)
	if err != nil {
		return -1, nil // the scan of the whole says what is wrong
	}
	return ref.End(), nil
}

// recoverLoneIdx sees to .idx files without their file: what a kill between two
// removals left, or the trace of a loss.
func (d *Dir) recoverLoneIdx(ctx context.Context, lines []string, known func(string) int64, live func(string) bool, done *Recovered) error {
	for _, idx := range lines {
		if err := ctx.Err(); err != nil {
			return err
		}
		file := strings.TrimSuffix(idx, idxSuffix) + sealedSuffix
		if _, err := os.Lstat(filepath.Join(d.dir, filepath.FromSlash(file))); !errors.Is(err, fs.ErrNotExist) || live(file) {
			continue
		}
		if end := known(file); end != 0 {
			done.damaged(file, "it is missing; the casebook knows captures up to byte %d", end)
			continue
		}
		path := filepath.Join(d.dir, filepath.FromSlash(idx))
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("evidence: recover %s: %w", file, err)
		}
		if err := syncDir(filepath.Dir(path)); err != nil {
			return fmt.Errorf("evidence: recover %s: %w", file, err)
		}
	}
	return nil
}

func (r *Recovered) damaged(file, format string, args ...any) {
	r.Damaged = append(r.Damaged, Damaged{file, fmt.Sprintf(format, args...)})
}
