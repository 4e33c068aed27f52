package casebook

import (
	"slices"
	"strconv"
	"strings"
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
	decided    string // what a person decided of these words (JSON); "" nobody has
	was        string // wording that it belongs to in the book; "" none
	now        string // the same after the commit

	shown     int64 // when the capture of its text was made; 0: not known
	held      bool  // a legal hold keeps it
	fromHere  bool  // the source of the commit is one of its sources
	addSource bool
	stored    bool // the book has it
	postDirty bool // differs from what the book has
	dirty     bool // the same of its listing
	told      bool // searches or offers can tell the difference
	revisions []revision
	people    [][]market.BlindValue // of the newest reading
	anew      bool                  // there is a newer reading than the book's
	edited    bool                  // its text is another than the book's
	past      []Found               // as it was before an edit
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
	if f.Decided != nil {
		k.decided = document(f.Decided)
	}
	k.reread(f)
	return k
}

// glance is how a post was looked at.
type glance struct {
	at    int64 // when what was read was seen
	past  bool  // in a capture, not at its place
	again bool  // a reading by the same version counts as a later one
}

// look is another look at a known post: seen again, edited, or read anew by a
// later extractor; what an earlier one says changes nothing. Of a post without a
// native id only one spelling and one name of its author are kept, the least, so that
// the order of imports tells nothing.
func (k *kept) look(f Found, g glance) {
	added := k.seenAgain(f)
	gone, revised := k.state == market.PostGone, k.revision > 0
	native, other := f.Post.NativeID != "", k.digest != f.TextDigest
	later := supersedes(f.Extractor, k.extractor)
	if !(other && native) {
		f = k.corrected(f)
	}
	switch {
	case other && native && g.past && g.at < k.shown: // its words before an edit
		k.past = append(k.past, f)
		k.shownAgain(added)
	case other && native:
		k.revise(f)
		k.shown = g.at
	case k.live == 0 && g.past: // an edit took the offer away since
		k.shownAgain(added)
	case other && !later && (k.extractor != f.Extractor || f.Masked >= k.text):
		k.shownAgain(added) // another spelling of what we have
	case other:
		k.digest, k.capture, k.start, k.length = f.TextDigest, f.Capture, f.Start, f.Length
		k.reread(f)
	case later || k.live == 0 && !supersedes(k.extractor, f.Extractor) || g.again && k.extractor == f.Extractor:
		k.reread(f)
	default:
		k.shownAgain(added)
	}
	if k.state == market.PostUnknown && f.State == market.PostThere {
		k.state, k.postDirty = market.PostThere, true
	}
	// What was gone is there again.
	if !k.edited && gone && f.State == market.PostThere {
		k.state, k.postDirty = market.PostThere, true
		if revised {
			k.state = market.PostChanged
		}
	}
}

// shownAgain lets the index take what another look added: it takes nothing without
// a higher version.
func (k *kept) shownAgain(added bool) {
	if added {
		k.bump()
	}
}

// supersedes reports whether a reading by one version of the extractor replaces that
// of another. Versions count up; workers of an older one may still be about. Behind a + stand
// the words of the user: whichever reads now is right.
func supersedes(version, other string) bool {
	numberA, wordsA, _ := strings.Cut(version, "+")
	numberB, wordsB, _ := strings.Cut(other, "+")
	a, errA := strconv.Atoi(numberA)
	b, errB := strconv.Atoi(numberB)
	if errA != nil || errB != nil {
		return version != other
	}
	return a > b || a == b && wordsA != wordsB
}

// unlist takes in that a post holds no listing. Where a later version of the extractor
// says so of the same words, there never was one: nothing of the post stays.
func (k *kept) unlist(u Unlisted, g glance) {
	same := k.digest == u.TextDigest
	switch {
	case k.live == 0:
	case same && k.decided != "": // a person knew better
	case same && supersedes(u.Extractor, k.extractor) && k.held: // nothing of it goes
		k.live, k.extractor, k.people, k.anew = 0, u.Extractor, nil, true
		k.bump()
	case same && supersedes(u.Extractor, k.extractor) && k.revision == 0:
		k.empty(u.Extractor)
	case same && supersedes(u.Extractor, k.extractor):
		k.withdraw()
	case !same && u.Native && !(g.past && g.at < k.shown):
		k.withdraw()
	}
}

// empty leaves of a post only what tells that it was here: without a listing nobody's
// words are kept. It is void from then on.
func (k *kept) empty(extractor string) {
	k.author, k.name, k.title, k.text, k.digest, k.link, k.thread = market.Author{}, "", "", "", "", "", ""
	k.flags, k.state, k.postDirty = []string{}, market.PostUnknown, true
	k.people, k.anew, k.decided = nil, true, ""
	k.extractor, k.live, k.doc, k.confidence = extractor, 0, market.Listing{}.JSON(), 0
	k.reasons, k.spans, k.sketch = "[]", "[]", 0
	k.bump()
}

// void reports whether there is nothing in the row but its id: see empty.
func (k *kept) void() bool { return k.live == 0 && k.digest == "" }

// revive takes in the listing of a post that was void.
func (k *kept) revive(f Found, at time.Time) {
	was := *k
	*k = *firstSight(f, at)
	k.stored, k.fromHere, k.addSource = was.stored, true, !was.fromHere
	k.seen, k.month, k.version = min(was.seen, k.seen), was.month, was.version+1
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
	k.edited, k.decided = true, ""
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
	k.live, k.state, k.postDirty, k.edited, k.decided = 0, market.PostChanged, true, true, ""
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
