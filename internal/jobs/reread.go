package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"resumewatch/crawlers/archive"
	"resumewatch/crawlers/forum"
	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/market"
)

// Mark names what readings are made with just now: the extractor's version and, once
// they were changed, the keys that people are counted by.
func (w *Workshop) Mark() string {
	if w.Blind == nil {
		return w.Extractor.Version()
	}
	return w.Extractor.Version() + w.Blind.Mark()
}

// maxPlain bounds what is read of one record of a capture, in bytes.
const maxPlain = 64 << 20

// Rereader reads captures anew that were opened. It needs of the workshop the book,
// the extractor, and the keys of fingerprints, texts and people. One goroutine uses it.
type Rereader struct {
	w        *Workshop
	run      int64
	archives map[string][]imported // by digest of the file; nil: not loaded yet
	sources  map[string]casebook.Source
}

// imported is an archive and its chunks, in file order.
type imported struct {
	id     string
	doc    Archive
	chunks []archive.Chunk
}

// Rereader counts for a run.
func (w *Workshop) Rereader(run int64) *Rereader {
	return &Rereader{w: w, run: run, sources: map[string]casebook.Source{}}
}

// Capture reads one capture, given plain, and commits what is found. Doing it twice
// changes nothing.
func (r *Rereader) Capture(ctx context.Context, c casebook.Capture, plain io.Reader) error {
	mark := r.w.Mark()
	l := casebook.Learnt{
		Run: r.run, Source: c.Source, At: r.w.Now(), Outcome: market.OutcomeNew, Extractor: mark, Again: mark != r.w.Extractor.Version(),
		Past: &casebook.Past{Capture: c.Digest, At: c.At}, Device: r.w.Info.Host,
	}
	records := evidence.NewReader(plain)
	var block []byte // of the stretch whose note comes next
	for {
		rec, err := records.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		text, err := io.ReadAll(io.LimitReader(rec.Block, maxPlain))
		if err != nil {
			return err
		}
		l.Bytes += int64(len(text))
		switch {
		case rec.Type == evidence.TypeResource:
			block, err = text, nil
		case rec.Type == evidence.TypeMetadata && block != nil:
			err = r.stretch(ctx, &l, c, block, text)
			block = nil
		case rec.Type == evidence.TypeResponse:
			err = r.page(ctx, &l, c, rec.Get("WARC-Target-URI"), text)
		}
		var bad *unreadError
		if errors.As(err, &bad) {
			l.Quarantined++
			l.Problems = append(l.Problems, market.Problem{Source: c.Source, File: "capture " + c.Digest, Reason: bad.Error()})
		} else if err != nil {
			return err
		}
	}
	if err := r.w.withoutDropped(ctx, &l, "", nil); err != nil {
		return err
	}
	gain, err := r.w.Book.Commit(ctx, l)
	if err == nil {
		r.w.forget(ctx, gain.Items)
		r.w.visited(Visited{Source: c.Source, What: "capture " + c.Digest[:min(16, len(c.Digest))], Outcome: l.Outcome, Posts: gain.Posts, Listings: gain.Listings})
	}
	return err
}

// unreadError says why a record can't be read again; others of the capture can.
type unreadError struct{ reason string }

func (e *unreadError) Error() string { return e.reason }

// stretch reads a stretch of a chat archive.
func (r *Rereader) stretch(ctx context.Context, l *casebook.Learnt, c casebook.Capture, block, note []byte) error {
	var n struct {
		SHA256 string `json:"file_sha256"`
		Start  int64  `json:"start"`
	}
	if err := json.Unmarshal(note, &n); err != nil {
		return &unreadError{"its note says not what it is a stretch of"}
	}
	from, ok, err := r.archive(ctx, c, n.SHA256)
	if err != nil {
		return err
	}
	if !ok {
		return &unreadError{fmt.Sprintf("it is a stretch of an archive that is not known here (sha256 %.16s…)", n.SHA256)}
	}
	read := chunkReader{w: r.w, archive: from.doc, learnt: l, ordinals: map[string]int{}, plain: plain{wanted: true}}
	if read.chunk, err = from.chunk(ctx, n.Start, block); err != nil {
		return err
	}
	first := len(l.Found)
	if err := read.read(ctx, Stretch{Data: block}); err != nil {
		return err
	}
	if err := read.decided(ctx); err != nil {
		return err
	}
	if err := read.parkIn(ctx, c.Digest, n.Start); err != nil {
		return err
	}
	for i := range l.Found[first:] {
		f := &l.Found[first+i]
		f.Capture, f.Start = c.Digest, read.ends[read.found[i]].start-n.Start
	}
	gone, err := r.w.outdated(ctx, read.plain)
	l.Unlisted = append(l.Unlisted, gone...)
	return err
}

// chunk is how a stretch is read: as the chunk that it was cut from.
func (a imported) chunk(ctx context.Context, start int64, block []byte) (archive.Chunk, error) {
	i, _ := slices.BinarySearchFunc(a.chunks, start, func(c archive.Chunk, at int64) int {
		if c.Offset <= at {
			return -1
		}
		return 1
	})
	if i > 0 && start < a.chunks[i-1].Offset+a.chunks[i-1].Length {
		return archive.Chunk{Offset: start, Length: int64(len(block)), State: a.chunks[i-1].State}, nil
	}
	// Nobody knows the chunk any more: it reads as a small archive.
	s, err := archive.Take(ctx, bytes.NewReader(block), int64(len(block)), "stretch.txt", nil)
	if errors.Is(err, archive.ErrUnreadable) || err == nil && len(s.Chunks) == 0 {
		return archive.Chunk{}, &unreadError{"it can't be read without the chunk that it was cut from"}
	}
	if err != nil {
		return archive.Chunk{}, err
	}
	return archive.Chunk{Offset: start, Length: int64(len(block)), State: s.Chunks[0].State}, nil
}

// archive finds the archive that a capture of a conversation was cut from, set to read
// that conversation alone.
func (r *Rereader) archive(ctx context.Context, c casebook.Capture, digest string) (imported, bool, error) {
	if r.archives == nil {
		if err := r.load(ctx); err != nil {
			return imported{}, false, err
		}
	}
	for _, a := range r.archives[digest] {
		for _, p := range a.doc.Places {
			if "urn:qq:group:"+evidence.EscapeURI(p.ID) != c.URL {
				continue
			}
			a.doc.Places = map[string]Place{"": p}
			return a, true, nil
		}
	}
	return imported{}, false, nil
}

// load reads the archives that were imported, and their chunks.
func (r *Rereader) load(ctx context.Context) error {
	r.archives = map[string][]imported{}
	chunks := map[string][]archive.Chunk{}
	loaded := map[string]bool{}
	var all []imported
	err := r.w.Book.Archives(ctx, func(id, doc string) error {
		a := imported{id: id}
		all = append(all, a)
		return json.Unmarshal([]byte(doc), &all[len(all)-1].doc)
	})
	for _, a := range all {
		if err != nil {
			break
		}
		if loaded[a.doc.Source] {
			continue
		}
		loaded[a.doc.Source] = true
		err = r.w.Book.ChunkPayloads(ctx, a.doc.Source, func(payload string, _ time.Time) error {
			var p ChunkPayload
			err := json.Unmarshal([]byte(payload), &p)
			chunks[p.Archive] = append(chunks[p.Archive], p.Chunk)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("archives that were imported: %w", err)
	}
	for _, a := range all {
		a.chunks = chunks[a.id]
		slices.SortFunc(a.chunks, func(x, y archive.Chunk) int { return int(min(max(x.Offset-y.Offset, -1), 1)) })
		r.archives[a.doc.SHA256] = append(r.archives[a.doc.SHA256], a)
	}
	return nil
}

// page reads a page of a thread.
func (r *Rereader) page(ctx context.Context, l *casebook.Learnt, c casebook.Capture, target string, block []byte) error {
	src, err := r.source(ctx, c.Source)
	if err != nil {
		return err
	}
	page, err := ParsePage(target, block, c.At)
	if err != nil {
		return nil // a redirect, an error page: proof, and nothing to read
	}
	v := visitor{w: r.w, src: src}
	engine, ok := v.engine(page)
	if !ok {
		return nil
	}
	reading, err := engine.Read(page)
	if err != nil {
		return fmt.Errorf("engine %s: %w", engine.Name(), err)
	}
	if reading.Outcome != "" || reading.Kind != forum.KindThread {
		return nil
	}
	key := reading.Canonical
	if key == "" {
		key = engine.Canonical(page.URL)
	}
	if v.page, err = r.w.Book.PageByID(ctx, casebook.PageID(c.Source, key)); errors.Is(err, casebook.ErrNotFound) {
		v.page = casebook.Page{Source: c.Source, Canonical: key}
	} else if err != nil {
		return err
	}
	v.visit.Board = v.page.Board
	v.visit.Thread = v.threadKey(engine, reading)
	if err := v.posts(ctx, reading); err != nil {
		return err
	}
	state := market.PostUnknown
	if v.page.Digest != "" && v.page.Digest == readingDigest(reading) && stands(market.Outcome(v.page.Outcome)) {
		state = market.PostThere // the page still says just this
	}
	for i := range v.learnt.Found {
		v.learnt.Found[i].State, v.learnt.Found[i].Capture = state, c.Digest
	}
	if err := r.w.park(ctx, l, v.doubts, func(_ doubtful, doc *Doubt) error {
		doc.Thread, doc.State, doc.In = v.visit.Thread, state, c.Digest
		return nil
	}); err != nil {
		return err
	}
	l.Sightings = append(l.Sightings, v.learnt.Sightings...)
	l.Found = append(l.Found, v.learnt.Found...)
	l.Unlisted = append(l.Unlisted, v.learnt.Unlisted...)
	return nil
}

// stands reports whether a look found the page there.
func stands(o market.Outcome) bool {
	return o == market.OutcomeNew || o == market.OutcomeChanged || o == market.OutcomeSame
}

func (r *Rereader) source(ctx context.Context, name string) (casebook.Source, error) {
	if s, ok := r.sources[name]; ok {
		return s, nil
	}
	s, err := r.w.Book.FindSource(ctx, name)
	if errors.Is(err, casebook.ErrNotFound) {
		s, err = casebook.Source{Name: name}, nil // removed since
	}
	if err == nil {
		r.sources[name] = s
	}
	return s, err
}
