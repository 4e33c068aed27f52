package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os/user"
	"strings"
	"time"

	"resumewatch/crawlers/fetch"
	"resumewatch/crawlers/forum"
	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// CrawlOptions say what to look at now, and how.
type CrawlOptions struct {
	URLs           []string
	Engine         string // "": found from the page
	Pages          int    // of a board's list at first sight; 0: all
	Again          bool   // every known page below as well
	Rate           string // "30/1m"; "": the source's, else the default
	AllowPrivate   []string
	Authority      string
	IgnoreRobotsBy string
	Progress       func(casebook.Progress)
}

// ParseAddress reads the address of a page or board. Only http and https are visited.
func ParseAddress(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return nil, Usagef("%s: not an address: %v", address, errors.Unwrap(err))
	}
	if u.User != nil {
		return nil, Usagef("%s: an address holds no password", u.Redacted())
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		if u.Scheme == "" || u.Host == "" && !strings.Contains(address, "://") {
			return nil, Usagef("%s: not an address; write it with http:// or https://", address)
		}
		return nil, Usagef("%s: the scheme %s is not visited; only http and https are", address, u.Scheme)
	}
	if u.Host == "" {
		return nil, Usagef("%s: an address needs a host", address)
	}
	u.Fragment = ""
	u.Host = strings.ToLower(u.Host)
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

// settings checks the flags that say how a source may be read.
func (c CrawlOptions) settings(base casebook.SourceSettings) (casebook.SourceSettings, error) {
	s := base
	if c.Engine != "" {
		if _, ok := forum.ByName(c.Engine); !ok {
			return s, Usagef("--engine %s: no such engine; known are %s", c.Engine, strings.Join(engineNames(), ", "))
		}
		s.Engine = c.Engine
	}
	if len(c.AllowPrivate) > 0 {
		s.AllowPrivate = c.AllowPrivate
	}
	for _, hp := range s.AllowPrivate {
		if i := strings.LastIndexByte(hp, ':'); i <= 0 || i == len(hp)-1 {
			return s, Usagef("--allow-private %s: write HOST:PORT", hp)
		}
	}
	if c.Rate != "" {
		r, err := market.ParseRate(c.Rate)
		if err != nil {
			return s, Usagef("--rate: %v", err)
		}
		if r.Requests == 0 && len(s.AllowPrivate) == 0 {
			return s, Usagef("--rate 0 (no budget) is granted only with --allow-private")
		}
		s.Rate = r
	}
	if c.Authority != "" {
		s.Authority = market.Authority{Why: c.Authority}
	}
	if c.IgnoreRobotsBy != "" {
		s.RobotsIgnoredBy = c.IgnoreRobotsBy
	}
	if c.Pages < 0 {
		return s, Usagef("--pages %d: write 1 or more", c.Pages)
	}
	s.MaxPages = c.Pages
	return s, nil
}

func engineNames() []string {
	var out []string
	for _, e := range forum.Engines() {
		out = append(out, e.Name())
	}
	return out
}

// Crawl looks at boards or threads now and waits until all that they led to is done.
func Crawl(ctx context.Context, o Options, c CrawlOptions) (Report, error) {
	began := time.Now()
	addresses := make([]*url.URL, len(c.URLs))
	for i, text := range c.URLs {
		var err error
		if addresses[i], err = ParseAddress(text); err != nil {
			return Report{}, err
		}
	}
	if _, err := c.settings(casebook.SourceSettings{Rate: market.DefaultRate}); err != nil {
		return Report{}, err
	}
	s, err := Open(ctx, o)
	if err != nil {
		return Report{}, err
	}
	report, err := s.crawl(ctx, addresses, c, began)
	return report, errors.Join(err, s.Close())
}

func (s *Session) crawl(ctx context.Context, addresses []*url.URL, c CrawlOptions, began time.Time) (Report, error) {
	run, err := s.Book.StartRun(ctx, "crawl", s.Now())
	if err != nil {
		return Report{}, err
	}
	s.visit(run, false)
	known, err := s.Book.Sources(ctx)
	if err != nil {
		return Report{}, err
	}
	var roots []string
	for _, u := range addresses {
		id, err := s.request(ctx, run, u, c, known)
		if err != nil {
			return Report{}, err
		}
		roots = append(roots, id)
	}
	done, err := s.waitPages(ctx, run, roots, c.Progress)
	report := Report{Summary: casebook.Summarize(done, time.Since(began))}
	if err != nil {
		return report, err
	}
	for _, id := range roots {
		failed, err := s.failed(ctx, id)
		if err != nil {
			return report, err
		}
		report.Failed = report.Failed || failed
	}
	return report, nil
}

// waitPages is Wait, also for pages of the same sources that were due before: a
// crawl that was killed is done only when those are.
func (s *Session) waitPages(ctx context.Context, run int64, roots []string, progress func(casebook.Progress)) (casebook.Progress, error) {
	for {
		done, err := s.Wait(ctx, run, progress)
		if err != nil {
			return done, err
		}
		var adopted int64
		for _, id := range roots {
			p, err := s.Book.PageByID(ctx, id)
			if err != nil {
				return done, err
			}
			n, err := s.Book.AdoptPages(ctx, run, p.Source, s.Now())
			if err != nil {
				return done, err
			}
			adopted += n
		}
		if adopted == 0 {
			return done, nil
		}
	}
}

// failed reports whether a page that was asked for could not be read.
func (s *Session) failed(ctx context.Context, page string) (bool, error) {
	p, err := s.Book.PageByID(ctx, page)
	if err != nil {
		return false, err
	}
	switch market.Outcome(p.Outcome) {
	case market.OutcomeNew, market.OutcomeChanged, market.OutcomeSame, market.OutcomeMoved:
		return false, nil
	case market.OutcomeGone:
		return p.Digest == "", nil // that a known page is gone is an answer
	}
	return true, nil
}

// request makes an address due: as the source of its own, or of the source that has it.
func (s *Session) request(ctx context.Context, run int64, u *url.URL, c CrawlOptions, known []casebook.Source) (page string, err error) {
	src := casebook.Source{
		Name: sourceFor(u), URL: u.String(), State: casebook.SourceActive,
		Settings: casebook.SourceSettings{Rate: market.DefaultRate, Authority: market.Authority{Why: "asked for by " + osUser()}},
	}
	for _, k := range known {
		if k.URL != u.String() {
			continue
		}
		if !k.Watch { // nobody's settings but an earlier crawl's: those were for that time
			k.Settings = src.Settings
		}
		src = k
		src.State = casebook.SourceActive
		break
	}
	if src.Settings, err = c.settings(src.Settings); err != nil {
		return "", err
	}
	if src.Settings.Authority.Ended(s.Now()) {
		return "", fmt.Errorf("%s: the authority to read it ended on %s", u, src.Settings.Authority.Until.Format(time.DateOnly))
	}
	if src.Settings.Engine != "" {
		src.Kind = src.Settings.Engine
	}
	if err := s.Book.PutSource(ctx, src, s.Now()); err != nil {
		return "", err
	}
	whole, err := json.Marshal(map[string]int64{"whole": run})
	if err != nil {
		return "", fmt.Errorf("mark: %w", err)
	}
	root := casebook.Page{Source: src.Name, Host: fetch.BudgetHost(u), URL: u.String(), Canonical: u.String(), Mark: whole}
	pages := []casebook.Page{root}
	if c.Again {
		all, err := s.Book.PagesOf(ctx, src.Name, "")
		if err != nil {
			return "", err
		}
		for _, p := range all {
			p.Mark = nil
			if p.Canonical != root.Canonical {
				pages = append(pages, p)
			}
		}
	}
	return casebook.PageID(src.Name, root.Canonical), s.Book.RequestPages(ctx, run, pages, c.Again, s.Now())
}

// sourceFor names a source after its address.
func sourceFor(u *url.URL) string {
	name := u.Host + u.Path
	if u.RawQuery != "" {
		name += "?" + u.RawQuery
	}
	return strings.TrimSuffix(name, "/")
}

func osUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "somebody" // the system has no name for us; the capture says so
}
