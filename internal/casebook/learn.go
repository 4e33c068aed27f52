package casebook

import (
	"context"
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
	Seen        time.Time      // when the posts were seen; zero: At
	Outcome     market.Outcome // of the visit; "" counts none
	Reason      string
	Sightings   []Sighting // of every post by a user
	Found       []Found    // posts that hold a listing
	Unlisted    []Unlisted // posts that hold none (now)
	Doubtful    []Doubtful // those of which it can't be told; they may be among Unlisted
	DoubtsOver  int64      // those that nobody can look at: too many of the source wait
	Review      int64      // number of the doubtful post that a person took for a listing, and that Found holds; 0: of none
	Extractor   string     // version of the extractor that read all this; "" unknown
	Again       bool       // take readings by the same version too
	Past        *Past      // nil: it is as the place shows it now
	Whole       *Whole     // nil: what holds no listing is not kept
	GoneThread  string     // canonical address of a thread that is gone; "" none
	GonePosts   []string   // ids of posts that their thread no longer shows
	Captures    []Capture
	Device      string     // the machine that made them; "" unknown
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
	State      string                // market.PostThere or PostUnknown
	People     [][]market.BlindValue // those whose records it shows, as keyed digests
	Decided    *Decision             // nil: the extractor found it
}

// Unlisted is a post in which a version of the extractor finds no listing. Where an
// earlier one found one in the same words, that is taken back; where a post with a
// native id had one in other words, it was withdrawn.
type Unlisted struct {
	ID         string
	TextDigest string
	Extractor  string
	Native     bool // the post has an id of its place: other words are an edit
}

// Past says that what was learnt was read in a capture, long after it was seen.
type Past struct {
	Capture string    // digest
	At      time.Time // of the capture
}

// Capture is where the bytes of a visit are kept.
type Capture struct {
	Digest, SealedDigest, File string
	Offset, Length             int64
	Kind, URL                  string
	At                         time.Time
	Source                     string
	Seal                       string // name of the key that seals it; "" that of its month
	// Refers is the digest of the first capture that holds what this one shows again;
	// "" it is such a one itself.
	Refers string
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
	Kept         string    // "" leaves it
	NextDue      time.Time // zero: not due
	Owed         bool      // the run still waits for the page (it is to be tried again)
}

// Gain is what a commit brought.
type Gain struct {
	Posts, Duplicates, Listings int64
	Doubtful                    int64    // that wait for a person now
	DoubtsOver                  int64    // that don't: too many of their source do
	Items                       []string // of the spool, that nobody needs any more
}

// Commit writes what was learnt and, for a chunk, ends the unit of work.
// ErrLost: the lease lapsed; nothing was written. ErrPenLost: the same of the evidence's.
func (b *Book) Commit(ctx context.Context, l Learnt) (Gain, error) {
	var g Gain
	err := b.write(ctx, "commit", func(t *tx) error {
		g = Gain{}
		var err error
		switch {
		case l.Past != nil:
			err = t.readAgain(*l.Past, l.Extractor)
		case l.Page == nil:
			err = t.finish(l.Work, l.Outcome, l.Reason, l.At)
		default:
			err = t.fence(l.Work)
		}
		if err != nil {
			return err
		}
		if err := t.penned(l.Pen); err != nil {
			return err
		}
		if g.Posts, g.Duplicates, err = t.see(l.Sightings, l.At); err != nil {
			return err
		}
		if err := t.captures(l); err != nil {
			return err
		}
		if l.Whole != nil {
			if err := t.keepWhole(*l.Whole); err != nil {
				return err
			}
		}
		if g.Listings, err = t.finds(l); err != nil {
			return err
		}
		if err := t.doubts(l, &g); err != nil {
			return err
		}
		if err := t.reviewed(l, &g); err != nil {
			return err
		}
		if l.GoneThread != "" {
			if err := t.goneThread(l.GoneThread); err != nil {
				return err
			}
		}
		if err := t.gonePosts(l.GonePosts); err != nil {
			return err
		}
		if err := t.requestPages(l.NewPages); err != nil {
			return err
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

// tally counts, last of all: every commit of a run meets the others here.
func (t *tx) tally(l Learnt, g Gain) error {
	if err := t.problems(l.Run, l.Problems); err != nil {
		return err
	}
	counts := map[string]int64{
		CountPosts: g.Posts, CountDuplicates: g.Duplicates, CountListings: g.Listings, CountQuarantined: l.Quarantined, CountBytes: l.Bytes,
		CountDoubtful: g.Doubtful, CountDoubtsOver: g.DoubtsOver + l.DoubtsOver,
	}
	if l.Outcome != "" {
		if l.Past == nil { // else nobody looked at the place
			if err := t.visited(l.Source, l.Outcome, 1, l.At); err != nil {
				return err
			}
		}
		counts[visitCounter(l.Outcome)] = 1
	}
	return t.count(l.Run, counts)
}

// captures stores the captures of a commit and the event that tells of them.
func (t *tx) captures(l Learnt) error {
	event, err := t.captured(l)
	if err != nil {
		return err
	}
	rows := make([][]any, len(l.Captures))
	for i, c := range l.Captures {
		rows[i] = []any{c.Digest, c.SealedDigest, c.File, c.Offset, c.Length, c.Kind, c.URL, millis(c.At), c.Source, event, l.Extractor, c.Refers, c.Seal}
	}
	sortRows(rows)
	_, err = t.insert(`INSERT INTO capture (digest, sealed_digest, file, start, length, kind, url, at, source, event, extractor, refers, seal)`, rows, `ON CONFLICT (digest) DO NOTHING`)
	return err
}

func (t *tx) goneThread(thread string) error {
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
		etag = ?, last_modified = ?, mark = CASE WHEN ? = '' THEN mark ELSE ? END,
		kept = CASE WHEN ? = '' THEN kept ELSE ? END
		WHERE id = ? AND batch = ?`,
		due, run, b2i(p.Owed), string(l.Outcome), l.Reason, string(l.Outcome), millis(l.At), l.Run, p.URL, p.URL, p.Kind, p.Kind, p.Board, p.Board, p.Thread, p.Thread,
		p.PageNo, p.PageNo, p.Digest, p.Digest, p.ETag, p.LastModified, p.Mark, p.Mark, p.Kept, p.Kept, p.ID, l.Work.ID)
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
