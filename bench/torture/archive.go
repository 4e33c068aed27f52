package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"resumewatch/bench/archivegen/gen"
	"resumewatch/bench/doubtful"
)

const group = "1000012345"

// archive is an import of an invented group archive.
type archive struct{ path string }

func newArchive(dir string, size int64, seed uint64, listings float64, marked bool) (*archive, error) {
	a := &archive{filepath.Join(dir, "archive.txt")}
	err := writeArchive(a.path, gen.Options{Size: size, Seed: seed, Listings: listings})
	if err == nil && marked {
		err = mark(a.path)
	}
	return a, err
}

func writeArchive(path string, o gen.Options) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	if _, err := gen.Chat(w, o); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return inDoubt(f, path)
}

const (
	doubtEvery  = 400      // messages from one in doubt to the next
	doubtWithin = 32 << 20 // bytes of an archive that have any: what waits has its bounds
)

// inDoubt lets some messages of an archive leave the extractor in doubt: they wait in the
// spool, which no kill may lose or fill.
func inDoubt(f *os.File, path string) (err error) {
	texts, err := doubtful.Texts(40)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	head, err := io.ReadAll(io.LimitReader(f, doubtWithin))
	if err != nil {
		return err
	}
	out, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	whole := max(0, bytes.LastIndex(head, []byte("\r\n\r\n"))) // messages
	_, err = out.Write(doubtful.Sprinkle(head[:whole], doubtEvery, texts))
	if err == nil {
		_, err = out.Write(head[whole:])
	}
	if err == nil {
		_, err = io.Copy(out, f)
	}
	return errors.Join(err, out.Close(), os.Rename(out.Name(), path))
}

// writeArchives cuts an archive into files, so that workers have something to
// share. Each third file repeats the one before it and goes on: the same
// messages then come from two workers at once.
func writeArchives(dir string, size int64, seed uint64, listings float64) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "group.yaml"), []byte("id: \""+group+"\"\ntimezone: Asia/Shanghai\n"), 0o600); err != nil {
		return "", err
	}
	for i := range archiveFiles {
		o := gen.Options{Size: size / archiveFiles, Seed: seed<<8 + uint64(i), Listings: listings, Start: time.Date(2025, 1, 5, 8, 0, 0, 0, time.UTC).AddDate(0, i, 0)}
		if i%3 == 2 {
			o.Seed--
			o.Start = o.Start.AddDate(0, -1, 0)
			o.Size += o.Size / 4
		}
		if err := writeArchive(filepath.Join(dir, fmt.Sprintf("%02d.txt", i)), o); err != nil {
			return "", err
		}
	}
	return dir, nil
}

func (a *archive) name() string { return whatImport }

func (a *archive) command() []string {
	return []string{"import", "--group-id", group, a.path}
}

func (a *archive) close() error { return os.Remove(a.path) }
