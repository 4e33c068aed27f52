package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/gocolly/colly/v2"

	"resumewatch/internal/market"
)

// visit is one Get under way: the site behind colly's back. It is the
// RoundTripper of the visit's collector, so that every request that colly makes
// passes robots.txt, the budget and the caps here, on the address as it is sent.
type visit struct {
	f     *Fetcher
	req   Request
	ctx   context.Context // the caller's
	door  *door
	allow map[string]bool
	spent time.Duration // on the network so far
	res   Result
	last  *answer // of the present hop; nil before it
	sent  *url.URL
	c     *colly.Collector
	body  []byte
}

// newCollector makes the visit's collector. colly v2.3.0 needs this done to it:
//   - Init instead of NewCollector, which takes settings from COLLY_* variables;
//   - its robots.txt check stays off: it sorts the query's keys before matching
//     and never asks again;
//   - its 10 s timeout and its 10 MB cut (silent, and before decompression) go:
//     limits are the transport's;
//   - its transport, which takes a proxy from the environment, is replaced, and
//     with it what would follow redirects;
//   - it would decode gzip by the look of the address, and character sets by the
//     header alone: RoundTrip hands it a decoded body under a neutral head;
//   - pages with an error status are kept, addresses may be visited again, its
//     store of visited ones stays empty.
func (v *visit) newCollector(jar http.CookieJar) *colly.Collector {
	c := &colly.Collector{}
	c.Init()
	c.IgnoreRobotsTxt = true
	c.AllowURLRevisit = true
	c.ParseHTTPErrorResponse = true
	c.DetectCharset = false
	c.MaxBodySize = 0
	c.Context = v.ctx
	c.SetRequestTimeout(0)
	c.SetCookieJar(jar)
	c.WithTransport(v)
	c.SetRedirectHandler(func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse })
	c.OnResponse(func(r *colly.Response) { v.body = r.Body })
	return c
}

// hop asks for one address. nil: v.last is its answer and v.body its decoded body.
func (v *visit) hop(address string, first bool) error {
	v.last, v.sent, v.body = nil, nil, nil
	h := http.Header{}
	h.Set("User-Agent", v.f.agent)
	h.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	h.Set("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.5")
	h.Set("Accept-Encoding", acceptEncoding)
	if first {
		if v.req.ETag != "" {
			h.Set("If-None-Match", v.req.ETag)
		}
		if v.req.LastModified != "" {
			h.Set("If-Modified-Since", v.req.LastModified)
		}
	}
	err := v.c.Request(http.MethodGet, address, nil, nil, h)
	if err != nil && v.sent == nil { // colly didn't get as far as sending
		return &stop{outcome: market.OutcomeError, reason: oneLine(err), cause: fmt.Errorf("%w: %w", ErrURL, err)}
	}
	return err
}

// RoundTrip is one hop of the visit.
func (v *visit) RoundTrip(req *http.Request) (*http.Response, error) {
	v.sent = req.URL
	v.res.URL = withoutFragment(req.URL)
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return nil, &stop{outcome: market.OutcomeError, reason: fmt.Sprintf("scheme %q", req.URL.Scheme), cause: ErrScheme}
	}
	delay, err := v.robots(req.URL)
	if err != nil {
		return nil, err
	}
	turn := v.turn(req.URL, delay)
	if err := turn.take(v.ctx); err != nil {
		return nil, err
	}
	a, err := v.timed(func(left time.Duration) (*answer, error) {
		return v.f.exchange(v.ctx, v.door, req, turn, v.f.limits.Body, false, left)
	})
	if a != nil {
		a.Robots = v.res.Robots
		v.last = a
		v.res.Exchanges = append(v.res.Exchanges, a.Exchange)
	}
	if err != nil {
		return nil, err
	}
	body, err := decodedAnswer(a, v.f.limits.Body)
	if err != nil {
		return nil, err
	}
	shown := a.header.Clone()
	shown.Del("Location")         // redirects are followed by Get
	shown.Del("Content-Encoding") // undone
	shown.Set("Content-Type", "application/octet-stream")
	return &http.Response{
		Status: http.StatusText(a.Status), StatusCode: a.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: shown, Body: io.NopCloser(body), ContentLength: -1, Uncompressed: true, Request: req,
	}, nil
}

// timed runs network work and counts its time against the visit's total.
func (v *visit) timed(work func(left time.Duration) (*answer, error)) (*answer, error) {
	left := v.f.limits.Total - v.spent
	if left <= 0 {
		return nil, &stop{outcome: market.OutcomeError, reason: fmt.Sprintf("not done within %s", v.f.limits.Total), cause: errTotal}
	}
	start := time.Now()
	a, err := work(left)
	v.spent += time.Since(start)
	return a, err
}

// asStop finds the stop in what net/http and colly wrapped around it.
func asStop(err error) (*stop, bool) {
	var s *stop
	ok := errors.As(err, &s)
	return s, ok
}
