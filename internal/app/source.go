package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"resumewatch/crawlers/fetch"
	"resumewatch/crawlers/forum"
	"resumewatch/internal/casebook"
	"resumewatch/internal/config"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
)

// SourceLine is one source as `source list` prints it. Its keys are frozen.
type SourceLine struct {
	Name      string                   `json:"name"`
	Kind      string                   `json:"kind"`
	URL       string                   `json:"url"`
	State     string                   `json:"state"`
	LastRead  string                   `json:"last_read"`
	Covered   string                   `json:"covered"` // pages read of pages known
	Outcomes  map[market.Outcome]int64 `json:"outcomes"`
	NextVisit string                   `json:"next_visit"`
}

// Sources lists what is watched and what was read.
func (r *Reader) Sources(ctx context.Context, limit int) ([]SourceLine, error) {
	all, err := r.Book.Sources(ctx)
	if err != nil {
		return nil, err
	}
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	out := make([]SourceLine, 0, len(all))
	for _, s := range all {
		line := SourceLine{Name: s.Name, Kind: s.Kind, URL: s.URL, State: s.State, LastRead: stamp(s.LastRead), Outcomes: s.Outcomes, NextVisit: stamp(s.NextDue)}
		if s.Kind != "archive" {
			line.Covered = fmt.Sprintf("%d/%d", s.Visited, s.Pages)
		}
		out = append(out, line)
	}
	return out, nil
}

// SourceOptions are the flags of `source add`.
type SourceOptions struct {
	URL, Name, Kind, Authority, Rate string
	AllowPrivate                     []string
}

// AddSource adds a source that `up` then watches.
func AddSource(ctx context.Context, o Options, a SourceOptions) error {
	u, err := ParseAddress(a.URL)
	if err != nil {
		return err
	}
	if strings.TrimSpace(a.Name) == "" || strings.ContainsFunc(a.Name, func(r rune) bool { return r <= ' ' }) {
		return Usagef("--name %q: give a name without spaces", a.Name)
	}
	if strings.TrimSpace(a.Authority) == "" {
		return Usagef("--authority: say why this source may be read, such as a ticket")
	}
	settings, err := CrawlOptions{Engine: a.Kind, Rate: a.Rate, AllowPrivate: a.AllowPrivate, Authority: a.Authority}.settings(casebook.SourceSettings{Rate: market.DefaultRate})
	if err != nil {
		return err
	}
	return withBook(ctx, o, func(book *casebook.Book) error {
		known, err := book.Sources(ctx)
		if err != nil {
			return err
		}
		for _, k := range known {
			if k.Name == a.Name && k.URL != u.String() {
				return Usagef("--name %s: there is a source of that name already, at %s", a.Name, k.URL)
			}
			if k.URL == u.String() && k.Name != a.Name && k.Watch {
				return Usagef("%s is watched already, as %s", u, k.Name)
			}
		}
		return book.PutSource(ctx, casebook.Source{Name: a.Name, Kind: a.Kind, URL: u.String(), State: casebook.SourceActive, Watch: true, Settings: settings}, time.Now())
	})
}

// SetSource pauses, resumes or removes a source.
func SetSource(ctx context.Context, o Options, name, state string) error {
	return withBook(ctx, o, func(book *casebook.Book) error { return book.SetSourceState(ctx, name, state) })
}

// withBook opens the casebook for a change, beside whoever works on the folder.
func withBook(ctx context.Context, o Options, f func(*casebook.Book) error) error {
	book, err := openBook(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(f(book), book.Close())
}

func configuredSource(c config.Source) (casebook.Source, error) {
	s := casebook.Source{
		Name: c.Name, Kind: c.Kind, URL: c.URL, State: casebook.SourceActive, Watch: true,
		Settings: casebook.SourceSettings{
			Authority: c.Authority.Market(), Rate: c.Budget.Rate(), RobotsIgnoredBy: c.Robots.IgnoredBy,
			AllowPrivate: c.AllowPrivate, CookiesFile: c.Session.CookiesFile,
		},
	}
	if c.Kind == "archive" {
		s.Watch = false
		return s, nil
	}
	u, err := ParseAddress(c.URL)
	if err != nil {
		return s, err
	}
	s.URL, s.Settings.Engine = u.String(), c.Kind
	return s, nil
}

// SourceTest is what `source test` prints. Its keys are frozen.
type SourceTest struct {
	Engine     string         `json:"engine"`
	Confidence float64        `json:"confidence"`
	Boards     []TestBoard    `json:"boards"`
	Threads    []TestThread   `json:"threads"`
	Posts      []TestPost     `json:"posts"`
	Robots     string         `json:"robots"`
	Problems   []string       `json:"problems"`
	Outcome    market.Outcome `json:"-"`
}

// What the page shows.
type (
	// TestBoard is a board.
	TestBoard struct {
		ID    string `json:"id"`
		Title string `json:"title"`
		URL   string `json:"url"`
	}
	// TestThread is a row of a list; times are RFC 3339.
	TestThread struct {
		ID         string `json:"id"`
		Title      string `json:"title"`
		Author     string `json:"author"`
		CreatedAt  string `json:"created_at"`
		LastPostAt string `json:"last_post_at"`
		URL        string `json:"url"`
	}
	// TestPost is one post.
	TestPost struct {
		ID       string `json:"id"`
		Author   string `json:"author"`
		PostedAt string `json:"posted_at"`
		Text     string `json:"text"`
	}
)

// TestSource fetches one page, once, and says what an engine makes of it.
// Nothing is stored.
func TestSource(ctx context.Context, o Options, address string, allowPrivate []string) (SourceTest, error) {
	out := SourceTest{Boards: []TestBoard{}, Threads: []TestThread{}, Posts: []TestPost{}, Problems: []string{}, Robots: fetch.RobotsAllowed}
	u, err := ParseAddress(address)
	if err != nil {
		return out, err
	}
	if _, err := (CrawlOptions{AllowPrivate: allowPrivate}).settings(casebook.SourceSettings{}); err != nil {
		return out, err
	}
	fetcher, err := fetch.New(fetch.Options{Budget: oneLook{}, Limits: fetchLimits(o.Config)})
	if err != nil {
		return out, err
	}
	defer fetcher.Close()
	res, err := fetcher.Get(ctx, fetch.Request{URL: u.String(), AllowPrivate: allowPrivate, Rate: market.DefaultRate})
	if err != nil {
		return out, err
	}
	if res.Robots != "" && res.Robots != fetch.RobotsAllowed {
		out.Robots = fetch.RobotsDisallowed
	}
	if out.Outcome = res.Outcome; res.Outcome != "" {
		out.Problems = append(out.Problems, string(res.Outcome)+": "+res.Reason)
	}
	if errors.Is(res.Cause, fetch.ErrRefused) {
		return out, fmt.Errorf("%s: %s", address, res.Reason)
	}
	at, err := url.Parse(res.URL)
	if err != nil || res.UTF8 == nil {
		return out, nil
	}
	page, err := forum.Parse(at, res.Status, res.Header, res.UTF8, res.At, nil)
	if err != nil {
		out.Problems = append(out.Problems, err.Error())
		return out, nil
	}
	if detail, ok := forum.Challenge(page); ok {
		out.Outcome = market.OutcomeBlocked
		out.Problems = append(out.Problems, "blocked: "+detail)
		return out, nil
	}
	engine, sure := forum.Detect(page)
	if engine == nil {
		out.Outcome = market.OutcomeUnreadable
		out.Problems = append(out.Problems, "no forum engine that is known here")
		return out, nil
	}
	out.Engine, out.Confidence = engine.Name(), sure
	reading, err := engine.Read(page)
	if err != nil {
		return out, fmt.Errorf("engine %s: %w", engine.Name(), err)
	}
	out.fill(reading)
	return out, nil
}

func (t *SourceTest) fill(r forum.Reading) {
	if r.Outcome != "" {
		t.Outcome = r.Outcome
		t.Problems = append(t.Problems, string(r.Outcome)+": "+r.Detail)
	}
	t.Problems = append(t.Problems, r.Problems...)
	for _, b := range r.Boards {
		t.Boards = append(t.Boards, TestBoard{b.ID, b.Title, b.URL})
	}
	if len(r.Boards) == 0 && r.Board.ID != "" {
		t.Boards = append(t.Boards, TestBoard{r.Board.ID, r.Board.Title, r.Board.URL})
	}
	for _, x := range r.Threads {
		t.Threads = append(t.Threads, TestThread{x.ID, x.Title, x.Author, stamp(x.CreatedAt), stamp(x.LastPostAt), x.URL})
	}
	if len(r.Threads) == 0 && r.Thread.ID != "" {
		t.Threads = append(t.Threads, TestThread{r.Thread.ID, r.Thread.Title, r.Thread.Author, stamp(r.Thread.CreatedAt), stamp(r.Thread.LastPostAt), r.Thread.URL})
	}
	for _, p := range r.Posts {
		t.Posts = append(t.Posts, TestPost{strings.TrimPrefix(p.NativeID, "pid:"), p.Author.Name, stamp(p.PostedAt), p.Text})
	}
	slices.Sort(t.Problems)
	t.clean()
}

// clean hides numbers of people: what is printed ends in terminals and their logs.
func (t *SourceTest) clean() {
	for i := range t.Problems {
		t.Problems[i] = jobs.Clean(t.Problems[i])
	}
	for i := range t.Boards {
		t.Boards[i].Title, t.Boards[i].URL = jobs.Clean(t.Boards[i].Title), jobs.Clean(t.Boards[i].URL)
	}
	for i := range t.Threads {
		x := &t.Threads[i]
		x.Title, x.Author, x.URL = jobs.Clean(x.Title), jobs.Clean(x.Author), jobs.Clean(x.URL)
	}
	for i := range t.Posts {
		t.Posts[i].Author, t.Posts[i].Text = jobs.Clean(t.Posts[i].Author), jobs.Clean(t.Posts[i].Text)
	}
}

// oneLook is the budget of a single look: a second between requests, so that
// robots.txt and the page don't come at once.
type oneLook struct{}

func (oneLook) Take(context.Context, string, market.Rate, time.Duration) (market.Slot, bool, error) {
	return market.Slot{Wait: time.Second}, true, nil
}

func (oneLook) Confirm(context.Context, string, market.Slot) (bool, error) { return true, nil }

func fetchLimits(c *config.Config) fetch.Limits {
	return fetch.Limits{
		Body: int64(c.Fetch.MaxBody), Header: int64(c.Fetch.MaxHeader), FirstByte: c.Fetch.FirstByte, Total: c.Fetch.Total, Redirects: int(c.Fetch.Redirects),
	}
}
