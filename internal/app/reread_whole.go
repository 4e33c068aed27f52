package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"resumewatch/crawlers/archive"
	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
)

// wholes orders the chunks of an archive that are kept whole, by way of the spool: they
// are sealed again until somebody reads them. all is whether that is the whole archive.
func (r *rereading) wholes(ctx context.Context, a archived) (all bool, err error) {
	kept, err := r.s.Book.Wholes(ctx, a.id)
	if err != nil || len(kept) == 0 {
		return false, err
	}
	if err := r.evidence(ctx); err != nil {
		return false, err
	}
	p := plan{path: a.doc.Path, archive: a.doc, mark: r.shop.Mark(), reread: true, again: r.again()}
	digests := map[int64]string{} // by offset
	for _, w := range kept {
		var c archive.Chunk
		if err := json.Unmarshal([]byte(w.Chunk), &c); err != nil {
			return false, fmt.Errorf("chunk of %s: %w", a.doc.Path, err)
		}
		shut, err := r.shutWhole(ctx, w)
		if err != nil {
			return false, err
		}
		if !shut {
			p.survey.Chunks = append(p.survey.Chunks, c)
			digests[c.Offset] = w.Capture
		}
	}
	p.read = func(ctx context.Context, c archive.Chunk) (jobs.Stretch, error) {
		return r.whole(ctx, digests[c.Offset], c)
	}
	if err := r.s.order(ctx, r.run, p); err != nil {
		return false, err
	}
	offsets := map[int64]bool{}
	err = r.chunksOf(ctx, a, func(c archive.Chunk) { offsets[c.Offset] = true })
	return len(p.survey.Chunks) == len(offsets), err
}

// chunksOf calls f for the chunks that an archive was ordered in.
func (r *rereading) chunksOf(ctx context.Context, a archived, f func(archive.Chunk)) error {
	return r.s.Book.ChunkPayloads(ctx, a.doc.Source, func(payload string, _ time.Time) error {
		var p jobs.ChunkPayload
		err := json.Unmarshal([]byte(payload), &p)
		if err == nil && p.Archive == a.id {
			f(p.Chunk)
		}
		return err
	})
}

// shutWhole reports whether the capture of a chunk can't be opened, and counts it.
func (r *rereading) shutWhole(ctx context.Context, w casebook.Whole) (bool, error) {
	c, err := r.s.Book.CaptureByDigest(ctx, w.Capture)
	if err != nil {
		return true, err
	}
	plain, err := openCapture(ctx, r.store, refOf(c), r.ids, r.keys)
	if err == nil {
		return false, plain.Close()
	}
	if ctx.Err() != nil {
		return true, ctx.Err()
	}
	r.shut(c, err)
	return true, nil
}

// whole opens a chunk that is kept.
func (r *rereading) whole(ctx context.Context, digest string, chunk archive.Chunk) (s jobs.Stretch, err error) {
	c, err := r.s.Book.CaptureByDigest(ctx, digest)
	if err != nil {
		return s, err
	}
	e, err := r.opening(ctx)
	if err != nil {
		return s, err
	}
	e.Captures = []custody.Item{{Digest: c.Digest}}
	plain, err := openCapture(ctx, r.store, refOf(c), r.ids, r.keys)
	if err != nil {
		return s, err
	}
	defer plain.Close()
	if err := r.s.Book.NoteCustody(ctx, e); err != nil {
		return s, err
	}
	records := evidence.NewReader(plain)
	for {
		rec, err := records.Next()
		if errors.Is(err, io.EOF) {
			return s, fmt.Errorf("capture %s holds no stretch of an archive", c.Digest)
		}
		if err != nil {
			return s, fmt.Errorf("capture %s: %w", c.Digest, err)
		}
		if rec.Type != evidence.TypeResource {
			continue
		}
		s.Data, err = io.ReadAll(io.LimitReader(rec.Block, chunk.Length+1))
		return s, err
	}
}
