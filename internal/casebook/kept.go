package casebook

import (
	"slices"
	"time"

	"resumewatch/internal/market"
)

// kept is what the book has of a listing post, as far as another look at it can
// change it. Looks work in memory; a commit loads what it needs before and stores
// what differs after them.
type kept struct {
	id       string
	place    string
	name     string // of the place
	site     string
	native   string
	author   market.Author
	posted   int64
	seen     int64
	title    string
	text     string
	digest   string
	link     string
	flags    []string
	state    string
	revision int
	thread   string
	capture  string
	start    int64
	length   int64

	extractor  string
	live       int
	doc        string
	confidence float64
	reasons    string
	spans      string
	sketch     int64
	version    int64
	month      string
	was        string // wording that it belongs to in the book; "" none
	now        string // the same after the commit

	fromHere  bool // the source of the commit is one of its sources
	addSource bool
	stored    bool // the book has it
	postDirty bool // differs from what the book has
	dirty     bool // the same of its listing
	told      bool // searches or offers can tell the difference
	revisions []revision
	people    [][]market.BlindValue // of the newest reading
	anew      bool                  // there is a newer reading than the book's
}

// revision is the text of a post before an edit.
type revision struct {
	number                int
	text, digest, capture string
}

// monthOf is the month whose index a listing belongs to: that of its post, within
// reason, since whoever posts says when.
func monthOf(posted, seen int64) string {
	at := instant(posted)
	if posted == 0 || posted > seen {
		at = instant(seen)
	}
	if early := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); at.Before(early) {
		at = early
	}
	return at.Format("2006-01")
}

// firstSight is a post as it is when it is seen for the first time.
func firstSight(f Found, at time.Time) *kept {
	p := f.Post
	k := &kept{
		id: f.ID, place: p.Place, name: p.PlaceName, site: p.Site, native: p.NativeID, author: p.Author, seen: millis(at),
		digest: f.TextDigest, link: p.Permalink, flags: union(p.Flags, nil), state: f.State,
		thread: f.Thread, capture: f.Capture, start: f.Start, length: f.Length,
		addSource: true, fromHere: true,
	}
	if !p.PostedAt.IsZero() {
		k.posted = millis(p.PostedAt)
	}
	k.month = monthOf(k.posted, k.seen)
	k.reread(f)
	return k
}

// look is another look at a known post: seen again, edited, or read anew by a
// later extractor. Of a post without a native id only one spelling and one name
// of its author are kept, the least, so that the order of imports tells nothing.
func (k *kept) look(f Found) {
	added := k.seenAgain(f)
	gone, revised := k.state == market.PostGone, k.revision > 0
	edited := false
	switch {
	case f.Post.NativeID != "" && k.digest != f.TextDigest:
		edited = true
		k.revise(f)
	case k.digest != f.TextDigest && k.extractor == f.Extractor && f.Masked >= k.text:
		// Another spelling of what we have.
		if !added {
			return
		}
		k.bump()
	case k.digest != f.TextDigest:
		k.digest, k.capture, k.start, k.length = f.TextDigest, f.Capture, f.Start, f.Length
		k.reread(f)
	case k.extractor != f.Extractor || k.live == 0:
		k.reread(f)
	case added: // the index takes nothing without a higher version
		k.bump()
	}
	// What was gone is there again.
	if !edited && gone && f.State == market.PostThere {
		k.state, k.postDirty = market.PostThere, true
		if revised {
			k.state = market.PostChanged
		}
	}
}

// seenAgain adds what another look at a known post tells beside its text; added
// is whether searches can tell the difference.
func (k *kept) seenAgain(f Found) (added bool) {
	if !k.fromHere {
		k.fromHere, k.addSource, added = true, true, true
	}
	if merged := union(k.flags, f.Post.Flags); len(merged) != len(k.flags) {
		k.flags, k.postDirty = merged, true
	}
	name := f.Post.Author.Name
	if f.Post.NativeID == "" && name != "" && (k.author.Name == "" || name < k.author.Name) {
		k.author.Name, k.postDirty, added = name, true, true
	}
	return added
}

// revise keeps the old text as a numbered revision and puts the new one in its place.
func (k *kept) revise(f Found) {
	k.revisions = append(k.revisions, revision{k.revision, k.text, k.digest, k.capture})
	k.revision++
	k.digest, k.state, k.capture, k.start, k.length = f.TextDigest, market.PostChanged, f.Capture, f.Start, f.Length
	k.reread(f)
}

// reread takes a new reading; what is masked may have changed with it.
func (k *kept) reread(f Found) {
	k.text, k.title, k.postDirty = f.Masked, f.Title, true
	k.people, k.anew = f.People, true
	k.extractor, k.live, k.doc, k.confidence = f.Extractor, 1, f.Reading.Listing.JSON(), f.Reading.Confidence
	k.reasons, k.spans, k.sketch = document(f.Reading.Reasons), document(f.Reading.Spans), int64(f.Sketch)
	k.bump()
}

// withdraw takes the listing of a post that an edit made harmless out of search and offers.
func (k *kept) withdraw() {
	if k.live == 0 {
		return
	}
	k.live, k.state, k.postDirty = 0, market.PostChanged, true
	k.bump()
}

func (k *kept) bump() {
	k.version++
	k.dirty, k.told = true, true
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
