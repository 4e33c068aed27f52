package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"resumewatch/internal/casebook"
)

const (
	metaEvidence = "evidence.store" // the name that this casebook's evidence bears
	storeIDFile  = "store-id"
)

// matchEvidence makes sure that evidence and casebook belong together, before
// recovery cuts away what the casebook doesn't know of: beside a lost or foreign
// casebook that would be everything. Of processes that start together on a new
// casebook and folder one gives the name; a name is never replaced, since a
// process of the other casebook might be writing under it.
func matchEvidence(ctx context.Context, book *casebook.Book, at place) error {
	// The place is read first: the name comes to be in the casebook before it
	// comes to be here.
	theirs, err := at.Mark(ctx)
	if err != nil {
		return err
	}
	ours, err := book.Meta(ctx, metaEvidence)
	if err != nil {
		return err
	}
	if ours == theirs && ours != "" {
		return nil
	}
	if theirs == "" { // nothing was ever kept here, or somebody took the name away
		holds, err := at.Holds(ctx)
		if err != nil {
			return err
		}
		if holds { // another may have begun between our two looks
			if theirs, err = at.Mark(ctx); err != nil {
				return err
			}
			if ours, err = book.Meta(ctx, metaEvidence); err != nil {
				return err
			}
			if theirs == "" || ours != theirs {
				return foreign(at)
			}
			return nil
		}
	}
	if ours == "" && theirs == "" {
		var b [16]byte
		rand.Read(b[:])
		if ours, err = book.SetMetaOnce(ctx, metaEvidence, hex.EncodeToString(b[:])); err != nil {
			return err
		}
	}
	if theirs == "" {
		if err := at.SetMark(ctx, ours); err != nil {
			return err
		}
		if theirs, err = at.Mark(ctx); err != nil {
			return err
		}
	}
	if ours != theirs {
		return foreign(at)
	}
	return nil
}

func foreign(at place) error {
	return fmt.Errorf("the evidence in %s belongs to another casebook than this one; bring back the casebook it belongs to, or move that evidence away", at)
}

// place is where evidence lies.
type place interface {
	// Mark is the name of the casebook that it belongs to; "" when it has none.
	Mark(ctx context.Context) (string, error)
	// SetMark gives that name, unless there is one.
	SetMark(ctx context.Context, name string) error
	// Holds reports whether there is any sealed file.
	Holds(ctx context.Context) (bool, error)
	fmt.Stringer
}

// dirPlace is a folder.
type dirPlace string

func (d dirPlace) String() string { return string(d) }

func (d dirPlace) Mark(context.Context) (string, error) {
	return readStoreID(filepath.Join(string(d), storeIDFile))
}

func (d dirPlace) SetMark(_ context.Context, name string) error {
	if err := writeStoreID(filepath.Join(string(d), storeIDFile), name); err != nil {
		return fmt.Errorf("evidence: %w", err)
	}
	return nil
}

func (d dirPlace) Holds(context.Context) (bool, error) {
	holds, err := holdsEvidence(string(d))
	if err != nil {
		return false, fmt.Errorf("evidence: %w", err)
	}
	return holds, nil
}

func readStoreID(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("evidence: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// writeStoreID makes the file, whole and on disk, unless there is one.
func writeStoreID(path, id string) (err error) {
	tmp := path + ".new-" + rand.Text()
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(tmp) // linked or not, the second name goes
	_, err = f.WriteString(id + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	err = os.Link(tmp, path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil: // a file system without links: of one casebook all write the same
		if _, statErr := os.Lstat(path); statErr == nil {
			return nil
		}
		if err := os.Rename(tmp, path); err != nil {
			return err
		}
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// holdsEvidence reports whether there is any sealed file.
func holdsEvidence(dir string) (bool, error) {
	found := false
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) && path != dir { // removed meanwhile
				return nil
			}
			return err
		}
		if strings.HasSuffix(path, ".age") && !d.IsDir() {
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found, err
}
