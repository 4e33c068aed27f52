package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"resumewatch/internal/market"
)

// robotsRedirects is how many redirects of a robots.txt are followed (RFC 9309 §2.3.1.2).
const robotsRedirects = 5

// robots judges the address as it will be sent, its query's keys in their own
// order, and returns the Crawl-delay that goes with the verdict.
func (v *visit) robots(u *url.URL) (time.Duration, error) {
	v.res.CrawlDelay = 0
	if v.req.IgnoreRobotsBy != "" {
		v.res.Robots = robotsIgnored + v.req.IgnoreRobotsBy
		return 0, nil
	}
	v.res.Robots = ""
	origin := originOf(u)
	release, err := v.f.asking.lock(v.ctx, origin) // one asks, the others wait for what it learns
	if err != nil {
		return 0, err
	}
	defer release()
	e, ok, err := v.f.robots.Load(v.ctx, origin)
	if err != nil {
		return 0, fmt.Errorf("robots.txt of %s: %w", origin, err)
	}
	if !ok || !v.f.now().Before(e.Until) {
		if e, err = v.askRobots(origin); err != nil {
			return 0, err
		}
		if err := v.f.robots.Store(v.ctx, origin, e); err != nil {
			return 0, fmt.Errorf("robots.txt of %s: %w", origin, err)
		}
	}
	if e.Reason != "" {
		v.res.Robots = RobotsUnavailable
		return 0, &stop{
			outcome: market.OutcomeRobots,
			reason:  fmt.Sprintf("%s/robots.txt could not be read (%s), so nothing is fetched there until %s", origin, e.Reason, e.Until.UTC().Format(time.RFC3339)),
			retry:   max(e.Until.Sub(v.f.now()), 0),
		}
	}
	rules := e.rules
	if rules == nil {
		rules = ParseRobots(e.Body, Token)
	}
	v.res.CrawlDelay = rules.CrawlDelay()
	if !rules.Allowed(u.RequestURI()) {
		v.res.Robots = RobotsDisallowed
		return 0, &stop{outcome: market.OutcomeRobots, reason: fmt.Sprintf("%s/robots.txt forbids %.200s", origin, u.RequestURI())}
	}
	v.res.Robots = RobotsAllowed
	return rules.CrawlDelay(), nil
}

// askRobots fetches a robots.txt: 2xx is read, other 4xx than 429 allows all,
// as do too many redirects; 429, 5xx and a host that breaks off or gives no
// answer forbid all for a while (RFC 9309 §2.3.1.3 and §2.3.1.4). An error is
// one of the host as a whole, to be said of the page: nobody there, refused, no slot.
func (v *visit) askRobots(origin string) (RobotsEntry, error) {
	e := RobotsEntry{At: v.f.now()}
	e.Until = e.At.Add(RobotsTTL)
	unreachable := func(reason string, after time.Duration) (RobotsEntry, error) {
		if after <= 0 {
			after = RobotsErrorTTL
		}
		e.Reason, e.Until = reason, v.f.now().Add(min(max(after, time.Minute), RobotsTTL))
		return e, nil
	}
	target, err := url.Parse(origin + "/robots.txt")
	if err != nil {
		return e, fmt.Errorf("%w: %s", ErrURL, origin)
	}
	left := v.f.limits.Total
	for hop := 0; ; hop++ {
		turn := v.turn(target, 0)
		if err := turn.take(v.ctx); err != nil {
			return e, err
		}
		req, err := http.NewRequestWithContext(v.ctx, http.MethodGet, target.String(), nil)
		if err != nil {
			return e, fmt.Errorf("%w: %s", ErrURL, origin)
		}
		req.Header.Set("User-Agent", v.f.agent)
		req.Header.Set("Accept", "text/plain,*/*;q=0.5")
		req.Header.Set("Accept-Encoding", acceptEncoding)
		start := time.Now()
		a, err := v.f.exchange(v.ctx, v.door, req, turn, RobotsBytes, true, max(left, time.Millisecond))
		left -= time.Since(start)
		if err != nil {
			s, ok := asStop(err)
			if !ok || s.silent && hop == 0 {
				return e, err
			}
			return unreachable(s.reason, 0)
		}
		switch {
		case a.Status >= 200 && a.Status < 300:
			if e.Body, err = robotsBody(a); err != nil {
				return unreachable(oneLine(err), 0)
			}
			e.rules = ParseRobots(e.Body, Token)
			return e, nil
		case isRedirect(a.Status) && a.header.Get("Location") != "":
			next, err := resolve(target, a.header.Get("Location"))
			if err != nil || hop == robotsRedirects {
				return e, nil // no robots.txt to be found
			}
			target = next
		case a.Status == http.StatusTooManyRequests || a.Status >= 500:
			return unreachable(fmt.Sprintf("http %d", a.Status), retryAfter(a.header, v.f.now()))
		default:
			return e, nil
		}
	}
}

// robotsBody undoes the coding of a robots.txt and cuts it to what is read.
func robotsBody(a *answer) ([]byte, error) {
	r, err := decodedAnswer(a, RobotsBytes)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r)
	if s, ok := asStop(err); ok && s.outcome == market.OutcomeTooLarge {
		err = nil // what is beyond the limit is not read
	}
	if a.Truncated == "length" && len(body) > 0 {
		err = nil // cut by us in the midst of its coding
	}
	return body, err
}

// keyLocks is a mutex for each key whose waiters give up with their context.
type keyLocks struct {
	mu  sync.Mutex
	all map[string]*keyLock
}

type keyLock struct {
	held  chan struct{} // full while held
	users int
}

func (k *keyLocks) lock(ctx context.Context, key string) (release func(), err error) {
	k.mu.Lock()
	l := k.all[key]
	if l == nil {
		l = &keyLock{held: make(chan struct{}, 1)}
		k.all[key] = l
	}
	l.users++
	k.mu.Unlock()
	leave := func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if l.users--; l.users == 0 {
			delete(k.all, key)
		}
	}
	select {
	case l.held <- struct{}{}:
		return func() { <-l.held; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, errors.Join(ctx.Err(), context.Cause(ctx))
	}
}
