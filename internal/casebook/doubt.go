package casebook

import (
	"fmt"
	"slices"
	"time"

	"resumewatch/internal/market"
)

// States of a post in the band of doubt.
const (
	DoubtWaiting  = "waiting"
	DoubtAccepted = "accepted" // a person says that it is a listing; with an item, that is still to be done
	DoubtRejected = "rejected" // a person says that it is none
	DoubtExpired  = "expired"  // nobody decided while its text could be read
)

// DoubtsPerSource is how many posts of a source wait at the most; more are counted and
// left alone.
const DoubtsPerSource = 10_000

// Doubtful is a post of which the extractor can't tell whether it is a listing. What it
// says is parked in the spool before it is committed.
type Doubtful struct {
	ID         string
	Place      string
	PostedAt   time.Time // zero: unknown
	TextDigest string    // as in Found
	Print      uint64    // Fingerprints.Gone
	Native     bool      // the post has an id of its place
	Item       string    // in the spool
	Extractor  string
	Confidence float64
	Reasons    []string              // codes
	People     [][]market.BlindValue // those whose values the item shows: one who was erased lets it wait nowhere
}

// Decision is what a person decided of a doubtful post: that it is a listing, and what
// its reading has wrong.
type Decision struct {
	By    string   `json:"by,omitempty"`
	Side  string   `json:"side,omitempty"`  // "": as it was read
	Goods []string `json:"goods,omitempty"` // none: as they were read
}

// Apply puts right what the reading has wrong. Spans of goods that are no more go.
func (v Decision) Apply(r *market.Reading) {
	if v.Side != "" {
		r.Side = v.Side
	}
	if len(v.Goods) == 0 {
		return
	}
	var spans []market.Span
	for _, s := range r.Spans {
		var i int
		if _, err := fmt.Sscanf(s.Field, "/goods/%d", &i); err != nil {
			spans = append(spans, s)
			continue
		}
		if i < len(r.Goods) {
			if at := slices.Index(v.Goods, r.Goods[i]); at >= 0 {
				s.Field = fmt.Sprintf("/goods/%d", at)
				spans = append(spans, s)
			}
		}
	}
	r.Goods, r.Spans = slices.Clone(v.Goods), spans
}

// doubtRow is what the book has of a doubtful post.
type doubtRow struct {
	num                                  int64
	digest, item, extractor, state, post string
}

// doubts notes the posts of a commit that are in doubt, after its listings, and settles
// those of which there is none any more. It tells which items of the spool nobody needs.
func (t *tx) doubts(l Learnt, g *Gain) error {
	if len(l.Doubtful)+len(l.Found)+len(l.Unlisted) == 0 {
		return nil
	}
	var ids []string
	for _, d := range l.Doubtful {
		ids = append(ids, d.ID)
	}
	doubtful := slices.Clone(ids)
	for _, f := range l.Found {
		ids = append(ids, f.ID)
	}
	for _, u := range l.Unlisted {
		ids = append(ids, u.ID)
	}
	slices.Sort(ids)
	known, err := t.doubtRows(slices.Compact(ids), t.d.locked())
	if err != nil || len(known)+len(doubtful) == 0 {
		return err
	}
	var settled []doubtRow
	for _, f := range l.Found {
		if row, ok := known[f.ID]; ok && row.state == DoubtWaiting {
			settled = append(settled, row)
			delete(known, f.ID)
		}
	}
	for _, u := range l.Unlisted {
		row, ok := known[u.ID]
		if !ok || row.state != DoubtWaiting || slices.Contains(doubtful, u.ID) {
			continue
		}
		if row.digest == u.TextDigest && supersedes(u.Extractor, row.extractor) || row.digest != u.TextDigest && u.Native {
			settled = append(settled, row)
			delete(known, u.ID)
		}
	}
	if err := t.dropDoubts(settled, g); err != nil || len(doubtful) == 0 {
		return err
	}
	return t.newDoubts(l, known, g)
}

// refuses reports whether a post that is met again needs no row: it was decided in these
// words, or is another spelling of one without an id.
func (r doubtRow) refuses(d Doubtful) bool {
	if r.digest == d.TextDigest {
		return r.state == DoubtAccepted || r.state == DoubtRejected
	}
	return !d.Native
}

// doubtRows loads rows by post; locked may hold them.
func (t *tx) doubtRows(posts []string, locked string) (map[string]doubtRow, error) {
	out := map[string]doubtRow{}
	return out, inLots(posts, func(posts []string) error {
		in, args := among(posts)
		return t.rows(func(scan func(...any) error) error {
			var r doubtRow
			err := scan(&r.num, &r.post, &r.digest, &r.item, &r.extractor, &r.state)
			out[r.post] = r
			return err
		}, `SELECT num, post_id, digest, item, extractor, state FROM doubt WHERE post_id IN (`+in+`) ORDER BY post_id`+locked, args...)
	})
}

func (t *tx) dropDoubts(rows []doubtRow, g *Gain) error {
	return inLots(rows, func(rows []doubtRow) error {
		nums := make([]int64, len(rows))
		for i, r := range rows {
			nums[i] = r.num
			if r.item != "" {
				g.Items = append(g.Items, r.item)
			}
		}
		in, args := among(nums)
		_, err := t.exec(`DELETE FROM doubt WHERE num IN (`+in+`)`, args...)
		return err
	})
}

// newDoubts writes the rows of posts that are to wait.
func (t *tx) newDoubts(l Learnt, known map[string]doubtRow, g *Gain) error {
	closed, err := t.closedDoubts(l.Doubtful, func(Doubtful, liveListing) bool { return true })
	if err != nil {
		return err
	}
	var waiting int64
	if err := t.row(`SELECT count(*) FROM doubt WHERE source = ? AND state = ?`, l.Source, DoubtWaiting).Scan(&waiting); err != nil {
		return err
	}
	var rows [][]any
	var replaced []doubtRow
	seen := map[string]bool{}
	for _, d := range l.Doubtful {
		row, there := known[d.ID]
		switch {
		case seen[d.ID]:
			continue
		case closed[d.ID]:
			g.Items = append(g.Items, d.Item)
			continue
		case there && row.digest == d.TextDigest && row.state == DoubtWaiting:
			if supersedes(d.Extractor, row.extractor) {
				if _, err := t.exec(`UPDATE doubt SET extractor = ?, confidence = ?, reasons = ? WHERE num = ?`, d.Extractor, d.Confidence, document(d.Reasons), row.num); err != nil {
					return err
				}
			}
			continue // the item is the same
		case there && row.refuses(d):
			if row.item != d.Item {
				g.Items = append(g.Items, d.Item)
			}
			continue
		case waiting >= DoubtsPerSource:
			g.DoubtsOver++
			g.Items = append(g.Items, d.Item)
			continue
		case there:
			if row.item == d.Item {
				row.item = ""
			}
			replaced = append(replaced, row)
		}
		seen[d.ID] = true
		waiting++
		rows = append(rows, []any{d.ID, d.TextDigest, int64(d.Print), l.Source, d.Place, d.Item, d.Extractor, d.Confidence, document(d.Reasons), millis(d.PostedAt), millis(l.At), DoubtWaiting})
	}
	if err := t.dropDoubts(replaced, g); err != nil {
		return err
	}
	g.Doubtful = int64(len(rows))
	sortRows(rows)
	_, err = t.insert(`INSERT INTO doubt (post_id, digest, print, source, place, item, extractor, confidence, reasons, posted_at, seen_at, state)`, rows, ``)
	return err
}

// liveListing is what the book has of a listing whose post is in doubt now.
type liveListing struct{ digest, extractor, decided string }

// stays reports whether a commit that has a doubt leaves the listing be: a later version
// takes its listing of the same words back, and an edit takes away any.
func (l liveListing) stays(d Doubtful) bool {
	if l.digest == d.TextDigest {
		return l.decided != "" || !supersedes(d.Extractor, l.extractor)
	}
	return !d.Native
}

// closedDoubts are the ids of those that are not to wait: listings, of those that are
// live those that stay, posts that were decided and are forgotten but for their
// fingerprint, or dropped by retention, and such as show somebody who was erased.
func (t *tx) closedDoubts(all []Doubtful, stays func(Doubtful, liveListing) bool) (map[string]bool, error) {
	out, of := map[string]bool{}, map[int64][]string{}
	var ids []string
	var prints []int64
	var people []market.BlindValue
	for _, d := range all {
		ids, prints = append(ids, d.ID), append(prints, int64(d.Print))
		of[int64(d.Print)] = append(of[int64(d.Print)], d.ID)
		for _, p := range d.People {
			people = append(people, p...)
		}
	}
	live := map[string]liveListing{}
	err := inLots(ids, func(ids []string) error {
		in, args := among(ids)
		return t.rows(func(scan func(...any) error) error {
			var id string
			var l liveListing
			err := scan(&id, &l.digest, &l.extractor, &l.decided)
			live[id] = l
			return err
		}, `SELECT post.id, post.text_digest, listing.extractor, listing.decided FROM post JOIN listing ON listing.id = post.id WHERE listing.live = 1 AND post.id IN (`+in+`)`, args...)
	})
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if l, ok := live[d.ID]; ok && stays(d, l) {
			out[d.ID] = true
		}
	}
	err = inLots(prints, func(prints []int64) error {
		in, args := among(prints)
		return t.rows(func(scan func(...any) error) error {
			var p int64
			err := scan(&p)
			for _, id := range of[p] {
				out[id] = true
			}
			return err
		}, `SELECT print FROM doubt_closed WHERE print IN (`+in+`) UNION SELECT print FROM listing_gone WHERE print IN (`+in+`)`, slices.Concat(args, args)...)
	})
	if err != nil {
		return nil, err
	}
	erased, err := t.erased(people)
	for _, d := range all {
		for _, p := range d.People {
			if slices.ContainsFunc(p, func(v market.BlindValue) bool { return erased[[2]string{v.Kind, v.Digest}] }) {
				out[d.ID] = true
			}
		}
	}
	return out, err
}
