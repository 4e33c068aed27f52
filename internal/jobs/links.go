package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"

	"resumewatch/crawlers/fetch"
	"resumewatch/crawlers/forum"
	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// add asks for another page of the source, on the source's own host.
func (v *visitor) add(address, canonical, kind, board, thread string, no int, m json.RawMessage) {
	u, err := url.Parse(address)
	if err != nil || fetch.BudgetHost(u) != v.page.Host {
		return
	}
	if Clean(address) != address {
		address = canonical // without what a link carries beside the page's own name
	}
	v.learnt.NewPages = append(v.learnt.NewPages, casebook.Page{
		Source: v.src.Name, Host: fetch.BudgetHost(u), URL: address, Canonical: canonical, Kind: kind, Board: board, Thread: thread,
		PageNo: no, DueAt: v.learnt.At, Run: v.page.Run, Mark: m,
	})
}

// justRead is how long a list counts as just read: an index and the board above
// both name a board, which is no reason to read it twice.
const justRead = WatchInterval / 2

// boards asks for the first page of every board that a page lists and that was
// not read a moment ago, in the same run.
func (v *visitor) boards(ctx context.Context, engine forum.Engine, r forum.Reading) error {
	for _, b := range r.Boards {
		u, err := url.Parse(b.URL)
		if err != nil {
			continue
		}
		key := engine.Canonical(u)
		if key == v.page.Canonical {
			continue
		}
		known, err := v.w.Book.PageByID(ctx, casebook.PageID(v.src.Name, key))
		switch {
		case errors.Is(err, casebook.ErrNotFound):
		case err != nil:
			return err
		case known.LastRun == v.page.Run && v.learnt.At.Sub(known.VisitedAt) < justRead:
			continue
		}
		v.add(b.URL, key, casebook.PageBoard, key, "", 1, nil)
	}
	return nil
}

// list asks for the threads of a board's page that are new or have changed, and
// for the next page of the list for as long as there are such: where a whole
// page is as it was, the board is as it was from there on. Sticky and moved rows
// stand out of order and decide nothing.
func (v *visitor) list(ctx context.Context, engine forum.Engine, r forum.Reading) error {
	fresh := false
	for _, t := range r.Threads {
		u, err := url.Parse(t.URL)
		if err != nil || fetch.BudgetHost(u) != v.page.Host {
			continue
		}
		key := engine.Canonical(u)
		now := mark{Replies: t.Replies}
		if !t.LastPostAt.IsZero() && (t.Precision == forum.PrecisionSecond || t.Precision == forum.PrecisionMinute) {
			now.Last = t.LastPostAt.Unix() / 60 * 60
		}
		changed, err := v.listed(ctx, t.URL, key, now)
		if err != nil {
			return err
		}
		if changed && !t.Sticky && !t.Moved {
			fresh = true
		}
	}
	if r.Next == "" || !v.mayGoOn(r) {
		return nil
	}
	u, err := url.Parse(r.Next)
	if err != nil {
		return nil // a page that links to nonsense has no next page
	}
	key := engine.Canonical(u)
	if !fresh && v.page.Digest != "" {
		// As it was from here on, unless the next page could not be read last time.
		next, err := v.w.Book.PageByID(ctx, casebook.PageID(v.src.Name, key))
		if errors.Is(err, casebook.ErrNotFound) || err == nil && (next.Digest != "" || next.VisitedAt.IsZero()) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	v.add(r.Next, key, casebook.PageBoard, v.visit.Board, "", r.PageNo+1, nil)
	return nil
}

// mayGoOn guards against lists that never end: a page beyond the last one that
// shows the last one again, and the number of pages that was asked for.
func (v *visitor) mayGoOn(r forum.Reading) bool {
	if r.LastPage > 0 && r.PageNo >= r.LastPage || v.page.PageNo > 1 && r.PageNo < v.page.PageNo {
		return false
	}
	limit := v.src.Settings.MaxPages
	return limit == 0 || max(r.PageNo, 1) < limit
}

// listed compares a row of a list with what is known of the thread and asks for
// the pages that may say something new: all of a new thread, else the last known
// one and what follows.
func (v *visitor) listed(ctx context.Context, address, key string, now mark) (changed bool, err error) {
	first, err := v.w.Book.PageByID(ctx, casebook.PageID(v.src.Name, key))
	if errors.Is(err, casebook.ErrNotFound) {
		v.add(address, key, casebook.PageThread, v.visit.Board, key, 1, now.JSON())
		return true, nil
	}
	if err != nil {
		return false, err
	}
	was := readMark(first.Mark)
	if was.Replies == now.Replies && was.Last == now.Last && first.Outcome != string(market.OutcomeError) {
		return false, nil
	}
	now.Whole = was.Whole
	last := first
	pages, err := v.w.Book.PagesOf(ctx, v.src.Name, key)
	if err != nil {
		return false, err
	}
	for _, p := range pages {
		if p.PageNo > last.PageNo {
			last = p
		}
	}
	// The first page carries the mark; it is read again too: offers are edited there.
	v.add(address, key, casebook.PageThread, v.visit.Board, key, 1, now.JSON())
	if last.Canonical != key {
		v.add(last.URL, last.Canonical, casebook.PageThread, v.visit.Board, key, last.PageNo, nil)
	}
	return true, nil
}

// whole reports whether the run asked for the whole thread.
func (v *visitor) whole() bool {
	whole := readMark(v.page.Mark).Whole
	return whole != 0 && whole == v.page.Run
}

// thread asks for the page that follows: an unknown one, or any when the whole
// thread was asked for or this page has changed.
func (v *visitor) thread(ctx context.Context, engine forum.Engine, r forum.Reading) error {
	if r.Next == "" || r.LastPage > 0 && r.PageNo >= r.LastPage || v.page.PageNo > 1 && r.PageNo < v.page.PageNo {
		return nil
	}
	u, err := url.Parse(r.Next)
	if err != nil {
		return nil // as above
	}
	key := engine.Canonical(u)
	var m json.RawMessage
	if v.whole() {
		m = mark{Whole: v.page.Run}.JSON()
	} else if v.learnt.Outcome == market.OutcomeSame {
		if _, err := v.w.Book.PageByID(ctx, casebook.PageID(v.src.Name, key)); !errors.Is(err, casebook.ErrNotFound) {
			return err
		}
	}
	v.add(r.Next, key, casebook.PageThread, v.visit.Board, v.visit.Thread, r.PageNo+1, m)
	return nil
}
