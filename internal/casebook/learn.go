package casebook

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"resumewatch/internal/market"
)

// Learnt is all that one chunk or one page taught us. It is written in one
// transaction under the fence of its unit of work.
type Learnt struct {
	Work        Claim
	Run         int64
	Source      string
	At          time.Time
	Outcome     market.Outcome // of the visit; "" counts none
	Reason      string
	Sightings   []Sighting // of every post by a user
	Found       []Found    // posts that hold a listing
	Plain       []string   // ids of posts with a native id that hold none (now)
	GoneThread  string     // canonical address of a thread that is gone; "" none
	GonePosts   []string   // ids of posts that their thread no longer shows
	Captures    []Capture
	Pen         Fence      // of the lease that the captures were written under; zero: nobody else writes here
	Page        *PageVisit // nil for a chunk
	NewPages    []Page     // due now
	Problems    []market.Problem
	Quarantined int64
	Bytes       int64
}

// Found is a post with its listing.
type Found struct {
	Post       *market.Post
	ID         string
	Masked     string // Post.Text with personal values masked
	Title      string // Post.Title, masked
	TextDigest string // keyed digest of Post.Text: tells edits apart, gives no value away
	Thread     string // canonical address of its thread; "" for chats
	Reading    market.Reading
	Sketch     uint64
	Extractor  string
	Capture    string // digest
	Start      int64  // of the post's bytes in the capture's payload; -1: not known
	Length     int64
	State      string // market.PostThere or PostUnknown
}

// Capture is where the bytes of a visit are kept.
type Capture struct {
	Digest, SealedDigest, File string
	Offset, Length             int64
	Kind, URL                  string
	At                         time.Time
	Source                     string
}

// PageVisit is how a visit leaves its page.
type PageVisit struct {
	ID           string
	URL          string // to fetch next; "" leaves it
	Alias        string // canonical address of what was shown, when the page's own is another spelling of it
	Kind         string // "" leaves it
	Board        string // "" leaves it
	Thread       string // "" leaves it
	PageNo       int    // 0 leaves it
	Digest       string // "" leaves it
	ETag         string
	LastModified string
	Mark         string    // "" leaves it
	NextDue      time.Time // zero: not due
	Owed         bool      // the run still waits for the page (it is to be tried again)
}

// Gain is what a commit brought.
type Gain struct {
	Posts, Duplicates, Listings int64
}

// Commit writes what was learnt and, for a chunk, ends the unit of work.
// ErrLost: the lease lapsed; nothing was written. ErrPenLost: the same of the evidence's.
func (b *Book) Commit(ctx context.Context, l Learnt) (Gain, error) {
	var g Gain
	err := b.write(ctx, "commit", func(t *tx) error {
		g = Gain{}
		var err error
		if l.Page == nil {
			err = t.finish(l.Work, l.Outcome, l.Reason, l.At)
		} else {
			err = t.fence(l.Work)
		}
		if err != nil {
			return err
		}
		if err := t.penned(l.Pen); err != nil {
			return err
		}
		if g.Posts, g.Duplicates, err = t.see(l.Sightings); err != nil {
			return err
		}
		for _, c := range l.Captures {
			if err := t.capture(c); err != nil {
				return err
			}
		}
		for _, f := range l.Found {
			fresh, err := t.found(l, f)
			if err != nil {
				return err
			}
			if fresh {
				g.Listings++
			}
		}
		if err := t.withdraw(l.Plain, l.Source, l.Run); err != nil {
			return err
		}
		if l.GoneThread != "" {
			if err := t.goneThread(l.GoneThread, l.Run); err != nil {
				return err
			}
		}
		if err := t.gonePosts(l.GonePosts); err != nil {
			return err
		}
		for _, p := range l.NewPages {
			if err := t.requestPage(p); err != nil {
				return err
			}
		}
		if l.Page != nil {
			if err := t.leavePage(l); err != nil {
				return err
			}
		}
		return t.tally(l, g)
	})
	return g, err
}

func (t *tx) tally(l Learnt, g Gain) error {
	if l.Outcome != "" {
		if err := t.visited(l.Source, l.Outcome, 1, l.Run, l.At); err != nil {
			return err
		}
	}
	for _, c := range []struct {
		name string
		n    int64
	}{{CountPosts, g.Posts}, {CountDuplicates, g.Duplicates}, {CountListings, g.Listings}, {CountQuarantined, l.Quarantined}, {CountBytes, l.Bytes}} {
		if err := t.count(l.Run, c.name, c.n); err != nil {
			return err
		}
	}
	return t.problems(l.Run, l.Problems)
}

func (t *tx) capture(c Capture) error {
	_, err := t.exec(`INSERT INTO capture (digest, sealed_digest, file, start, length, kind, url, at, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (digest) DO NOTHING`, c.Digest, c.SealedDigest, c.File, c.Offset, c.Length, c.Kind, c.URL, millis(c.At), c.Source)
	return err
}

// stored is what the book has of a listing post.
type stored struct {
	text, digest, name, extractor, state string
	flags                                []string
	revision, live                       int
}

// found stores a listing post: new, seen again, edited, or read anew by a later
// extractor. Of a post without a native id only one spelling and one name of its
// author are kept, the least, so that the order of imports tells nothing.
func (t *tx) found(l Learnt, f Found) (fresh bool, err error) {
	var old stored
	var flags string
	err = t.row(`SELECT post.text, post.text_digest, post.author_name, post.flags, post.state, post.revision, listing.extractor, listing.live
		FROM post JOIN listing ON listing.id = post.id WHERE post.id = ?`, f.ID).
		Scan(&old.text, &old.digest, &old.name, &flags, &old.state, &old.revision, &old.extractor, &old.live)
	if errors.Is(err, sql.ErrNoRows) {
		return true, t.firstSight(l, f)
	}
	if err != nil {
		return false, err
	}
	if err := parse(flags, &old.flags); err != nil {
		return false, err
	}
	added, err := t.seenAgain(l, f, old)
	if err != nil {
		return false, err
	}
	edited := false
	switch {
	case f.Post.NativeID != "" && old.digest != f.TextDigest:
		edited = true
		err = t.revise(l, f, old.revision)
	case old.digest != f.TextDigest && old.extractor == f.Extractor && f.Masked >= old.text:
		// Another spelling of what we have.
		if !added {
			return false, nil
		}
		_, err = t.exec(`UPDATE listing SET version = version + 1 WHERE id = ?`, f.ID)
	case old.digest != f.TextDigest:
		err = t.respell(f)
	case old.extractor != f.Extractor || old.live == 0:
		err = t.reread(f)
	case added: // the index takes nothing without a higher version
		_, err = t.exec(`UPDATE listing SET version = version + 1 WHERE id = ?`, f.ID)
	default:
		return false, t.back(f, old)
	}
	if err != nil {
		return false, err
	}
	if !edited {
		if err := t.back(f, old); err != nil {
			return false, err
		}
	}
	return false, t.announce(f.ID, l.Source, l.Run)
}

// seenAgain adds what another look at a known post tells beside its text; added
// is whether searches can tell the difference.
func (t *tx) seenAgain(l Learnt, f Found, old stored) (added bool, err error) {
	n, err := t.exec(`INSERT INTO post_source (post_id, source) VALUES (?, ?) ON CONFLICT DO NOTHING`, f.ID, l.Source)
	if err != nil {
		return false, err
	}
	added = n > 0
	if merged := union(old.flags, f.Post.Flags); len(merged) != len(old.flags) {
		if _, err := t.exec(`UPDATE post SET flags = ? WHERE id = ?`, document(merged), f.ID); err != nil {
			return false, err
		}
	}
	name := f.Post.Author.Name
	if f.Post.NativeID == "" && name != "" && (old.name == "" || name < old.name) {
		if _, err := t.exec(`UPDATE post SET author_name = ? WHERE id = ?`, name, f.ID); err != nil {
			return false, err
		}
		added = true
	}
	return added, nil
}

// back notes that a post which was gone is there again.
func (t *tx) back(f Found, old stored) error {
	if old.state != market.PostGone || f.State != market.PostThere {
		return nil
	}
	state := market.PostThere
	if old.revision > 0 {
		state = market.PostChanged
	}
	_, err := t.exec(`UPDATE post SET state = ? WHERE id = ?`, state, f.ID)
	return err
}

func (t *tx) firstSight(l Learnt, f Found) error {
	p := f.Post
	flags := p.Flags
	if flags == nil {
		flags = []string{}
	}
	posted := int64(0)
	if !p.PostedAt.IsZero() {
		posted = millis(p.PostedAt)
	}
	if _, err := t.exec(`INSERT INTO post (id, place, place_name, site, native_id, author_kind, author_id, author_name, posted_at, seen_at,
			title, text, text_digest, permalink, flags, state, thread, capture, start, length)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		f.ID, p.Place, p.PlaceName, p.Site, p.NativeID, p.Author.Kind, p.Author.ID, p.Author.Name, posted, millis(l.At),
		f.Title, f.Masked, f.TextDigest, p.Permalink, document(flags), f.State, f.Thread, f.Capture, f.Start, f.Length); err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO post_source (post_id, source) VALUES (?, ?)`, f.ID, l.Source); err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO listing (id, extractor, live, doc, confidence, reasons, spans, sketch, version, wording) VALUES (?, ?, 1, ?, ?, ?, ?, ?, 1, '')`,
		f.ID, f.Extractor, f.Reading.Listing.JSON(), f.Reading.Confidence, document(f.Reading.Reasons), document(f.Reading.Spans), int64(f.Sketch)); err != nil {
		return err
	}
	return t.announce(f.ID, l.Source, l.Run)
}

// revise keeps the old text as a numbered revision and puts the new one in its place.
func (t *tx) revise(l Learnt, f Found, revision int) error {
	if _, err := t.exec(`INSERT INTO post_revision (post_id, revision, text, digest, capture, seen_at)
		SELECT id, revision, text, text_digest, capture, ? FROM post WHERE id = ? ON CONFLICT DO NOTHING`, millis(l.At), f.ID); err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE post SET text = ?, title = ?, text_digest = ?, revision = ?, state = ?, capture = ?, start = ?, length = ? WHERE id = ?`,
		f.Masked, f.Title, f.TextDigest, revision+1, market.PostChanged, f.Capture, f.Start, f.Length, f.ID); err != nil {
		return err
	}
	return t.reread(f)
}

// respell puts another spelling of the same message in the place of the one that is kept.
func (t *tx) respell(f Found) error {
	if _, err := t.exec(`UPDATE post SET text_digest = ?, capture = ?, start = ?, length = ? WHERE id = ?`,
		f.TextDigest, f.Capture, f.Start, f.Length, f.ID); err != nil {
		return err
	}
	return t.reread(f)
}

// reread stores a new reading; what is masked may have changed with it.
func (t *tx) reread(f Found) error {
	if _, err := t.exec(`UPDATE post SET text = ?, title = ? WHERE id = ?`, f.Masked, f.Title, f.ID); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE listing SET extractor = ?, live = 1, doc = ?, confidence = ?, reasons = ?, spans = ?, sketch = ?, version = version + 1 WHERE id = ?`,
		f.Extractor, f.Reading.Listing.JSON(), f.Reading.Confidence, document(f.Reading.Reasons), document(f.Reading.Spans), int64(f.Sketch), f.ID)
	return err
}

// withdraw takes the listings of posts that an edit made harmless out of search and offers.
func (t *tx) withdraw(ids []string, source string, run int64) error {
	return inLots(ids, func(ids []string) error {
		var hit []string
		err := t.rows(func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			hit = append(hit, id)
			return err
		}, `SELECT id FROM listing WHERE live = 1 AND id IN (`+marks(len(ids))+`)`, anys(ids)...)
		if err != nil {
			return err
		}
		for _, id := range hit {
			if _, err := t.exec(`UPDATE listing SET live = 0, version = version + 1 WHERE id = ?`, id); err != nil {
				return err
			}
			if _, err := t.exec(`UPDATE post SET state = ? WHERE id = ?`, market.PostChanged, id); err != nil {
				return err
			}
			if err := t.announce(id, source, run); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) goneThread(thread string, run int64) error {
	_, err := t.exec(`UPDATE post SET state = ? WHERE thread = ? AND state <> ?`, market.PostGone, thread, market.PostGone)
	return err
}

func (t *tx) leavePage(l Learnt) error {
	p := l.Page
	var due, run any
	if !p.NextDue.IsZero() {
		due = millis(p.NextDue)
	}
	if p.Owed && l.Run != 0 {
		run = l.Run
	}
	// Another run that asked for the page during the visit still waits for it.
	n, err := t.exec(`UPDATE page SET batch = NULL, asked = 0, due_at = CASE WHEN asked = 1 THEN due_at ELSE ? END,
		run_id = CASE WHEN asked = 1 THEN run_id ELSE ? END, attempts = CASE WHEN ? = 1 THEN attempts + 1 ELSE 0 END,
		outcome = ?, reason = ?, visited_at = CASE WHEN ? = '' THEN visited_at ELSE ? END, last_run = ?,
		url = CASE WHEN ? = '' THEN url ELSE ? END, kind = CASE WHEN ? = '' THEN kind ELSE ? END,
		board = CASE WHEN ? = '' THEN board ELSE ? END, thread = CASE WHEN ? = '' THEN thread ELSE ? END,
		page_no = CASE WHEN ? = 0 THEN page_no ELSE ? END, digest = CASE WHEN ? = '' THEN digest ELSE ? END,
		etag = ?, last_modified = ?, mark = CASE WHEN ? = '' THEN mark ELSE ? END
		WHERE id = ? AND batch = ?`,
		due, run, b2i(p.Owed), string(l.Outcome), l.Reason, string(l.Outcome), millis(l.At), l.Run, p.URL, p.URL, p.Kind, p.Kind, p.Board, p.Board, p.Thread, p.Thread,
		p.PageNo, p.PageNo, p.Digest, p.Digest, p.ETag, p.LastModified, p.Mark, p.Mark, p.ID, l.Work.ID)
	if err == nil && n == 0 {
		err = ErrLost
	}
	if err != nil || p.Alias == "" {
		return err
	}
	// Lists link to the canonical spelling: it is known from now on as well.
	if _, err := t.exec(`UPDATE page SET alias = ? WHERE id = ?`, p.Alias, p.ID); err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO page (id, source, host, url, canonical, kind, board, thread, page_no, outcome, visited_at, last_run, digest, etag, last_modified, mark)
		SELECT ?, source, host, url, ?, kind, board, thread, page_no, outcome, visited_at, last_run, digest, etag, last_modified, mark FROM page WHERE id = ?
		ON CONFLICT (id) DO UPDATE SET outcome = excluded.outcome, visited_at = excluded.visited_at, last_run = excluded.last_run, digest = excluded.digest,
			etag = excluded.etag, last_modified = excluded.last_modified`, PageID(l.Source, p.Alias), p.Alias, p.ID)
	return err
}

func union(a, b []string) []string {
	out := append(slices.Clone(a), b...)
	slices.Sort(out)
	out = slices.Compact(out)
	if out == nil {
		out = []string{}
	}
	return out
}
