package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"resumewatch/crawlers/fetch"
	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/market"
)

// How long after a visit a page is looked at again.
const (
	RetryAfterError = 3 * time.Second  // a page that failed is tried once more
	BlockedPause    = 30 * time.Minute // a host that refuses is left alone at least so long
	WatchInterval   = 10 * time.Minute // between looks at the root of a watched source
)

// Visit handles a batch of due pages of one host.
func (w *Workshop) Visit(ctx context.Context, task string, _ []byte) error {
	return w.handle(ctx, task, w.visit)
}

func (w *Workshop) visit(ctx context.Context, row casebook.Work, claim casebook.Claim) error {
	src, err := w.Book.FindSource(ctx, row.Source)
	if errors.Is(err, casebook.ErrNotFound) {
		return w.Book.EndVisit(ctx, claim, w.Now().Add(WatchInterval))
	}
	if err != nil {
		return err
	}
	pages, err := w.Book.BatchPages(ctx, claim.ID)
	if err != nil {
		return err
	}
	for i, p := range pages {
		if src.State != casebook.SourceActive || src.Settings.Authority.Ended(w.Now()) {
			break
		}
		v := visitor{w: w, src: src, page: p, claim: claim}
		if w.failed.of(row.ID) >= maxFailures {
			// Pages before this one left the batch: this is the one that fails.
			w.failed.forget(row.ID)
			if err := v.giveUp(ctx); err != nil {
				return err
			}
			continue
		}
		rest, err := v.look(ctx)
		if err != nil {
			return err
		}
		if !rest.IsZero() { // no slot of the budget near: give the others back
			return w.leave(ctx, claim, pages[i:], src, rest)
		}
	}
	return w.Book.EndVisit(ctx, claim, w.Now())
}

// visitor makes one look at one page.
type visitor struct {
	w       *Workshop
	src     casebook.Source
	page    casebook.Page
	claim   casebook.Claim
	res     fetch.Result
	learnt  casebook.Learnt
	visit   casebook.PageVisit
	capture bool // what was fetched must be kept
	fresh   bool // it shows listings in words that were not kept before
	doubts  []doubtful

	original *evidence.Original // it is kept as a revisit of that; nil: whole
}

// giveUp ends a page that failed here time and again.
func (v *visitor) giveUp(ctx context.Context) error {
	v.learnt = casebook.Learnt{Work: v.claim, Run: v.page.Run, Source: v.src.Name, At: v.w.Now(), Outcome: market.OutcomeError,
		Reason: fmt.Sprintf("given up after %d failures; the log has their cause", maxFailures), Page: &casebook.PageVisit{ID: v.page.ID}}
	v.problem()
	return v.commit(ctx)
}

// look fetches the page and commits what it says. rest is when there is a slot
// of the budget, when there is none now.
func (v *visitor) look(ctx context.Context) (rest time.Time, err error) {
	req, err := v.request()
	if err != nil {
		return rest, err
	}
	v.res, err = v.w.Fetcher.Get(ctx, req)
	if ctx.Err() != nil {
		return rest, ctx.Err()
	}
	if err != nil && !isMisuse(err) {
		return rest, err
	}
	if err == nil && v.res.Outcome == "" && !v.res.NotBefore.IsZero() {
		return v.res.NotBefore, nil
	}
	now := v.w.Now()
	v.learnt = casebook.Learnt{Work: v.claim, Run: v.page.Run, Source: v.src.Name, At: now, Bytes: int64(len(v.res.Body)), Extractor: v.w.Extractor.Version()}
	v.visit = casebook.PageVisit{ID: v.page.ID, ETag: v.res.Header.Get("ETag"), LastModified: v.res.Header.Get("Last-Modified")}
	if v.res.Outcome == market.OutcomeSame { // a 304 need not repeat them
		v.visit.ETag, v.visit.LastModified = cmp.Or(v.visit.ETag, v.page.ETag), cmp.Or(v.visit.LastModified, v.page.LastModified)
	}
	if err != nil {
		v.learnt.Outcome, v.learnt.Reason = market.OutcomeError, err.Error()
	} else if err := v.judge(ctx); err != nil {
		return rest, err
	}
	v.prove(now)
	if err := errors.Join(v.forget(), v.next(ctx, now)); err != nil {
		return rest, err
	}
	v.learnt.Page = &v.visit
	if err := v.park(ctx); err != nil {
		return rest, err
	}
	return rest, v.commit(ctx)
}

// isMisuse reports whether the page's address itself can't be fetched. Other
// errors are ours (the queue is away, a session can't be read): the page waits.
func isMisuse(err error) bool {
	return errors.Is(err, fetch.ErrScheme) || errors.Is(err, fetch.ErrURL) || errors.Is(err, fetch.ErrRequest)
}

func (v *visitor) request() (r fetch.Request, err error) {
	s := v.src.Settings
	r = fetch.Request{
		URL: v.page.URL, Rate: s.Rate, AllowPrivate: s.AllowPrivate, IgnoreRobotsBy: s.RobotsIgnoredBy,
		Jar: v.src.Name,
	}
	// A thread that was asked for as a whole is read: its page leads to the others.
	if v.page.Digest != "" && v.page.Kind == casebook.PageThread && !v.whole() && !(readKept(v.page).Root != "" && proofDue(v.page, v.w.Now())) {
		r.ETag, r.LastModified = v.page.ETag, v.page.LastModified
	}
	if s.CookiesFile != "" {
		r.Cookies, err = v.w.sessions.jar(s.CookiesFile)
	}
	return r, err
}

// next decides when the page is looked at again.
func (v *visitor) next(ctx context.Context, now time.Time) error {
	root := v.src.Watch && v.page.Canonical == v.src.URL
	switch v.learnt.Outcome {
	case market.OutcomeError:
		if errors.Is(v.res.Cause, fetch.ErrRefused) || errors.Is(v.res.Cause, fetch.ErrScheme) {
			break
		}
		if v.page.Attempts < 1 {
			// The run waits for the second try; only that one is counted.
			v.visit.NextDue, v.visit.Owed = now.Add(RetryAfterError), true
			v.learnt.Outcome, v.learnt.Problems, v.learnt.Bytes = "", nil, 0
			return nil
		}
	case market.OutcomeBlocked:
		v.visit.Mark = "{}" // as below
		pause := v.backOff()
		if pause > 0 {
			if err := v.w.Budget.Penalize(ctx, v.page.Host, now.Add(pause)); err != nil {
				return err
			}
		}
		if v.src.Watch {
			v.visit.NextDue = now.Add(max(pause, BlockedPause))
		}
		v.problem()
		return nil
	case market.OutcomeMoved, market.OutcomeNew, market.OutcomeChanged, market.OutcomeSame:
		v.w.refused.add(v.page.Host, false)
		if root && !v.visit.Owed { // owed: half-way through a redirect
			v.visit.NextDue = now.Add(WatchInterval)
		}
		return nil
	}
	if root {
		v.visit.NextDue = now.Add(BlockedPause)
	}
	v.visit.Mark = "{}" // what its list said is not read: let the next list ask again
	v.problem()
	return nil
}

func (v *visitor) problem() {
	v.learnt.Problems = append(v.learnt.Problems, market.Problem{Source: v.src.Name, File: v.page.URL, Reason: string(v.learnt.Outcome) + ": " + v.learnt.Reason})
}

func (v *visitor) commit(ctx context.Context) error {
	var captures []evidence.Capture
	if v.capture && len(v.res.Exchanges) > 0 {
		c, err := v.evidence()
		if err != nil {
			return fmt.Errorf("capture of %s: %w", v.page.URL, err)
		}
		captures = append(captures, c)
	}
	cleaned(&v.learnt)
	var gain casebook.Gain
	err := v.w.Evidence.Write(ctx, captures, func(refs []evidence.Ref, pen casebook.Fence) error {
		v.learnt.Captures, v.learnt.Pen, v.learnt.Device = captureRows(refs, v.src.Name), pen, v.w.Info.Host
		if len(refs) > 0 {
			for i := range v.learnt.Found {
				if v.original == nil { // a revisit holds no post
					v.learnt.Found[i].Capture = refs[0].Digest
				}
			}
			if err := v.remember(captures[0], &v.learnt.Captures[0]); err != nil {
				return err
			}
		}
		var err error
		gain, err = v.w.Book.Commit(ctx, v.learnt)
		return err
	})
	if err != nil {
		return err
	}
	v.w.forget(ctx, gain.Items)
	if v.learnt.Outcome != "" {
		v.w.visited(Visited{Source: v.src.Name, What: Clean(v.page.URL), Outcome: v.learnt.Outcome, Reason: v.learnt.Reason, Posts: gain.Posts, Listings: gain.Listings})
	}
	return nil
}

// evidence is the page as it went over the wire.
func (v *visitor) evidence() (evidence.Capture, error) {
	info := v.w.Info
	info.Source, info.Authority = v.src.Name, v.src.Settings.Authority
	info.Robots, info.Clock = "obey", v.w.clock()
	if file := v.src.Settings.CookiesFile; file != "" {
		info.Session = filepath.Base(file)
	}
	if by := v.src.Settings.RobotsIgnoredBy; by != "" {
		info.Robots = "ignore (allowed by " + by + ")"
	}
	exchanges := make([]evidence.Exchange, len(v.res.Exchanges))
	for i, x := range v.res.Exchanges {
		exchanges[i] = evidence.Exchange{
			URL: x.URL, At: x.At, RemoteAddr: x.RemoteAddr, RequestHead: x.RequestHead, ResponseHead: x.ResponseHead,
			Body: x.Body, Encoded: true, Truncated: x.Truncated,
			TLS: protection(x.TLS), Resolver: x.Resolver, Resolved: x.Resolved, Robots: x.Robots,
		}
	}
	if v.original != nil {
		return evidence.RevisitCapture(info, exchanges, *v.original)
	}
	return evidence.PageCapture(info, exchanges)
}
