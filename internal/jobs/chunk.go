package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"resumewatch/crawlers/archive"
	"resumewatch/extractors"
	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/market"
	"resumewatch/internal/spool"
)

// Archive is a file that chunks are read from, and how to read it.
type Archive struct {
	Path        string           `json:"path"` // absolute, or below the root of archives that every worker sees
	SHA256      string           `json:"sha256"`
	Format      string           `json:"format"`
	Source      string           `json:"source"`
	Places      map[string]Place `json:"places"` // by conversation; "" is any other
	Zone        string           `json:"zone"`   // IANA name
	ZoneAssumed bool             `json:"zone_assumed,omitempty"`
	Year        int              `json:"year,omitempty"`
}

// Place is the place of one conversation.
type Place struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	Assumed bool   `json:"assumed,omitempty"`
}

// ChunkPayload is the payload of a chunk's row.
type ChunkPayload struct {
	Archive string        `json:"archive"`
	Chunk   archive.Chunk `json:"chunk"`
	Spooled bool          `json:"spooled,omitempty"` // its bytes are parked in the spool under the row's id
	Keep    int64         `json:"keep,omitempty"`    // number of the case that it is kept whole for; 0: none
	Again   bool          `json:"again,omitempty"`   // what the same version of the extractor read is read again too
}

// Spool is where chunks wait that workers can't read by their path, and posts that
// a person has to look at.
type Spool interface {
	Put(ctx context.Context, id string, data []byte) error
	Keep(ctx context.Context, id string, data []byte) error
	Get(ctx context.Context, id string) ([]byte, error)
	Drop(ctx context.Context, id string) error
}

// context posts kept around a listing in a chat, before and after.
const around = 3

// Chunk handles one chunk of an archive.
func (w *Workshop) Chunk(ctx context.Context, task string, _ []byte) error {
	select { // before the claim: a chunk that waits for memory must not hold a lease
	case w.reading <- struct{}{}:
		defer func() { <-w.reading }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return w.handle(ctx, task, w.chunk)
}

func (w *Workshop) chunk(ctx context.Context, row casebook.Work, claim casebook.Claim) error {
	var p ChunkPayload
	if err := json.Unmarshal(row.Payload, &p); err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	var a Archive
	if err := w.Book.Archive(ctx, p.Archive, &a); err != nil {
		return err
	}
	learnt := casebook.Learnt{Work: claim, Run: row.Run, Source: row.Source, At: w.Now(), Outcome: market.OutcomeNew, Bytes: p.Chunk.Length,
		Extractor: w.Extractor.Version(), Again: p.Again}
	stretch, err := w.chunkBytes(ctx, row.ID, a, p)
	switch n := w.failed.of(row.ID); {
	case err == nil && n >= maxFailures:
		err = fmt.Errorf("given up after %d failures; the log has their cause", n)
	case err != nil && n < maxFailures && !unreadable(err):
		return err // a disk or a network that may be well again
	}
	if err != nil {
		learnt.Outcome, learnt.Reason, learnt.Quarantined = market.OutcomeUnreadable, err.Error(), 1
		learnt.Bytes = 0
		learnt.Problems = []market.Problem{{Source: row.Source, File: a.Path, Byte: p.Chunk.Offset, Reason: err.Error()}}
		return w.commitChunk(ctx, learnt, nil, nil, a, p)
	}
	src, err := w.Book.FindSource(ctx, row.Source)
	if err != nil && !errors.Is(err, casebook.ErrNotFound) {
		return err
	}
	c := chunkReader{w: w, archive: a, chunk: p.Chunk, authority: src.Settings.Authority, learnt: &learnt, ordinals: map[string]int{}}
	if c.plain.wanted, err = w.readBefore(ctx); err != nil {
		return err
	}
	if err := c.read(ctx, stretch); err != nil {
		return err
	}
	if learnt.Unlisted, err = w.outdated(ctx, c.plain); err != nil {
		return err
	}
	if err := c.decided(ctx); err != nil {
		return err
	}
	var stays []int
	if err := w.withoutDropped(ctx, &learnt, a.Path, func(i int) { stays = append(stays, c.found[i]) }); err != nil {
		return err
	}
	c.found = stays
	captures, err := c.captures(stretch)
	if err != nil {
		return err
	}
	if err := c.park(ctx, stretch); err != nil {
		return err
	}
	whole, err := c.whole(ctx, p, stretch)
	if err != nil {
		return err
	}
	if whole != nil {
		captures = append(captures, *whole)
	}
	return w.commitChunk(ctx, learnt, captures, c.in, a, p)
}

// commitChunk keeps the captures, then commits. in names, for each found
// listing, the capture that it stands in.
func (w *Workshop) commitChunk(ctx context.Context, l casebook.Learnt, captures []evidence.Capture, in []int, a Archive, p ChunkPayload) error {
	cleaned(&l)
	var gain casebook.Gain
	err := w.Evidence.Write(ctx, captures, func(refs []evidence.Ref, pen casebook.Fence) error {
		l.Captures, l.Pen, l.Device = captureRows(refs, l.Source), pen, w.Info.Host
		for i, n := range in {
			l.Found[i].Capture = refs[n].Digest
		}
		if l.Whole != nil {
			last := len(refs) - 1
			l.Whole.Capture, l.Captures[last].Seal = refs[last].Digest, casebook.KeepKey(l.Whole.Case)
		}
		var err error
		gain, err = w.Book.Commit(ctx, l)
		return err
	})
	if err != nil {
		return err
	}
	w.forget(ctx, gain.Items)
	if p.Spooled {
		if err := w.Spool.Drop(ctx, l.Work.ID); err != nil {
			w.Log.Warn("a chunk that is done stays in the spool until it is swept", "err", err)
		}
	}
	w.visited(Visited{
		Source: l.Source, What: fmt.Sprintf("%s[%d:%d]", Clean(filepath.Base(a.Path)), p.Chunk.Offset, p.Chunk.Offset+p.Chunk.Length),
		Outcome: l.Outcome, Reason: l.Reason, Posts: gain.Posts, Listings: gain.Listings,
	})
	return nil
}

func captureRows(refs []evidence.Ref, source string) []casebook.Capture {
	out := make([]casebook.Capture, len(refs))
	for i, r := range refs {
		out[i] = casebook.Capture{Digest: r.Digest, SealedDigest: r.SealedDigest, File: r.File, Offset: r.Offset, Length: r.Length,
			Kind: r.Kind, URL: Clean(r.URL), At: r.At, Source: source}
	}
	return out
}

// errChanged says that an archive is not what it was when its chunks were ordered.
var errChanged = errors.New("import it again")

// unreadable reports whether bytes that could not be read will never be.
func unreadable(err error) bool {
	for _, final := range []error{errChanged, fs.ErrNotExist, fs.ErrPermission, syscall.EISDIR, syscall.ENOTDIR, spool.ErrAbsent, spool.ErrErased, spool.ErrDamaged} {
		if errors.Is(err, final) {
			return true
		}
	}
	return false
}

// Stretch is the bytes of a chunk and of its margins, which may be missing.
type Stretch struct{ Lead, Data, Trail []byte }

// ReadStretch reads a chunk and its margins from its file.
func ReadStretch(r io.ReaderAt, c archive.Chunk) (s Stretch, err error) {
	all := make([]byte, c.Lead.Length+c.Length+c.Trail.Length)
	n, err := r.ReadAt(all, c.Offset-c.Lead.Length)
	if errors.Is(err, io.EOF) && int64(n) >= c.Lead.Length+c.Length {
		err = nil // only what stood behind it is gone
	}
	if err != nil {
		return s, err
	}
	s.Lead, all = all[:c.Lead.Length], all[c.Lead.Length:n]
	s.Data, s.Trail = all[:c.Length], all[c.Length:]
	return s, nil
}

// Park is the form in which a stretch waits in the spool.
func (s Stretch) Park() []byte { return slices.Concat(s.Data, s.Lead, s.Trail) }

// cut gives the bytes between two offsets, counted from the first one of Data.
func (s Stretch) cut(start, end int64) []byte {
	if start >= 0 && end <= int64(len(s.Data)) {
		return s.Data[start:end]
	}
	var out []byte
	from := -int64(len(s.Lead))
	for _, part := range [][]byte{s.Lead, s.Data, s.Trail} {
		n := int64(len(part))
		out = append(out, part[min(max(start-from, 0), n):max(min(end-from, n), 0)]...)
		from += n
	}
	return out
}

// unpark is the reverse of Park; the lengths of the margins are those of the chunk.
func unpark(parked []byte, c archive.Chunk) (s Stretch) {
	take := func(n int64) (part []byte) {
		n = min(n, int64(len(parked)))
		part, parked = parked[:n], parked[n:]
		return part
	}
	s.Data, s.Lead, s.Trail = take(c.Length), take(c.Lead.Length), take(c.Trail.Length)
	return s
}

// chunkBytes reads the bytes that the survey saw, or says that they changed. Of
// margins that changed nothing is read: they are no part of the work.
func (w *Workshop) chunkBytes(ctx context.Context, id string, a Archive, p ChunkPayload) (s Stretch, err error) {
	if p.Spooled {
		var parked []byte
		parked, err = w.Spool.Get(ctx, id)
		s = unpark(parked, p.Chunk)
	} else {
		s, err = readChunk(w.Archives, a.Path, p.Chunk)
	}
	if err != nil {
		return s, err
	}
	same := func(data []byte, digest string) bool {
		sum := sha256.Sum256(data)
		return hex.EncodeToString(sum[:]) == digest
	}
	if !same(s.Data, p.Chunk.SHA256) {
		return s, fmt.Errorf("the archive changed while it was read; %w", errChanged)
	}
	if !same(s.Lead, p.Chunk.Lead.SHA256) {
		s.Lead = nil
	}
	if !same(s.Trail, p.Chunk.Trail.SHA256) {
		s.Trail = nil
	}
	return s, nil
}

// readChunk reads a file in place. A path that isn't absolute lies below root and
// can't lead out of it.
func readChunk(root, path string, c archive.Chunk) (s Stretch, err error) {
	open := func() (*os.File, error) { return os.Open(path) }
	if !filepath.IsAbs(path) {
		open = func() (*os.File, error) { return os.OpenInRoot(root, path) }
	}
	f, err := open()
	if err != nil {
		return s, fmt.Errorf("the archive can't be opened any more: %w", err)
	}
	defer f.Close()
	if s, err = ReadStretch(f, c); errors.Is(err, io.EOF) {
		return s, fmt.Errorf("the archive became shorter while it was read; %w", errChanged)
	} else if err != nil {
		return s, fmt.Errorf("reading the archive: %w", err)
	}
	return s, nil
}

// chunkReader collects what one chunk holds.
type chunkReader struct {
	w         *Workshop
	archive   Archive
	chunk     archive.Chunk
	authority market.Authority // of the source, for its captures
	learnt    *casebook.Learnt
	ends      []extent // of every message, those of the margins too, in file order
	found     []int    // index into ends of each of learnt.Found
	in        []int    // index into the captures of each of learnt.Found
	ordinals  map[string]int
	scratch   []byte
	plain     plain // posts without a listing
	doubts    doubts
}

type extent struct {
	start, end int64 // bytes of the file
	place      string
}

func (c *chunkReader) read(ctx context.Context, s Stretch) error {
	zone, err := time.LoadLocation(c.archive.Zone)
	if err != nil {
		return fmt.Errorf("time zone of the archive: %w", err)
	}
	res, err := archive.ReadAround(ctx, c.archive.Format, s.Lead, s.Data, s.Trail, c.chunk, archive.Settings{
		Place: c.place, Zone: zone, ZoneAssumed: c.archive.ZoneAssumed, Year: c.archive.Year, Now: c.w.Now(),
	}, c.post)
	if err != nil {
		return err
	}
	c.learnt.Quarantined += int64(res.Quarantined)
	for _, p := range res.Problems {
		p.Source, p.File = c.learnt.Source, c.archive.Path
		c.learnt.Problems = append(c.learnt.Problems, p)
	}
	return nil
}

func (c *chunkReader) place(conversation string) (archive.Place, bool) {
	p, ok := c.archive.Places[conversation]
	if !ok {
		p, ok = c.archive.Places[Clean(conversation)] // names are kept without numbers of people
	}
	if !ok {
		p, ok = c.archive.Places[""]
	}
	return archive.Place{ID: p.ID, Name: p.Name, Assumed: p.Assumed}, ok
}

func (c *chunkReader) post(p *market.Post) error {
	c.ends = append(c.ends, extent{p.Offset, p.Offset + p.Length, p.Place})
	c.doubts.pass(p)
	if p.System || p.Offset < c.chunk.Offset || p.Offset >= c.chunk.Offset+c.chunk.Length { // of a margin: the neighbour's
		return nil
	}
	var s casebook.Sighting
	s, c.scratch = c.w.Prints.Of(p, c.scratch)
	c.learnt.Sightings = append(c.learnt.Sightings, s)
	text, r := c.w.extract(p, extractors.Options{})
	if !r.Listing.Listing {
		c.plain.add(c.w, p)
		if r.Doubt {
			c.doubts.add(c.w.doubtful(p, c.id(p), text, r), len(c.ends)-1)
		}
		return nil
	}
	f := c.w.found(p, text, r)
	f.ID = c.id(p)
	f.Length = p.Length
	c.learnt.Found = append(c.learnt.Found, f)
	c.found = append(c.found, len(c.ends)-1)
	return nil
}

// id is the id of a post of this chunk that is not like most others.
func (c *chunkReader) id(p *market.Post) string {
	first := p.ID(0)
	id := p.ID(c.ordinals[first])
	c.ordinals[first]++
	return id
}

// captures cuts the stretches around the listings out of the chunk and its
// margins, overlapping ones joined, never across conversations.
func (c *chunkReader) captures(s Stretch) ([]evidence.Capture, error) {
	var out []evidence.Capture
	var first, last int // messages of the open stretch
	flush := func(from, to int) error {
		start := c.ends[first].start
		capture, err := c.capture(s, first, last)
		if err != nil {
			return err
		}
		for i := from; i < to; i++ {
			c.learnt.Found[i].Start = c.ends[c.found[i]].start - start
			c.in = append(c.in, len(out))
		}
		out = append(out, capture)
		return nil
	}
	from := 0
	for i, at := range c.found {
		lo, hi := c.window(at)
		if i > from && lo > last+1 || i > from && c.ends[lo].place != c.ends[first].place {
			if err := flush(from, i); err != nil {
				return nil, err
			}
			from = i
		}
		if i == from {
			first = lo
		}
		last = hi
	}
	if from < len(c.found) {
		return out, flush(from, len(c.found))
	}
	return out, nil
}

// capture is the stretch from one message to another.
func (c *chunkReader) capture(s Stretch, first, last int) (evidence.Capture, error) {
	start, end := c.ends[first].start, c.ends[last].end
	info := c.w.Info
	info.Source, info.Authority = c.learnt.Source, c.authority
	info.Robots, info.UserAgent, info.Clock = "", "", c.w.clock()
	return evidence.ChatCapture(info, "urn:qq:group:"+evidence.EscapeURI(c.ends[first].place), c.learnt.At, []evidence.Chunk{{
		File: filepath.Base(c.archive.Path), FileSHA256: c.archive.SHA256, Start: start, End: end,
		Data: s.cut(start-c.chunk.Offset, end-c.chunk.Offset), Reader: c.archive.Format + "/1",
		Type: "text/plain; charset=" + c.chunk.Charset(),
	}})
}

// window is the stretch of messages around one, within its conversation.
func (c *chunkReader) window(at int) (lo, hi int) {
	lo, hi = at, at
	for lo > 0 && at-lo < around && c.ends[lo-1].place == c.ends[at].place {
		lo--
	}
	for hi < len(c.ends)-1 && hi-at < around && c.ends[hi+1].place == c.ends[at].place {
		hi++
	}
	return lo, hi
}
