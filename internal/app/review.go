package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/console"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
	"resumewatch/internal/spool"
)

// reviewers are the roles that decide what the extractor can't.
var reviewers = []string{casebook.RoleReviewer, casebook.RoleAdmin}

// DoubtLine is one doubtful post as `review list` prints it.
type DoubtLine struct {
	ID         string   `json:"id"`
	State      string   `json:"state"` // waiting, accepted, rejected, expired
	PostID     string   `json:"post_id"`
	Source     string   `json:"source"`
	Place      string   `json:"place"`
	PostedAt   string   `json:"posted_at"`
	SeenAt     string   `json:"seen_at"`
	Until      string   `json:"until"` // when its text goes, if nobody decides
	Confidence float64  `json:"confidence"`
	Extractor  string   `json:"extractor"`
	Reasons    []string `json:"reasons"` // codes
	Text       string   `json:"text"`    // masked; "" when it is kept no more
	DecidedBy  string   `json:"decided_by"`
	DecidedAt  string   `json:"decided_at"`
}

// DoubtDetail is one as `review show` prints it.
type DoubtDetail struct {
	DoubtLine
	Author    market.Author   `json:"author"`
	Permalink string          `json:"permalink"`
	Before    []string        `json:"before"`  // masked
	After     []string        `json:"after"`   // masked
	Why       []market.Reason `json:"why"`     // the reasons in words
	Listing   market.Listing  `json:"listing"` // what `review accept` would take it for
}

// DoubtOptions are the flags of the review commands.
type DoubtOptions struct {
	State, Source string
	Limit         int // 0: all
	As            string
}

// desk is what reviewing needs: the book, and the texts that wait.
type desk struct {
	book  *casebook.Book
	spool *spool.Spool
	words jobs.Reader
	by    casebook.Act
}

func withDesk(ctx context.Context, o Options, as string, f func(desk) error) error {
	return withBook(ctx, o, func(book *casebook.Book) error {
		by, _, err := acting(ctx, o, book, as, reviewers)
		if err != nil {
			return err
		}
		d, err := newDesk(ctx, o, book)
		if err != nil {
			return err
		}
		d.by = by
		return f(d)
	})
}

func newDesk(ctx context.Context, o Options, book *casebook.Book) (desk, error) {
	d := desk{book: book}
	now, err := clock(ctx, book, o.Env)
	if err != nil {
		return d, err
	}
	keys, err := keyring(o)
	if err != nil {
		return d, err
	}
	if d.spool, err = openSpool(o, keys, now); err != nil {
		return d, err
	}
	d.words, err = o.reader()
	return d, err
}

// Show implements console.Doubts.
func (d desk) Show(ctx context.Context, one casebook.Doubt) (console.DoubtText, bool, error) {
	shown, ok, err := d.show(ctx, one)
	return console.DoubtText(shown), ok, err
}

// Forget implements console.Doubts.
func (d desk) Forget(ctx context.Context, item string) error { return d.spool.Drop(ctx, item) }

// show opens what waits of a doubtful post; ok is false when nothing does any more.
func (d desk) show(ctx context.Context, one casebook.Doubt) (shown jobs.ShownDoubt, ok bool, err error) {
	if one.Item == "" {
		return shown, false, nil
	}
	item, err := openDoubt(ctx, d.spool, one.Item)
	if errors.Is(err, spool.ErrAbsent) || errors.Is(err, spool.ErrErased) || errors.Is(err, spool.ErrDamaged) {
		return shown, false, nil
	}
	if err != nil {
		return shown, false, err
	}
	return item.Show(d.words), true, nil
}

func openDoubt(ctx context.Context, sp *spool.Spool, item string) (jobs.Doubt, error) {
	text, err := sp.Get(ctx, item)
	if err != nil {
		return jobs.Doubt{}, err
	}
	return jobs.ParseDoubt(text)
}

func doubtLine(d casebook.Doubt, text string) DoubtLine {
	line := DoubtLine{
		ID: casebook.DoubtID(d.Num), State: d.State, PostID: d.Post, Source: d.Source, Place: d.Place, PostedAt: stamp(d.PostedAt), SeenAt: stamp(d.SeenAt),
		Confidence: d.Confidence, Extractor: d.Extractor, Reasons: d.Reasons, Text: text, DecidedBy: d.By, DecidedAt: stamp(d.Decided),
	}
	if d.State == casebook.DoubtWaiting {
		line.Until = stamp(d.SeenAt.Add(spool.MaxAge))
	}
	return line
}

// Doubts calls f for doubtful posts, the likeliest first.
func Doubts(ctx context.Context, o Options, in DoubtOptions, f func(DoubtLine) error) error {
	return withDesk(ctx, o, in.As, func(d desk) error {
		all, err := d.book.Doubts(ctx, casebook.DoubtFilter{State: in.State, Source: in.Source, Limit: in.Limit})
		if err != nil {
			return err
		}
		for _, one := range all {
			shown, _, err := d.show(ctx, one)
			if err != nil {
				return err
			}
			if err := f(doubtLine(one, shown.Text)); err != nil {
				return err
			}
		}
		return nil
	})
}

// ShowDoubt shows one doubtful post.
func ShowDoubt(ctx context.Context, o Options, id, as string) (DoubtDetail, error) {
	out := DoubtDetail{Before: []string{}, After: []string{}, Why: []market.Reason{}}
	num, err := doubtNumber(id)
	if err != nil {
		return out, err
	}
	return out, withDesk(ctx, o, as, func(d desk) error {
		one, err := d.book.Doubt(ctx, num)
		if err != nil {
			return doubtError(err, num)
		}
		shown, ok, err := d.show(ctx, one)
		if err != nil {
			return err
		}
		out.DoubtLine = doubtLine(one, shown.Text)
		out.Listing.Normalize()
		if !ok {
			return nil
		}
		out.Author, out.Permalink, out.Listing = shown.Author, shown.Permalink, shown.Reading.Listing
		out.Before, out.After, out.Why = append(out.Before, shown.Before...), append(out.After, shown.After...), append(out.Why, shown.Reading.Reasons...)
		return nil
	})
}

// AcceptOptions are the flags of `review accept`.
type AcceptOptions struct {
	IDs   []string
	Side  string   // "": as it was read
	Goods []string // none: as they were read
	As    string
}

// Accepted is what became of a doubtful post that a person took for a listing.
type Accepted struct {
	ID        string         `json:"id"`
	ListingID string         `json:"listing_id"`
	OfferID   string         `json:"offer_id"`
	Alerts    []string       `json:"alerts"`
	Listing   market.Listing `json:"listing"`
}

// decision checks what a person puts right.
func (in AcceptOptions) decision() (casebook.Decision, error) {
	d := casebook.Decision{Side: in.Side, Goods: slices.Compact(slices.Sorted(slices.Values(in.Goods)))}
	if !slices.Contains([]string{"", market.SideSell, market.SideBuy}, in.Side) {
		return d, Usagef("--side %.40s: write sell or buy", in.Side)
	}
	for _, g := range d.Goods {
		if !slices.Contains(market.Goods, g) {
			return d, Usagef("--goods %.40s: write one of %s", g, strings.Join(market.Goods, ", "))
		}
	}
	return d, nil
}

// AcceptDoubts takes doubtful posts for listings and waits until they are: captured, in
// the casebook and in the index, grouped and judged. What was done before an error is
// returned with it.
func AcceptDoubts(ctx context.Context, o Options, in AcceptOptions) (out []Accepted, err error) {
	decision, err := in.decision()
	if err != nil {
		return nil, err
	}
	var nums []int64
	for _, id := range in.IDs {
		num, err := doubtNumber(id)
		if err != nil {
			return nil, err
		}
		nums = append(nums, num)
	}
	// Whoever may not decide starts no work.
	if err := withBook(ctx, o, func(book *casebook.Book) error {
		_, _, err := acting(ctx, o, book, in.As, reviewers)
		return err
	}); err != nil {
		return nil, err
	}
	s, err := Open(ctx, o)
	if err != nil {
		return nil, err
	}
	out, err = s.acceptDoubts(ctx, nums, decision, in.As)
	return out, errors.Join(err, s.Close())
}

func (s *Session) acceptDoubts(ctx context.Context, nums []int64, decision casebook.Decision, as string) (out []Accepted, err error) {
	by, _, err := acting(ctx, s.opts, s.Book, as, reviewers)
	if err != nil {
		return nil, err
	}
	run, err := s.Book.StartRun(ctx, "review", s.Now())
	if err != nil {
		return nil, err
	}
	var refused error
	var ordered []int64
	for _, num := range nums {
		if _, err := s.Book.AcceptDoubt(ctx, num, decision, run, by); err != nil {
			refused = errors.Join(refused, doubtError(err, num))
			continue
		}
		ordered = append(ordered, num)
	}
	if len(ordered) == 0 {
		return nil, refused
	}
	done, err := s.Wait(ctx, run, nil)
	if err != nil {
		return nil, errors.Join(refused, err)
	}
	for _, p := range done.Problems {
		refused = errors.Join(refused, fmt.Errorf("%s: %s", p.File, p.Reason))
	}
	for _, num := range ordered {
		one, err := s.Book.Doubt(ctx, num)
		if err != nil || one.State != casebook.DoubtAccepted {
			refused = errors.Join(refused, err)
			continue
		}
		rows, err := s.Book.Rows(ctx, []string{one.Post})
		if err != nil {
			return out, errors.Join(refused, err)
		}
		for _, r := range rows {
			h := hit(r)
			out = append(out, Accepted{ID: casebook.DoubtID(num), ListingID: h.ListingID, OfferID: h.OfferID, Alerts: h.Alerts, Listing: r.Listing})
		}
	}
	return out, refused
}

// RejectDoubts takes doubtful posts for none: their texts go at once.
func RejectDoubts(ctx context.Context, o Options, ids []string, as string) (done []string, err error) {
	var nums []int64
	for _, id := range ids {
		num, err := doubtNumber(id)
		if err != nil {
			return nil, err
		}
		nums = append(nums, num)
	}
	return done, withDesk(ctx, o, as, func(d desk) error {
		var refused error
		for _, num := range nums {
			if err := d.reject(ctx, num); err != nil {
				refused = errors.Join(refused, doubtError(err, num))
				continue
			}
			done = append(done, casebook.DoubtID(num))
		}
		return refused
	})
}

// reject notes the decision first: whoever is killed behind it leaves an item that
// nobody waits for, and that is swept.
func (d desk) reject(ctx context.Context, num int64) error {
	one, err := d.book.Doubt(ctx, num)
	if err != nil {
		return err
	}
	if _, err := d.book.RejectDoubt(ctx, num, d.by); err != nil {
		return err
	}
	return d.spool.Drop(ctx, one.Item)
}

func doubtNumber(id string) (int64, error) {
	num, ok := casebook.DoubtNumber(id)
	if !ok {
		return 0, Usagef("%.40q is no doubtful post; they are called D-1, D-2 …", id)
	}
	return num, nil
}

// doubtError words an error for people.
func doubtError(err error, num int64) error {
	var decided *casebook.DecidedError
	switch {
	case errors.Is(err, casebook.ErrNotFound):
		return fmt.Errorf("there is no %s, or it has settled itself: a later reading had no doubt", casebook.DoubtID(num))
	case errors.As(err, &decided):
		return decided
	}
	return err
}

// sweepDoubts lets posts expire whose texts can't be read any more.
func sweepDoubts(ctx context.Context, book *casebook.Book, sp *spool.Spool, now time.Time) error {
	items, err := book.ExpireDoubts(ctx, now.Add(-spool.MaxAge), now)
	for _, item := range items {
		err = errors.Join(err, sp.Drop(ctx, item))
	}
	return err
}
