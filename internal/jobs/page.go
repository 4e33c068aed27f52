package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"resumewatch/crawlers/forum"
	"resumewatch/extractors"
	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// mark is what a page of a thread remembers of the list that named it, and
// whether the thread was asked for as a whole.
type mark struct {
	Replies int   `json:"replies,omitempty"`
	Last    int64 `json:"last,omitempty"`  // unix seconds of the last post, 0 unknown
	Whole   int64 `json:"whole,omitempty"` // run that wants every page
}

func readMark(raw json.RawMessage) (m mark) {
	if len(raw) > 0 && json.Unmarshal(raw, &m) != nil {
		return mark{} // unreadable means unknown: the page is simply read again
	}
	return m
}

func (m mark) JSON() json.RawMessage {
	out, err := json.Marshal(m)
	if err != nil {
		panic("jobs: a mark is always encodable: " + err.Error()) // three integers
	}
	return out
}

// judge reads the fetched page: its outcome, posts and links.
func (v *visitor) judge(ctx context.Context) error {
	v.learnt.Outcome, v.learnt.Reason = v.res.Outcome, v.res.Reason
	switch v.res.Outcome {
	case market.OutcomeSame, market.OutcomeRobots, market.OutcomeTooLarge, market.OutcomeError:
		return nil
	case market.OutcomeMoved: // a redirect whose slot was too far away
		if Clean(v.res.URL) == v.res.URL {
			v.visit.URL = v.res.URL
		} // else it is led there anew: the page's own address is enough
		v.visit.NextDue, v.visit.Owed = v.res.NotBefore, true
		return nil
	}
	at, err := url.Parse(v.res.URL)
	if err != nil || v.res.UTF8 == nil {
		if v.res.Outcome == "" {
			v.learnt.Outcome, v.learnt.Reason = market.OutcomeUnreadable, "the answer is no text"
		}
		return v.gone(ctx)
	}
	page, err := forum.Parse(at, v.res.Status, v.res.Header, v.res.UTF8, v.res.At, nil)
	if err != nil {
		v.learnt.Outcome, v.learnt.Reason = market.OutcomeUnreadable, err.Error()
		return nil
	}
	if detail, ok := forum.Challenge(page); ok {
		v.learnt.Outcome, v.learnt.Reason = market.OutcomeBlocked, detail
		return nil
	}
	engine, ok := v.engine(page)
	if !ok {
		if v.res.Outcome == "" {
			v.learnt.Outcome, v.learnt.Reason = market.OutcomeUnreadable, "no forum engine that is known here; --engine names one"
		}
		return v.gone(ctx)
	}
	reading, err := engine.Read(page)
	if err != nil {
		return fmt.Errorf("engine %s: %w", engine.Name(), err)
	}
	if reading.Outcome != "" {
		v.learnt.Outcome, v.learnt.Reason = reading.Outcome, reading.Detail
	}
	if v.learnt.Outcome != "" {
		return v.gone(ctx)
	}
	for _, problem := range reading.Problems {
		v.learnt.Problems = append(v.learnt.Problems, market.Problem{Source: v.src.Name, File: v.page.URL, Reason: problem})
	}
	if v.src.Kind == "" {
		v.src.Kind, v.src.Settings.Engine = engine.Name(), engine.Name()
		if err := v.w.Book.SettleEngine(ctx, v.src.Name, engine.Name()); err != nil {
			return err
		}
	}
	return v.content(ctx, engine, reading)
}

func (v *visitor) engine(page forum.Page) (forum.Engine, bool) {
	if name := v.src.Settings.Engine; name != "" {
		return forum.ByName(name)
	}
	e, sure := forum.Detect(page)
	return e, e != nil && sure >= 0.5
}

// gone notes that a thread with listings is there no more, and keeps the page
// that says so as proof.
func (v *visitor) gone(ctx context.Context) error {
	if v.learnt.Outcome != market.OutcomeGone || v.page.Thread == "" || v.page.PageNo > 1 {
		return nil
	}
	v.learnt.GoneThread = v.page.Thread
	holds, err := v.w.Book.HoldsListings(ctx, v.page.Thread)
	v.capture = holds
	return err
}

// content takes in a page that an engine could read.
func (v *visitor) content(ctx context.Context, engine forum.Engine, r forum.Reading) error {
	if r.Canonical != "" && r.Canonical != v.page.Canonical && len(v.res.Moved) > 0 {
		// The site led us to another page: that one is asked for under its own name.
		v.learnt.Outcome, v.learnt.Reason = market.OutcomeMoved, "to "+v.res.URL
		v.add(v.res.URL, r.Canonical, string(r.Kind), v.page.Board, "", 0, nil)
		if r.Kind == forum.KindThread && len(v.learnt.NewPages) > 0 {
			v.learnt.NewPages[0].Thread = v.page.Thread
			v.learnt.NewPages[0].Mark = v.page.Mark
		}
		return nil
	}
	if r.Canonical != "" && r.Canonical != v.page.Canonical {
		v.visit.Alias = r.Canonical
	}
	v.visit.PageNo = r.PageNo
	switch r.Kind {
	case forum.KindIndex:
		v.visit.Kind = casebook.PageIndex
	case forum.KindBoard:
		v.visit.Kind = casebook.PageBoard
		v.visit.Board = v.boardKey(engine, r)
	case forum.KindThread:
		v.visit.Kind = casebook.PageThread
		v.visit.Board = v.page.Board
		v.visit.Thread = v.threadKey(engine, r)
	default:
		v.learnt.Outcome, v.learnt.Reason = market.OutcomeUnreadable, "not a list and not a thread: "+r.Detail
		return nil
	}
	digest := readingDigest(r)
	v.visit.Digest = digest
	switch v.page.Digest {
	case "":
		v.learnt.Outcome = market.OutcomeNew
	case digest:
		v.learnt.Outcome = market.OutcomeSame
	default:
		v.learnt.Outcome = market.OutcomeChanged
	}
	switch r.Kind {
	case forum.KindIndex:
		return v.boards(ctx, engine, r)
	case forum.KindBoard:
		if err := v.boards(ctx, engine, r); err != nil {
			return err
		}
		return v.list(ctx, engine, r)
	}
	if err := v.posts(ctx, r); err != nil {
		return err
	}
	if err := v.missing(ctx, r); err != nil {
		return err
	}
	return v.thread(ctx, engine, r)
}

func (v *visitor) boardKey(engine forum.Engine, r forum.Reading) string {
	if u, err := url.Parse(r.Board.URL); err == nil && r.Board.URL != "" {
		return engine.Canonical(u)
	}
	return v.page.Canonical
}

// threadKey is the canonical address of the thread's first page.
func (v *visitor) threadKey(engine forum.Engine, r forum.Reading) string {
	if u, err := url.Parse(r.Thread.URL); err == nil && r.Thread.URL != "" {
		return engine.Canonical(u)
	}
	if v.page.Thread != "" {
		return v.page.Thread
	}
	return v.page.Canonical
}

// readingDigest tells whether a page says something else than last time. What
// changes by itself (views, "5 minutes ago") is left out.
func readingDigest(r forum.Reading) string {
	h := sha256.New()
	line := func(parts ...string) {
		for _, p := range parts {
			h.Write([]byte(strconv.Itoa(len(p))))
			h.Write([]byte{':'})
			h.Write([]byte(p))
		}
		h.Write([]byte{'\n'})
	}
	line(string(r.Kind), r.Next)
	for _, b := range r.Boards {
		line("board", b.ID, b.Title, b.URL)
	}
	for _, t := range r.Threads {
		line("thread", t.ID, t.Title, strconv.Itoa(t.Replies))
	}
	for i := range r.Posts {
		p := &r.Posts[i]
		line("post", p.NativeID, p.Author.Key(), p.Title, p.Text)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// posts extracts every post of a thread page.
func (v *visitor) posts(ctx context.Context, r forum.Reading) error {
	var ids []string
	ordinals := map[string]int{}
	var scratch []byte
	for i := range r.Posts {
		p := &r.Posts[i]
		if p.Place == "" {
			p.Place = v.visit.Board
		}
		if p.Place == "" {
			p.Place = v.visit.Thread
		}
		if p.System {
			continue
		}
		var s casebook.Sighting
		s, scratch = v.w.Prints.Of(p, scratch)
		v.learnt.Sightings = append(v.learnt.Sightings, s)
		first := p.ID(0)
		id := p.ID(ordinals[first])
		ordinals[first]++
		text, reading := v.w.extract(p, extractors.Options{})
		if !reading.Listing.Listing {
			v.learnt.Unlisted = append(v.learnt.Unlisted, v.w.unlisted(p, id))
			if reading.Doubt {
				v.doubts = append(v.doubts, v.w.doubtful(p, id, text, reading))
				v.doubts[len(v.doubts)-1].at = i
			}
			continue
		}
		f := v.w.found(p, text, reading)
		f.ID, f.Thread, f.State = id, v.visit.Thread, market.PostThere
		v.learnt.Found = append(v.learnt.Found, f)
		ids = append(ids, id)
	}
	var err error
	v.doubts, err = v.w.decided(ctx, v.doubts, func(d doubtful, f casebook.Found) {
		f.Thread, f.State = v.visit.Thread, market.PostThere
		v.learnt.Found = append(v.learnt.Found, f)
		ids = append(ids, f.ID)
	})
	if err != nil {
		return err
	}
	v.around(r)
	if err := v.w.withoutDropped(ctx, &v.learnt, "", nil); err != nil {
		return err
	}
	known, err := v.w.Book.KnownText(ctx, ids)
	if err != nil {
		return err
	}
	for _, f := range v.learnt.Found {
		if known[f.ID] != f.TextDigest {
			v.capture, v.fresh = true, true // keep what holds a listing that we have not kept in these words
		}
	}
	return nil
}
