package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"resumewatch/crawlers/archive"
	"resumewatch/internal/casebook"
	"resumewatch/internal/jobs"
	"resumewatch/internal/spool"
)

// orderLot is how many chunks are ordered in one transaction. Where their bytes
// are parked, fewer wait for each other.
const (
	orderLot   = 200
	spooledLot = 8
)

// order writes the chunks of a file into the casebook. Interrupted, it can be
// done again from the beginning.
func (s *Session) order(ctx context.Context, run int64, p plan) error {
	a := p.archive
	settings := a
	settings.Path, settings.SHA256 = "", "" // chunks of a file that has grown or moved stay the same
	how, err := json.Marshal(settings)
	if err != nil {
		return fmt.Errorf("settings of %s: %w", p.path, err)
	}
	o := ordering{s: s, run: run, plan: p, id: hashID("archive", string(how), a.SHA256), lot: orderLot}
	switch {
	case p.read != nil:
		o.lot, o.parked = spooledLot, true
	case s.opts.scaled():
		if rel, ok := below(s.opts.Config.Archives.Root, a.Path); ok {
			a.Path = rel
		} else {
			o.lot, o.parked = spooledLot, true
		}
	}
	err = s.again(ctx, func() error {
		var err error
		if !p.reread {
			err = s.Book.PutSource(ctx, casebook.Source{
				Name: a.Source, Kind: "archive", URL: "file:" + jobs.Clean(filepath.Base(a.Path)), State: casebook.SourceActive,
				Settings: casebook.SourceSettings{Authority: p.authority},
			}, s.Now())
		}
		return errors.Join(err, s.Book.PutArchive(ctx, o.id, a))
	})
	if err != nil {
		return err
	}
	if err := s.Book.Note(ctx, run, "", int64(p.survey.Quarantined), withFile(p.survey.Problems, a.Source, p.path)); err != nil {
		return err
	}
	key := hashID("chunks", string(how), p.mark)
	generation := ""
	if err := s.again(ctx, func() error {
		var err error
		generation, err = s.generation(ctx)
		return err
	}); err != nil {
		return err
	}
	if generation != "" {
		key = hashID(key, generation)
	}
	if p.keep != 0 { // what was read without being kept is read again
		key = hashID(key, casebook.KeepKey(p.keep))
	}
	for chunks := range slices.Chunk(p.survey.Chunks, o.lot) {
		ids := make([]string, len(chunks))
		for i, c := range chunks {
			// A chunk is known by all bytes up to its end: they decide what it means.
			key = hashID(key, strconv.FormatInt(c.Offset, 10), c.SHA256)
			ids[i] = key
		}
		if err := o.add(ctx, chunks, ids); err != nil {
			return err
		}
	}
	return nil
}

// ordering is one file being ordered.
type ordering struct {
	s      *Session
	run    int64
	plan   plan
	id     string // of the archive
	lot    int
	parked bool         // chunks go through the spool: workers can't read the file by its path
	spool  *spool.Spool // opened when it is first needed
}

func (o *ordering) add(ctx context.Context, chunks []archive.Chunk, ids []string) error {
	if o.parked {
		if err := o.park(ctx, chunks, ids); err != nil {
			return err
		}
	}
	rows := make([]casebook.Work, len(chunks))
	for i, c := range chunks {
		payload, err := json.Marshal(jobs.ChunkPayload{Archive: o.id, Chunk: c, Spooled: o.parked, Again: o.plan.again, Keep: o.plan.keep})
		if err != nil {
			return fmt.Errorf("chunk of %s: %w", o.plan.path, err)
		}
		rows[i] = casebook.Work{ID: ids[i], Source: o.plan.archive.Source, Payload: payload}
	}
	_, _, err := o.s.Book.AddChunks(ctx, o.run, rows, o.s.Now())
	return err
}

// park puts the bytes of chunks that are not done yet into the spool.
func (o *ordering) park(ctx context.Context, chunks []archive.Chunk, ids []string) (err error) {
	done, err := o.s.Book.DoneChunks(ctx, ids)
	if err != nil || len(done) == len(ids) {
		return err
	}
	if o.spool == nil {
		keys, err := keyring(o.s.opts)
		if err != nil {
			return err
		}
		if o.spool, err = openSpool(o.s.opts, keys, o.s.Now); err != nil {
			return err
		}
	}
	read := o.plan.read
	if read == nil {
		f, err := os.Open(o.plan.path)
		if err != nil {
			return fmt.Errorf("%s: %s", o.plan.path, plainFSError(err))
		}
		defer f.Close()
		read = func(_ context.Context, c archive.Chunk) (jobs.Stretch, error) { return jobs.ReadStretch(f, c) }
	}
	for i, c := range chunks {
		if done[ids[i]] {
			continue
		}
		s, err := read(ctx, c)
		if errors.Is(err, io.EOF) { // shorter by now: whoever reads it says so
			s, err = jobs.Stretch{}, nil
		}
		if err != nil {
			return fmt.Errorf("%s: %s", o.plan.path, plainFSError(err))
		}
		if err := park(ctx, o.spool, ids[i], s.Park()); err != nil {
			return err
		}
	}
	return nil
}

// below gives a path as it is seen from a root, if it lies below it.
func below(root, path string) (string, bool) {
	if root == "" {
		return "", false
	}
	if target, err := filepath.EvalSymlinks(root); err == nil {
		root = target
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return "", false
	}
	rel, err := filepath.Rel(root, path)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return rel, true
}

// again does something that may be done twice until it succeeds, as long as one
// who waits for shared servers bears with them.
func (s *Session) again(ctx context.Context, do func() error) error {
	for since, pause := time.Now(), time.Second; ; pause = min(2*pause, 10*time.Second) {
		err := do()
		if err == nil || ctx.Err() != nil || !s.opts.scaled() || time.Since(since) > patience {
			return err
		}
		s.opts.Log.Warn("the casebook doesn't answer; trying again", "err", err)
		if err := rest(ctx, pause); err != nil {
			return err
		}
	}
}

// rest waits a while, or returns the error of ctx when that ends first.
func rest(ctx context.Context, span time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(span):
		return nil
	}
}
