package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// partPrefix begins the name of a file that isn't whole yet.
const partPrefix = ".part-resumewatch-"

// part is a file that gets its name once it is whole. Who holds it has it locked: what
// a killed process left is known by its lock, which is free.
type part struct {
	*os.File
	target string
}

// newPart makes one (0600) beside its target, and removes those that killed
// processes left in that folder: they may hold what is sealed elsewhere.
func newPart(target string) (*part, error) {
	dir := filepath.Dir(target)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := sweepParts(dir); err != nil {
		return nil, err
	}
	for {
		f, err := os.CreateTemp(dir, partPrefix+"*")
		if err != nil {
			return nil, err
		}
		mine, err := takePart(f)
		if err != nil {
			return nil, errors.Join(err, os.Remove(f.Name()), f.Close())
		}
		if mine {
			return &part{f, target}, nil
		}
		if err := f.Close(); err != nil { // somebody swept it away before it was locked
			return nil, err
		}
	}
}

// takePart locks a file, if nobody has it and it is still there.
func takePart(f *os.File) (ok bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return false, nil
	case errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.ENOLCK), errors.Is(err, syscall.EINVAL):
		return true, nil // a file system without locks: see sweepParts
	case err != nil:
		return false, err
	}
	there, err := os.Lstat(f.Name())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	here, err := f.Stat()
	return err == nil && os.SameFile(there, here), err
}

// sweepParts removes parts that nobody holds. Where the file system has no locks
// nobody can tell, and they stay.
func sweepParts(dir string) error {
	left, err := filepath.Glob(filepath.Join(escapeGlob(dir), partPrefix+"*"))
	if err != nil {
		return err
	}
	for _, name := range left {
		f, err := os.OpenFile(name, os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
		if err != nil {
			continue // gone, a link, or somebody else's
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			err = os.Remove(name)
		}
		if err := errors.Join(err, f.Close()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// escapeGlob takes the meaning from what filepath.Glob would take for a pattern.
func escapeGlob(dir string) string {
	var out []byte
	for i := range len(dir) {
		switch dir[i] {
		case '*', '?', '[', '\\':
			out = append(out, '\\')
		}
		out = append(out, dir[i])
	}
	return string(out)
}

// keep gives the file its name, in place of what had it.
func (p *part) keep() error {
	err := p.Sync()
	if err == nil {
		err = os.Rename(p.Name(), p.target)
	}
	if err != nil {
		return errors.Join(err, p.drop())
	}
	return p.Close()
}

// drop removes the file.
func (p *part) drop() error { return errors.Join(os.Remove(p.Name()), p.Close()) }
