package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
	"resumewatch/internal/query"
	"resumewatch/internal/search"
)

// RereadOptions say what to read again.
type RereadOptions struct {
	Names    []string // of sources, captures, evidence files, or archives that were imported
	Since    string   // RFC 3339, a date, or 7d: what was seen or read since then; "": all
	Identity []string // files that open captures
	Web      bool     // visit the known pages of the sources too
	// As for Import.
	Surveyed func(file string, done, size int64)
	Progress func(casebook.Progress)
}

// rereadLot is how many captures are opened for one entry of the custody log.
const rereadLot = 64

// Reread reads with the present extractor what was read before: archives where they
// lie, else what was captured of them, captures of pages and, if that is asked for, the
// pages themselves.
func Reread(ctx context.Context, o Options, in RereadOptions) (Report, error) {
	began := time.Now()
	s, err := Open(ctx, o)
	if err != nil {
		return Report{}, err
	}
	report, err := s.reread(ctx, in, began)
	return report, errors.Join(err, s.Close())
}

func (s *Session) reread(ctx context.Context, in RereadOptions, began time.Time) (report Report, err error) {
	r := rereading{s: s, in: in, archives: map[string][]archived{}}
	if in.Since != "" {
		if r.since, _, err = query.ParseTime(in.Since, s.Now(), search.Zone); err != nil {
			return report, Usagef("--since: %v", err)
		}
	}
	if r.keys, err = keyring(s.opts); err != nil {
		return report, err
	}
	r.shop = &jobs.Workshop{Book: s.Book, Now: s.Now, Log: s.opts.Log, Watch: s.opts.Watch, Info: capturer(s.opts)}
	if err := readingTools(ctx, s.opts, r.shop, r.keys); err != nil {
		return report, err
	}
	sp, err := openSpool(s.opts, r.keys, s.Now)
	if err != nil {
		return report, err
	}
	r.shop.Spool = parked(sp)
	if err := r.load(ctx); err != nil {
		return report, err
	}
	if r.run, err = s.Book.StartRun(ctx, "reread", s.Now()); err != nil {
		return report, err
	}
	r.reader = r.shop.Rereader(r.run)
	for _, name := range in.Names {
		if err := r.name(ctx, name); err != nil {
			return report, err
		}
	}
	if err := r.tellClosed(ctx); err != nil {
		return report, err
	}
	done, err := s.waitPages(ctx, r.run, r.roots, in.Progress)
	report.Summary = casebook.Summarize(done, time.Since(began))
	report.Failed = report.Summary.Visits[market.OutcomeUnreadable]+report.Summary.Visits[market.OutcomeError] > 0
	return report, err
}

// rereading is one call of reread.
type rereading struct {
	s        *Session
	in       RereadOptions
	since    time.Time
	run      int64
	keys     *privacy.Keyring
	shop     *jobs.Workshop // reads what this process opens itself
	reader   *jobs.Rereader
	archives map[string][]archived // by digest of the file
	roots    []string              // pages that are visited, one a source

	store  evidence.Store // nil: no capture was asked for yet
	ids    []age.Identity
	closed map[string]*closed // captures that can't be opened, by why
}

// archived is an archive that was imported before.
type archived struct {
	id  string
	doc jobs.Archive
}

type closed struct {
	err    error
	month  string
	source string
	n      int64
}

// load reads what archives were imported.
func (r *rereading) load(ctx context.Context) error {
	return r.s.Book.Archives(ctx, func(id, doc string) error {
		a := archived{id: id}
		if err := json.Unmarshal([]byte(doc), &a.doc); err != nil {
			return fmt.Errorf("archive %s: %w", id, err)
		}
		r.archives[a.doc.SHA256] = append(r.archives[a.doc.SHA256], a)
		return nil
	})
}

// name reads what a word of the command line means.
func (r *rereading) name(ctx context.Context, name string) error {
	src, err := r.s.Book.FindSource(ctx, name)
	if err == nil {
		return r.source(ctx, src)
	}
	if !errors.Is(err, casebook.ErrNotFound) {
		return err
	}
	if found, ok, err := r.captures(ctx, name); err != nil || ok {
		if err != nil {
			return err
		}
		return r.named(ctx, found)
	}
	if _, err := os.Stat(name); err != nil {
		reason := "no source, capture or evidence file of that name, and no file"
		if !errors.Is(err, fs.ErrNotExist) {
			reason = plainFSError(err)
		}
		return r.problem(ctx, market.Problem{File: name, Reason: reason})
	}
	return r.files(ctx, name)
}

func (r *rereading) problem(ctx context.Context, p market.Problem) error {
	return r.s.Book.Note(ctx, r.run, market.OutcomeUnreadable, 1, []market.Problem{p})
}

// captures are those that a digest or an evidence file means.
func (r *rereading) captures(ctx context.Context, name string) (found []casebook.Capture, ok bool, err error) {
	reader := &Reader{Book: r.s.Book, Now: r.s.Now, opts: r.s.opts}
	refs, _, err := reader.refs(ctx, name)
	var usage *UsageError
	if errors.As(err, &usage) {
		return nil, false, err
	}
	if err != nil {
		return nil, false, nil // it may be a file
	}
	for _, ref := range refs {
		c, err := r.s.Book.CaptureByDigest(ctx, ref.Digest)
		if err != nil {
			return nil, false, err
		}
		found = append(found, c)
	}
	return found, true, nil
}

// named reads captures that somebody asked for. Chunks that are kept whole are read as
// their archive is.
func (r *rereading) named(ctx context.Context, found []casebook.Capture) error {
	var captures []casebook.Capture
	wholes := map[string]bool{} // archives
	for _, c := range found {
		w, err := r.s.Book.WholeOf(ctx, c.Digest)
		if errors.Is(err, casebook.ErrNotFound) {
			captures = append(captures, c)
			continue
		}
		if err != nil {
			return err
		}
		wholes[w.Archive] = true
	}
	for _, same := range r.archives {
		for _, a := range same {
			if !wholes[a.id] {
				continue
			}
			if _, err := r.wholes(ctx, a); err != nil {
				return err
			}
		}
	}
	return r.open(ctx, captures, true)
}

// files reads archives that were imported before.
func (r *rereading) files(ctx context.Context, name string) error {
	files, problems, err := findFiles([]string{name})
	if err != nil {
		return err
	}
	for _, f := range files {
		known, err := r.file(ctx, f.path, "")
		switch {
		case err != nil && ctx.Err() != nil:
			return err
		case err != nil:
			problems = append(problems, market.Problem{File: f.path, Reason: err.Error()})
		case !known:
			problems = append(problems, market.Problem{File: f.path, Reason: "these bytes were never imported here: `resumewatch import` reads them"})
		}
	}
	for _, p := range problems {
		if err := r.problem(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// file orders the chunks of an archive, in each way in which it was imported, or only
// as one of them; known is whether it was imported at all.
func (r *rereading) file(ctx context.Context, path, only string) (known bool, err error) {
	seen, err := survey(ctx, path, r.in.Surveyed)
	if err != nil {
		return false, err
	}
	for _, a := range r.archives[seen.SHA256] {
		if only != "" && a.id != only {
			continue
		}
		doc := a.doc
		doc.Path = path
		if err := r.s.order(ctx, r.run, plan{path: path, survey: seen, archive: doc, mark: r.shop.Mark(), reread: true, again: r.again()}); err != nil {
			return true, err
		}
		known = true
	}
	return known, nil
}

func (r *rereading) again() bool { return r.shop.Mark() != r.shop.Extractor.Version() }

// source reads all that is at hand of a source.
func (r *rereading) source(ctx context.Context, src casebook.Source) error {
	if _, err := r.s.Book.AdoptChunks(ctx, r.run, src.Name); err != nil { // what waits in the spool
		return err
	}
	covered, err := r.sourceFiles(ctx, src.Name)
	if err != nil {
		return err
	}
	if !covered {
		if err := r.sourceCaptures(ctx, src.Name); err != nil {
			return err
		}
	}
	if r.in.Web {
		return r.sourcePages(ctx, src)
	}
	return nil
}

// sourceFiles orders the archives of a source that still lie where they were;
// covered is whether these are all that the source was read from.
func (r *rereading) sourceFiles(ctx context.Context, source string) (covered bool, err error) {
	var mine []archived
	for _, same := range r.archives {
		for _, a := range same {
			if a.doc.Source == source {
				mine = append(mine, a)
			}
		}
	}
	slices.SortFunc(mine, func(a, b archived) int { return strings.Compare(a.id, b.id) })
	covered = len(mine) > 0
	if !r.since.IsZero() && covered {
		if mine, err = r.readSince(ctx, source, mine); err != nil {
			return false, err
		}
	}
	for _, a := range mine {
		path := a.doc.Path
		if !filepath.IsAbs(path) {
			path = filepath.Join(r.s.opts.Config.Archives.Root, path)
		}
		known := false
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			if known, err = r.file(ctx, path, a.id); err != nil {
				if ctx.Err() != nil {
					return false, err
				}
				r.s.opts.Log.Warn("an archive can't be read where it was; its captures are", "file", path, "err", err)
			}
		}
		if !known {
			if known, err = r.wholes(ctx, a); err != nil {
				return false, err
			}
		}
		covered = covered && known
	}
	return covered, nil
}

// readSince leaves out archives of which nothing was read since.
func (r *rereading) readSince(ctx context.Context, source string, all []archived) ([]archived, error) {
	fresh := map[string]bool{}
	err := r.s.Book.ChunkPayloads(ctx, source, func(payload string, read time.Time) error {
		var p jobs.ChunkPayload
		if read.IsZero() || !read.Before(r.since) {
			if err := json.Unmarshal([]byte(payload), &p); err != nil {
				return err
			}
			fresh[p.Archive] = true
		}
		return nil
	})
	return slices.DeleteFunc(all, func(a archived) bool { return !fresh[a.id] }), err
}

// sourcePages asks for every known page of a watched source, as it is now.
func (r *rereading) sourcePages(ctx context.Context, src casebook.Source) error {
	reason := ""
	switch {
	case !src.Watch:
		reason = "it is not watched, so nobody may visit it just so: `resumewatch crawl --again` asks for its pages"
	case src.State != casebook.SourceActive:
		reason = "it is " + src.State + ": its pages are not visited"
	case src.Settings.Authority.Ended(r.s.Now()):
		reason = "the authority to read it ended on " + src.Settings.Authority.Until.Format(time.DateOnly)
	}
	if reason != "" {
		return r.problem(ctx, market.Problem{Source: src.Name, File: src.URL, Reason: reason})
	}
	all, err := r.s.Book.PagesOf(ctx, src.Name, "")
	if err != nil {
		return err
	}
	var pages []casebook.Page
	for _, p := range all {
		if p.VisitedAt.IsZero() || p.VisitedAt.Before(r.since) {
			continue
		}
		p.Mark = nil
		pages = append(pages, p)
	}
	if len(pages) == 0 {
		return nil
	}
	r.roots = append(r.roots, pages[0].ID)
	r.s.visit(r.run, false)
	return r.s.Book.RequestPages(ctx, r.run, pages, true, r.s.Now())
}
