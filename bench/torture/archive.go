package main

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"

	"resumewatch/bench/archivegen/gen"
)

// archive is an import of an invented group archive.
type archive struct{ path string }

func newArchive(dir string, size int64, seed uint64, listings float64) (_ *archive, err error) {
	a := &archive{filepath.Join(dir, "archive.txt")}
	f, err := os.Create(a.path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	if _, err := gen.Chat(w, gen.Options{Size: size, Seed: seed, Listings: listings}); err != nil {
		return nil, err
	}
	return a, w.Flush()
}

func (a *archive) name() string { return whatImport }

func (a *archive) command() []string {
	return []string{"import", "--group-id", "1000012345", a.path}
}

func (a *archive) close() error { return os.Remove(a.path) }
