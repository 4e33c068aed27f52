package evidence

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Dir is the Store in a folder: YYYY/MM/NAME.warc.gz.age with NAME.idx beside it.
type Dir struct {
	dir   string
	seal  Sealer
	now   func() time.Time
	limit int64                             // bytes at which a file ends
	open  func(path string) (handle, error) // creates; a test's may fail later
}

var _ Store = (*Dir)(nil)

// handle is the part of *os.File that a writer needs.
type handle interface {
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
	Stat() (os.FileInfo, error)
	Fd() uintptr
}

// OpenDir opens the folder, making it (0700) when it is absent. now gives the
// time that goes into the names of files, so that they sort by it.
func OpenDir(dir string, seal Sealer, now func() time.Time) (*Dir, error) {
	if err := mkdirs(dir); err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	return &Dir{dir: dir, seal: seal, now: now, limit: MaxFile, open: create}, nil
}

// create makes a file that must not be there yet.
func create(path string) (handle, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

var (
	ownerForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)
	fileForm  = regexp.MustCompile(`^[0-9]{4}/(0[1-9]|1[0-2])/[0-9]{8}T[0-9]{6}Z-[A-Za-z0-9_.-]{1,64}-[A-Z2-7]{8}\.warc\.gz\.age$`)
)

// OwnerOf is the owner that a file was made for, "" when the name isn't one of
// an evidence file.
func OwnerOf(file string) string {
	if !fileForm.MatchString(file) {
		return ""
	}
	name := strings.TrimSuffix(path.Base(file), sealedSuffix)
	return name[len("20060102T150405Z-") : len(name)-len("-ABCDEFGH")]
}

// Writer implements Store.
func (d *Dir) Writer(ctx context.Context, owner string) (Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !ownerForm.MatchString(owner) {
		return nil, fmt.Errorf("evidence: owner %.80q: want 1 to 64 of A-Z a-z 0-9 _ . -", owner)
	}
	return newDirWriter(d, owner), nil
}

// newName is unused with a probability of all but 2^-40 a second and owner; who
// creates it sees if not.
func newName(owner string, at, now time.Time) string {
	return fmt.Sprintf("%s/%s-%s-%s%s", at.UTC().Format("2006/01"), now.UTC().Format("20060102T150405Z"), owner, rand.Text()[:8], sealedSuffix)
}

// path is where a file of a Ref lies. Names come from the casebook and from
// people: nothing but the form of an evidence file is followed.
func (d *Dir) path(file string) (string, error) {
	if !fileForm.MatchString(file) {
		return "", fmt.Errorf("evidence: %.200q is no name of an evidence file", file)
	}
	return filepath.Join(d.dir, filepath.FromSlash(file)), nil
}

// Read implements Store.
func (d *Dir) Read(ctx context.Context, ref Ref) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	name, err := d.path(ref.File)
	if err != nil {
		return nil, err
	}
	if ref.Offset < 0 || ref.Length <= 0 || ref.End() < 0 {
		return nil, fmt.Errorf("evidence: %s: offset %d, length %d", ref.File, ref.Offset, ref.Length)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.Size() < ref.End() {
		err = fmt.Errorf("%s: %w: %d bytes, a capture should end at %d", ref.File, ErrDamaged, info.Size(), ref.End())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("evidence: %w", err), f.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{&ctxReader{ctx, io.NewSectionReader(f, ref.Offset, ref.Length)}, f}, nil
}

// Remove implements Store. The .idx goes first: what no line lists is a tail for Recover.
func (d *Dir) Remove(ctx context.Context, file string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name, err := d.path(file)
	if err != nil {
		return err
	}
	for _, path := range []string{filepath.Join(d.dir, filepath.FromSlash(idxName(file))), name} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("evidence: remove: %w", err)
		}
	}
	// Also when both were absent: who removed them may have been killed before this.
	if err := syncDir(filepath.Dir(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("evidence: remove: %w", err)
	}
	return nil
}

// Size is the number of bytes of a file; evidence verify holds the .idx against it.
func (d *Dir) Size(ctx context.Context, file string) (int64, error) {
	name, err := d.path(file)
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(name)
	if err != nil {
		return 0, fmt.Errorf("evidence: %w", err)
	}
	return info.Size(), ctx.Err()
}

// Walk implements Store.
func (d *Dir) Walk(ctx context.Context, fn func(Ref) error) error {
	files, err := d.files(idxSuffix)
	if err != nil {
		return err
	}
	for _, idx := range files {
		if err := d.walkFile(ctx, strings.TrimSuffix(idx, idxSuffix)+sealedSuffix, fn); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (d *Dir) walkFile(ctx context.Context, file string, fn func(Ref) error) error {
	f, err := os.Open(filepath.Join(d.dir, filepath.FromSlash(idxName(file))))
	if errors.Is(err, fs.ErrNotExist) { // removed meanwhile
		return nil
	}
	if err != nil {
		return fmt.Errorf("evidence: %w", err)
	}
	defer f.Close()
	var stopped error
	_, err = scanIdx(f, file, func(ref Ref, _ int64) error {
		if stopped = ctx.Err(); stopped == nil {
			stopped = fn(ref)
		}
		return stopped
	})
	if stopped != nil {
		return stopped
	}
	if err != nil {
		return fmt.Errorf("evidence: %w", err)
	}
	return nil
}

// files lists, sorted, the files of one of the two suffixes whose name is in
// the form of an evidence file, slash-separated.
func (d *Dir) files(suffix string) ([]string, error) {
	months, err := filepath.Glob(filepath.Join(d.dir, "[0-9][0-9][0-9][0-9]", "[0-9][0-9]"))
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	var out []string
	for _, month := range months {
		entries, err := os.ReadDir(month)
		if err != nil {
			return nil, fmt.Errorf("evidence: %w", err)
		}
		rel := filepath.Base(filepath.Dir(month)) + "/" + filepath.Base(month) + "/"
		for _, e := range entries {
			base, ok := strings.CutSuffix(e.Name(), suffix)
			if ok && fileForm.MatchString(rel+base+sealedSuffix) && e.Type().IsRegular() {
				out = append(out, rel+e.Name())
			}
		}
	}
	return out, nil
}

// mkdirs makes a folder and those above it, each durable in its parent.
func mkdirs(dir string) error {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("%s is no folder", dir)
		}
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := mkdirs(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(parent)
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
