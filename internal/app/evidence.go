package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
	"resumewatch/internal/privacy"
	"resumewatch/internal/wacz"
)

// EvidenceLine is one capture as `evidence list` prints it. Its keys are frozen.
type EvidenceLine struct {
	File         string `json:"file"`
	Offset       int64  `json:"offset"`
	Length       int64  `json:"length"`
	Digest       string `json:"digest"`
	SealedDigest string `json:"sealed_digest"`
	Kind         string `json:"kind"`
	URL          string `json:"url"`
	At           string `json:"at"`
}

// EvidenceList calls f for the captures that the casebook knows.
func (r *Reader) EvidenceList(ctx context.Context, limit int, f func(EvidenceLine) error) error {
	return r.Book.Captures(ctx, limit, func(c casebook.Capture) error {
		return f(EvidenceLine{c.File, c.Offset, c.Length, c.Digest, c.SealedDigest, c.Kind, c.URL, stamp(c.At)})
	})
}

// OpenEvidence unseals captures into plain WARC files in dir and returns their
// paths. A name is a digest (or its beginning, 8 digits at least) or an evidence
// file, whose captures all go into one WARC.
func (r *Reader) OpenEvidence(ctx context.Context, dir string, identityFiles []string, names []string) ([]string, error) {
	store, ids, err := Evidence(ctx, r.opts, identityFiles...)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	keys, err := keyring(r.opts)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range names {
		refs, target, err := r.refs(ctx, name)
		if err != nil {
			return out, err
		}
		if err := r.noteOpened(ctx, custody.EvidenceOpened, refs); err != nil {
			return out, err
		}
		path := filepath.Join(dir, target)
		if err := unseal(ctx, store, ids, keys, refs, path); err != nil {
			return out, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, path)
	}
	return out, nil
}

func unseal(ctx context.Context, store evidence.Store, ids []age.Identity, keys *privacy.Keyring, refs []evidence.Ref, path string) (err error) {
	f, err := newPart(path) // half a WARC is worse than none
	if err != nil {
		return err
	}
	for _, ref := range refs {
		plain, err := openCapture(ctx, store, ref, ids, keys)
		if err == nil {
			_, err = io.Copy(f, plain)
			err = errors.Join(err, plain.Close())
		}
		if err != nil {
			return errors.Join(err, f.drop())
		}
	}
	return f.keep()
}

// refs finds what a name means and what its plain file is called.
func (r *Reader) refs(ctx context.Context, name string) (refs []evidence.Ref, target string, err error) {
	found, target, err := r.named(ctx, name)
	for _, c := range found {
		refs = append(refs, refOf(c))
	}
	return refs, target, err
}

func (r *Reader) named(ctx context.Context, name string) (found []casebook.Capture, target string, err error) {
	digest := strings.ToLower(name)
	isDigest := len(digest) >= 8 && len(digest) <= 64 && strings.Trim(digest, "0123456789abcdef") == ""
	file := r.opts.evidenceFile(name)
	if isDigest {
		found, err = r.Book.CapturesNamed(ctx, digest)
	} else if found, err = r.Book.CapturesIn(ctx, file); err == nil && len(found) == 0 {
		// The name alone will do too: it is unique, but nothing finds it fast.
		err = r.Book.Captures(ctx, 0, func(c casebook.Capture) error {
			if filepath.Base(c.File) == filepath.Base(file) {
				found = append(found, c)
			}
			return nil
		})
	}
	if err != nil {
		return nil, "", err
	}
	switch {
	case len(found) == 0:
		if isDigest {
			if err := r.gone(ctx, digest); err != nil {
				return nil, "", err
			}
		}
		return nil, "", fmt.Errorf("%s: no capture of that digest and no evidence file of that name", name)
	case isDigest && len(found) > 1:
		return nil, "", Usagef("%s: %d captures begin so; give more digits", name, len(found))
	case isDigest:
		return found, found[0].Digest + ".warc.gz", nil
	}
	return found, strings.TrimSuffix(filepath.Base(found[0].File), ".age"), nil
}

// VerifyEvidence checks the whole store: every capture's bytes, and that the
// casebook and the files tell the same.
func (r *Reader) VerifyEvidence(ctx context.Context, identityFiles []string) (evidence.Report, error) {
	store, ids, err := Evidence(ctx, r.opts, identityFiles...)
	if err != nil {
		return evidence.Report{}, err
	}
	report, err := evidence.VerifyStore(ctx, store, ids)
	if err != nil {
		return report, err
	}
	doomed, err := r.verifyDropped(ctx, &report)
	if err != nil {
		return report, err
	}
	known, missing := 0, 0
	files := walkFiles(ctx, store)
	defer files.stop()
	err = r.Book.Captures(ctx, 0, func(c casebook.Capture) error {
		known++
		ref, ok, err := files.find(c.File, c.Offset)
		if err != nil {
			return err
		}
		if ok && ref.Digest == c.Digest && ref.SealedDigest == c.SealedDigest && ref.Length == c.Length {
			return nil
		}
		if _, going := doomed[c.File]; going {
			return nil
		}
		missing++
		report.Checked = append(report.Checked, evidence.Check{What: "capture " + c.Digest, Detail: fmt.Sprintf("the casebook knows it at %s:%d, the files don't", c.File, c.Offset)})
		return nil
	})
	if err != nil {
		return report, err
	}
	report.Checked = append(report.Checked, evidence.Check{What: "casebook", OK: missing == 0, Detail: fmt.Sprintf("%d captures known, %d not in the files", known, missing)})
	report.OK = report.OK && missing == 0
	if err := r.verifyErasures(&report); err != nil {
		return report, err
	}
	return report, r.verifyLog(ctx, &report)
}

// fileWalk goes through the captures in the files beside a list in the same order:
// there may be millions of them.
type fileWalk struct {
	next func() (evidence.Ref, error, bool)
	stop func()
	ref  evidence.Ref // the one in hand
	some bool         // there is one
	err  error
}

func walkFiles(ctx context.Context, store evidence.Store) *fileWalk {
	w := &fileWalk{}
	w.next, w.stop = iter.Pull2(func(yield func(evidence.Ref, error) bool) {
		enough := errors.New("enough")
		err := store.Walk(ctx, func(ref evidence.Ref) error {
			if !yield(ref, nil) {
				return enough
			}
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			yield(evidence.Ref{}, err)
		}
	})
	w.step()
	return w
}

func (w *fileWalk) step() {
	w.ref, w.err, w.some = w.next()
}

// find is the capture that begins at a place; what is asked for must be asked in
// the order of files and offsets.
func (w *fileWalk) find(file string, offset int64) (evidence.Ref, bool, error) {
	for w.some && w.err == nil && (w.ref.File < file || w.ref.File == file && w.ref.Offset < offset) {
		w.step()
	}
	return w.ref, w.some && w.ref.File == file && w.ref.Offset == offset, w.err
}

// VerifyFile checks a plain WARC file, a WACZ package or a receipt of the custody log. o says where the keys of
// this installation are; without its Config nothing of it is asked.
func VerifyFile(ctx context.Context, o Options, path string) (evidence.Report, error) {
	// To open a pipe waits for who writes into it, and Ctrl-C doesn't reach that.
	if info, err := os.Stat(path); err != nil {
		return evidence.Report{}, err
	} else if !info.Mode().IsRegular() {
		return evidence.Report{}, fmt.Errorf("%s is no file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return evidence.Report{}, err
	}
	defer f.Close()
	head := make([]byte, 4)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return evidence.Report{}, err
	}
	if wacz.Is(head[:n]) || strings.HasSuffix(path, ".wacz") {
		return verifyPackage(ctx, f, o)
	}
	if isReceipt(head[:n]) {
		return verifyReceipt(f, o)
	}
	return evidence.Verify(ctx, f)
}

// Reindex compares the index with the casebook and mends it unless check is set.
func Reindex(ctx context.Context, o Options, check bool) (found jobs.Difference, err error) {
	if o.scaled() {
		return reindexShared(ctx, o, check)
	}
	s, err := Open(ctx, o)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.rt == nil {
		return found, fmt.Errorf("another process works on %s and keeps the index; stop it first", o.Data)
	}
	return s.rt.dispatcher.Reindex(ctx, check)
}

// reindexShared needs nobody to stop: documents have versions.
func reindexShared(ctx context.Context, o Options, check bool) (found jobs.Difference, err error) {
	book, err := openBookReader(ctx, o)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	to := rebuilding
	if check {
		to = reading
	}
	store, err := openIndex(ctx, o, to, nil)
	if err != nil {
		return found, err
	}
	w := jobs.Workshop{Book: book, Index: store, Log: o.Log}
	found, err = w.Reindex(ctx, check)
	return found, errors.Join(err, store.Close())
}
