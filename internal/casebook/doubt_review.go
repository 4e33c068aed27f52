package casebook

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// KindReview is the work of making a listing of a post that a person took for one.
const KindReview = "review"

// Actions of the audit log about doubtful posts; their target is D-12.
const (
	ActDoubtAccepted = "doubt_accepted"
	ActDoubtRejected = "doubt_rejected"
)

// Doubt is a doubtful post as reviewers see it, without its words.
type Doubt struct {
	Num        int64
	Post       string // id; that of the listing, once it is one
	Source     string
	Place      string
	TextDigest string
	Print      uint64
	Item       string // in the spool; "" nothing is there any more
	Extractor  string
	Confidence float64
	Reasons    []string  // codes
	PostedAt   time.Time // zero: unknown
	SeenAt     time.Time
	State      string
	Decision   Decision
	By         string    // who decided; "" nobody
	Decided    time.Time // zero: nobody has
}

// DoubtID is how a doubtful post is called: D-12.
func DoubtID(num int64) string { return fmt.Sprintf("D-%d", num) }

// DoubtNumber reads "D-12".
func DoubtNumber(s string) (int64, bool) { return number("D-", s) }

// DecidedError says that somebody has decided already, or that it is too late.
type DecidedError struct{ Doubt Doubt }

func (e *DecidedError) Error() string {
	d := e.Doubt
	if d.State == DoubtExpired {
		return fmt.Sprintf("%s expired: nobody decided while its text was kept", DoubtID(d.Num))
	}
	return fmt.Sprintf("%s was %s by %s on %s", DoubtID(d.Num), d.State, d.By, d.Decided.Format(time.RFC3339))
}

const doubtColumns = `SELECT num, post_id, source, place, digest, print, item, extractor, confidence, reasons, posted_at, seen_at, state, verdict, decided_by, decided_at FROM doubt`

func scanDoubt(scan func(...any) error) (Doubt, error) {
	var d Doubt
	var print, posted, seen, decided int64
	var reasons, verdict string
	if err := scan(&d.Num, &d.Post, &d.Source, &d.Place, &d.TextDigest, &print, &d.Item, &d.Extractor, &d.Confidence, &reasons, &posted, &seen, &d.State, &verdict, &d.By, &decided); err != nil {
		return d, err
	}
	d.Print, d.PostedAt, d.SeenAt, d.Decided = uint64(print), instant(posted), instant(seen), instant(decided)
	return d, errors.Join(parse(reasons, &d.Reasons), parse(verdict, &d.Decision))
}

// DoubtFilter picks doubtful posts; empty fields pick all.
type DoubtFilter struct {
	State, Source string
	Limit, Skip   int // Limit 0: all
}

// Doubts lists doubtful posts: the likeliest first, then the oldest.
func (b *Book) Doubts(ctx context.Context, f DoubtFilter) (out []Doubt, err error) {
	query, args := doubtColumns+` WHERE 1 = 1`, []any{}
	for _, c := range [][2]string{{"state", f.State}, {"source", f.Source}} {
		if c[1] != "" {
			query, args = query+` AND `+c[0]+` = ?`, append(args, c[1])
		}
	}
	query += ` ORDER BY confidence DESC, num`
	if f.Limit > 0 {
		query, args = query+` LIMIT ? OFFSET ?`, append(args, f.Limit, f.Skip)
	}
	err = b.read(ctx, "doubtful posts", func(t *tx) error {
		out = []Doubt{}
		return t.rows(func(scan func(...any) error) error {
			d, err := scanDoubt(scan)
			out = append(out, d)
			return err
		}, query, args...)
	})
	return out, err
}

// Doubt finds one. ErrNotFound: there is none of that number, or it is settled.
func (b *Book) Doubt(ctx context.Context, num int64) (d Doubt, err error) {
	err = b.read(ctx, "a doubtful post", func(t *tx) error {
		d, err = t.doubt(num, "")
		return err
	})
	return d, err
}

func (t *tx) doubt(num int64, locked string) (Doubt, error) {
	d, err := scanDoubt(t.row(doubtColumns+` WHERE num = ?`+locked, num).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return d, err
}

// DoubtCount is how many doubtful posts of a source are in a state, and since when the
// oldest was seen.
type DoubtCount struct {
	Source, State string
	N             int64
	Oldest        time.Time
}

// DoubtCounts counts doubtful posts by source and state.
func (b *Book) DoubtCounts(ctx context.Context) (out []DoubtCount, err error) {
	err = b.read(ctx, "counts of doubtful posts", func(t *tx) error {
		out = []DoubtCount{}
		return t.rows(func(scan func(...any) error) error {
			var c DoubtCount
			var oldest int64
			err := scan(&c.Source, &c.State, &c.N, &oldest)
			c.Oldest = instant(oldest)
			out = append(out, c)
			return err
		}, `SELECT source, state, count(*), min(seen_at) FROM doubt GROUP BY source, state ORDER BY source, state`)
	})
	return out, err
}

// WaitingDoubts are the keyed digests of the texts of those of the posts that wait, by id.
func (b *Book) WaitingDoubts(ctx context.Context, ids []string) (map[string]string, error) {
	return b.digests(ctx, "posts that wait", `SELECT post_id, digest FROM doubt WHERE state = '`+DoubtWaiting+`' AND post_id IN (`, ids)
}

// DecidedListings are the same of live listings that a person took for such.
func (b *Book) DecidedListings(ctx context.Context, ids []string) (map[string]string, error) {
	return b.digests(ctx, "listings that a person decided", `SELECT post.id, post.text_digest FROM post JOIN listing ON listing.id = post.id
		WHERE listing.live = 1 AND listing.decided <> '' AND post.id IN (`, ids)
}

func (b *Book) digests(ctx context.Context, what, query string, ids []string) (map[string]string, error) {
	out := map[string]string{}
	err := b.read(ctx, what, func(t *tx) error {
		clear(out)
		return inLots(ids, func(ids []string) error {
			in, args := among(ids)
			return t.rows(func(scan func(...any) error) error {
				var id, digest string
				err := scan(&id, &digest)
				out[id] = digest
				return err
			}, query+in+`)`, args...)
		})
	})
	return out, err
}

// DoubtsBefore reports whether posts wait that another version of the extractor read.
func (b *Book) DoubtsBefore(ctx context.Context, version string) (yes bool, err error) {
	err = b.read(ctx, "earlier doubts", func(t *tx) error {
		return t.row(`SELECT EXISTS (SELECT 1 FROM doubt WHERE state = ? AND extractor <> ?)`, DoubtWaiting, version).Scan(&yes)
	})
	return yes, err
}

// ParkableDoubts leaves out of doubtful posts those that a commit would not take, so that
// nothing is parked for them; commits look again. parked are the items that wait already,
// over is how many are too many for their source.
func (b *Book) ParkableDoubts(ctx context.Context, source string, all []Doubtful) (out []Doubtful, parked map[string]bool, over int64, err error) {
	err = b.read(ctx, "posts that may wait", func(t *tx) error {
		out, parked, over = nil, map[string]bool{}, 0
		closed, err := t.closedDoubts(all, func(d Doubtful, l liveListing) bool { return l.stays(d) })
		if err != nil {
			return err
		}
		ids := make([]string, len(all))
		for i, d := range all {
			ids[i] = d.ID
		}
		known, err := t.doubtRows(ids, "")
		if err != nil {
			return err
		}
		var waiting int64
		if err := t.row(`SELECT count(*) FROM doubt WHERE source = ? AND state = ?`, source, DoubtWaiting).Scan(&waiting); err != nil {
			return err
		}
		for _, d := range all {
			r, there := known[d.ID]
			switch {
			case closed[d.ID] || there && r.refuses(d):
				continue
			case there && r.state == DoubtWaiting && r.item == d.Item:
				parked[d.Item] = true
			case waiting >= DoubtsPerSource:
				over++
				continue
			default:
				waiting++
			}
			out = append(out, d)
		}
		return nil
	})
	return out, parked, over, err
}

// reviewWork is the unit of work of a doubtful post.
func reviewWork(num int64) string {
	sum := sha256.Sum256([]byte("review " + DoubtID(num)))
	return hex.EncodeToString(sum[:16])
}

// AcceptDoubt takes a doubtful post for a listing and orders the work of making it one,
// for a run. *DecidedError: somebody was faster, or it expired.
func (b *Book) AcceptDoubt(ctx context.Context, num int64, v Decision, run int64, by Act) (d Doubt, err error) {
	v.By = by.Who
	err = b.write(ctx, "accepting "+DoubtID(num), func(t *tx) error {
		if d, err = t.undecided(num); err != nil {
			return err
		}
		d.State, d.Decision, d.By, d.Decided = DoubtAccepted, v, by.Who, instant(millis(by.At))
		if _, err := t.exec(`UPDATE doubt SET state = ?, verdict = ?, decided_by = ?, decided_at = ? WHERE num = ?`, d.State, document(v), d.By, millis(by.At), num); err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO work (id, kind, run_id, source, state, due_at, payload) VALUES (?, ?, ?, ?, 'pending', ?, ?)
			ON CONFLICT (id) DO UPDATE SET run_id = excluded.run_id, state = 'pending', due_at = excluded.due_at, attempts = 0, generation = work.generation + 1`,
			reviewWork(num), KindReview, run, d.Source, millis(by.At), document(ReviewPayload{Doubt: num})); err != nil {
			return err
		}
		return t.audit(by, ActDoubtAccepted, DoubtID(num), d.Post)
	})
	return d, err
}

// ReviewPayload is the payload of a KindReview.
type ReviewPayload struct {
	Doubt int64 `json:"doubt"`
}

// RejectDoubt takes a doubtful post for none. Its fingerprint stays, so that it neither
// waits nor is found again; the caller drops the item, whose name is returned.
// *DecidedError: as with AcceptDoubt.
func (b *Book) RejectDoubt(ctx context.Context, num int64, by Act) (d Doubt, err error) {
	err = b.write(ctx, "rejecting "+DoubtID(num), func(t *tx) error {
		if d, err = t.undecided(num); err != nil {
			return err
		}
		d.State, d.By, d.Decided = DoubtRejected, by.Who, instant(millis(by.At))
		if _, err := t.exec(`UPDATE doubt SET state = ?, item = '', decided_by = ?, decided_at = ? WHERE num = ?`, d.State, d.By, millis(by.At), num); err != nil {
			return err
		}
		if err := t.closeDoubt(d.Print, d.State, by.At); err != nil {
			return err
		}
		return t.audit(by, ActDoubtRejected, DoubtID(num), d.Post)
	})
	return d, err
}

func (t *tx) undecided(num int64) (Doubt, error) {
	d, err := t.doubt(num, t.d.locked())
	if err == nil && d.State != DoubtWaiting {
		err = &DecidedError{d}
	}
	return d, err
}

func (t *tx) closeDoubt(print uint64, verdict string, at time.Time) error {
	_, err := t.exec(`INSERT INTO doubt_closed (print, verdict, at) VALUES (?, ?, ?) ON CONFLICT (print) DO UPDATE SET verdict = excluded.verdict, at = excluded.at`, int64(print), verdict, millis(at))
	return err
}

// reviewed notes that a post which a person took for a listing is one now.
func (t *tx) reviewed(l Learnt, g *Gain) error {
	if l.Review == 0 {
		return nil
	}
	d, err := t.doubt(l.Review, t.d.locked())
	if err != nil {
		return err
	}
	if d.Item != "" {
		g.Items = append(g.Items, d.Item)
	}
	_, err = t.exec(`UPDATE doubt SET item = '' WHERE num = ?`, l.Review)
	return err
}

// GiveUpReview ends the work of a post that no listing could be made of. lost says that
// its text can't be read any more: it expires. Else it waits again.
func (b *Book) GiveUpReview(ctx context.Context, l Learnt, lost bool) error {
	return b.write(ctx, "giving "+DoubtID(l.Review)+" up", func(t *tx) error {
		if err := t.finish(l.Work, l.Outcome, l.Reason, l.At); err != nil {
			return err
		}
		query, args := `UPDATE doubt SET state = ?, verdict = '', decided_by = '', decided_at = 0 WHERE num = ?`, []any{DoubtWaiting, l.Review}
		if lost {
			query, args = `UPDATE doubt SET state = ?, item = '' WHERE num = ?`, []any{DoubtExpired, l.Review}
		}
		if _, err := t.exec(query, args...); err != nil {
			return err
		}
		return t.tally(l, Gain{})
	})
}

// expireLot is how many posts expire in one transaction.
const expireLot = 500

// ExpireDoubts lets posts expire that were seen before a time and that nobody decided:
// their text can't be read any more. It returns their items.
func (b *Book) ExpireDoubts(ctx context.Context, before, now time.Time) (items []string, err error) {
	for {
		var some []Doubt
		err := b.write(ctx, "posts that nobody decided", func(t *tx) error {
			some = nil
			if err := t.rows(func(scan func(...any) error) error {
				d, err := scanDoubt(scan)
				some = append(some, d)
				return err
			}, doubtColumns+` WHERE state = ? AND seen_at < ? ORDER BY num LIMIT ?`+t.d.locked(), DoubtWaiting, millis(before), expireLot); err != nil {
				return err
			}
			for _, d := range some {
				if _, err := t.exec(`UPDATE doubt SET state = ?, item = '', decided_at = ? WHERE num = ?`, DoubtExpired, millis(now), d.Num); err != nil {
					return err
				}
			}
			return nil
		})
		for _, d := range some {
			items = append(items, d.Item)
		}
		if err != nil || len(some) < expireLot {
			return items, err
		}
	}
}

// ForgetDoubts lets posts wait no more: erased keeps their fingerprints, so that they
// don't come back. It returns their items. Those that a person has decided meanwhile stay.
func (b *Book) ForgetDoubts(ctx context.Context, nums []int64, erased bool, now time.Time) (items []string, err error) {
	err = b.write(ctx, "forgetting doubtful posts", func(t *tx) error {
		items = nil
		for _, num := range nums {
			d, err := t.doubt(num, t.d.locked())
			if errors.Is(err, ErrNotFound) || err == nil && d.State != DoubtWaiting {
				continue
			}
			if err != nil {
				return err
			}
			if erased {
				if err := t.closeDoubt(d.Print, "erased", now); err != nil {
					return err
				}
			}
			if _, err := t.exec(`DELETE FROM doubt WHERE num = ?`, num); err != nil {
				return err
			}
			items = append(items, d.Item)
		}
		return nil
	})
	return items, err
}

// DoubtItem reports whether an item of the spool is a post's that still needs it.
func (b *Book) DoubtItem(ctx context.Context, item string) (needed bool, err error) {
	err = b.read(ctx, "an item of the spool", func(t *tx) error {
		return t.row(`SELECT EXISTS (SELECT 1 FROM doubt WHERE item = ? AND state IN (?, ?))`, item, DoubtWaiting, DoubtAccepted).Scan(&needed)
	})
	return needed, err
}

// RejectedPosts are those of the fingerprints (Gone) that a person rejected.
func (b *Book) RejectedPosts(ctx context.Context, prints []uint64) (map[uint64]bool, error) {
	return b.printsIn(ctx, "rejected posts", `SELECT print FROM doubt_closed WHERE verdict = '`+DoubtRejected+`' AND `, prints)
}
