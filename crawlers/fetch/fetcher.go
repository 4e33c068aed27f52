package fetch

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"code.dny.dev/ssrf"

	"resumewatch/internal/market"
)

// Fetcher asks for pages. It is safe for concurrent use.
type Fetcher struct {
	o        Options
	limits   Limits
	agent    string
	patience time.Duration
	now      func() time.Time
	wait     func(ctx context.Context, d time.Duration) error
	robots   RobotsCache
	asking   *keyLocks
	jars     *jars
	dialing  *dialing
	doors    *doors
}

// New checks the options. Close the fetcher to give its connections back.
func New(o Options) (*Fetcher, error) {
	if o.Budget == nil {
		return nil, fmt.Errorf("%w: a fetcher needs a budget", ErrRequest)
	}
	if l := o.Limits; l.Body < 0 || l.Header < 0 || l.FirstByte < 0 || l.Total < 0 || l.Redirects < 0 || o.Patience < 0 {
		return nil, fmt.Errorf("%w: limits are not negative", ErrRequest)
	}
	if strings.ContainsAny(o.UserAgent, "\r\n\x00") {
		return nil, fmt.Errorf("%w: a User-Agent is one line", ErrRequest)
	}
	f := &Fetcher{
		o: o, limits: o.Limits, agent: o.UserAgent, patience: o.Patience, now: o.Now, wait: o.Wait, robots: o.Robots,
		asking: &keyLocks{all: map[string]*keyLock{}}, jars: newJars(),
	}
	def := func(set *int64, to int64) {
		if *set == 0 {
			*set = to
		}
	}
	def(&f.limits.Body, DefaultLimits.Body)
	def(&f.limits.Header, DefaultLimits.Header)
	def((*int64)(&f.limits.FirstByte), int64(DefaultLimits.FirstByte))
	def((*int64)(&f.limits.Total), int64(DefaultLimits.Total))
	def((*int64)(&f.patience), int64(DefaultPatience))
	if f.limits.Redirects == 0 {
		f.limits.Redirects = DefaultLimits.Redirects
	}
	if f.agent == "" {
		f.agent = DefaultUserAgent
	}
	if f.now == nil {
		f.now = time.Now
	}
	if f.wait == nil {
		f.wait = sleep
	}
	if f.robots == nil {
		f.robots = NewRobotsMemory(0)
	}
	f.dialing = &dialing{guard: ssrf.New(ssrf.WithAnyPort()), resolver: o.Resolver, tls: o.TLS, limits: f.limits, name: cmp.Or(o.ResolverName, "system")}
	if f.dialing.resolver == nil {
		f.dialing.resolver = net.DefaultResolver
	}
	f.doors = &doors{make: f.dialing.door, byID: map[string]*door{}}
	return f, nil
}

// Close drops the idle connections. Requests under way are not touched.
func (f *Fetcher) Close() { f.doors.close() }

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Get looks at one page. The error is that of a context that ended, that of
// the Budget or the RobotsCache, or wraps ErrScheme, ErrURL or ErrRequest; all
// that a host does is in the Result.
func (f *Fetcher) Get(ctx context.Context, req Request) (Result, error) {
	address, err := checkURL(req.URL)
	if err != nil {
		return Result{}, fmt.Errorf("fetch: %w", err)
	}
	allow, err := normalAllow(req.AllowPrivate)
	if err != nil {
		return Result{}, fmt.Errorf("fetch %s: %w", address, err)
	}
	if strings.ContainsAny(req.ETag+req.LastModified, "\r\n\x00") {
		return Result{}, fmt.Errorf("fetch %s: %w: a validator is one line", address, ErrRequest)
	}
	v := &visit{f: f, req: req, ctx: ctx, door: f.doors.pick(allow)}
	v.allow = v.door.allow
	jar := req.Cookies
	if jar == nil {
		key := req.Jar
		if u, err := url.Parse(address); err == nil && key == "" {
			key = BudgetHost(u)
		}
		jar = f.jars.of(key)
	}
	v.c = v.newCollector(jar)
	if err := v.follow(address); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return v.res, fmt.Errorf("fetch %s: %w", address, err)
	}
	return v.res, nil
}

// follow walks the redirects and fills the result. Errors are those of Get.
func (v *visit) follow(address string) error {
	seen := map[string]int{}
	for hop := 0; ; hop++ {
		v.res.URL = address
		err := v.hop(address, hop == 0)
		if v.ctx.Err() != nil {
			return v.ctx.Err()
		}
		v.answered()
		if err != nil {
			s, ok := asStop(err)
			if !ok {
				return err
			}
			v.stopped(s, hop)
			return nil
		}
		location := v.last.header.Get("Location")
		if !isRedirect(v.last.Status) || location == "" {
			conditional := hop == 0 && (v.req.ETag != "" || v.req.LastModified != "")
			v.res.Outcome, v.res.Reason = judge(v.last.Status, conditional)
			v.read()
			return nil
		}
		from := v.res.URL
		seen[from]++
		next, err := resolve(v.sent, location)
		if err != nil {
			v.read()
			v.stopped(&stop{outcome: market.OutcomeError, reason: "redirected to " + err.Error(), cause: err}, hop)
			return nil
		}
		v.res.Moved = append(v.res.Moved, from)
		address = withoutFragment(next)
		// Once back to the same place is common: a site sets its cookie first, or
		// puts a thread's pages in order. Twice is a circle.
		if seen[address] >= 2 {
			v.stopped(&stop{outcome: market.OutcomeError, reason: "redirects in a circle: " + chain(v.res.Moved, address)}, hop)
			return nil
		}
		if hop == v.f.limits.Redirects {
			v.stopped(&stop{outcome: market.OutcomeError, reason: fmt.Sprintf("more than %d redirects: %s", v.f.limits.Redirects, chain(v.res.Moved, address))}, hop)
			return nil
		}
	}
}

// answered copies the present hop's answer into the result, or clears the one before.
func (v *visit) answered() {
	a := v.last
	if a == nil {
		a = &answer{}
	}
	r := &v.res
	r.Status, r.Header, r.RemoteAddr, r.At = a.Status, a.header, a.RemoteAddr, a.headAt
	r.Body, r.UTF8, r.Charset, r.CharsetBy, r.Replaced = v.body, nil, "", "", 0
	r.RetryAfter = retryAfter(a.header, v.f.now())
	if r.At.IsZero() {
		r.At = v.f.now()
	}
}

// stopped puts a hop that ended without a page into the result.
func (v *visit) stopped(s *stop, hop int) {
	r := &v.res
	r.Outcome, r.Reason, r.Cause, r.NotBefore = s.outcome, s.reason, s, s.notBefore
	if s.retry > 0 {
		r.RetryAfter = s.retry
	}
	if !s.notBefore.IsZero() && hop > 0 {
		r.Outcome = market.OutcomeMoved
	}
}

// read turns the body into text.
func (v *visit) read() {
	r := &v.res
	if len(r.Body) == 0 {
		return
	}
	t, ok := Decode(r.Body, r.Header.Get("Content-Type"))
	if !ok {
		return
	}
	r.UTF8, r.Charset, r.CharsetBy, r.Replaced = t.UTF8, t.Charset, t.By, t.Replaced
}

// chain names a run of redirects for a person, shortened in the middle.
func chain(moved []string, last string) string {
	all := append(append([]string{}, moved...), last)
	const most = 6
	if len(all) > most {
		all = append(append(all[:most/2:most/2], "…"), all[len(all)-most/2:]...)
	}
	for i, a := range all {
		if len(a) > 200 {
			all[i] = strings.ToValidUTF8(a[:200], "") + "…"
		}
	}
	return strings.Join(all, " → ")
}

// decodedAnswer is the body of an answer with its content coding undone.
func decodedAnswer(a *answer, limit int64) (io.Reader, error) {
	return decoded(bytes.NewReader(a.Body), a.codings, limit)
}
