package casebook

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"resumewatch/internal/market"
)

// Kinds of page.
const (
	PageIndex  = "index"
	PageBoard  = "board"
	PageThread = "thread"
)

// Page is one address that is visited, known by its canonical form.
type Page struct {
	ID           string
	Source       string
	Host         string // the budget's name: host and port
	URL          string // to fetch next; differs from Canonical after a redirect
	Canonical    string
	Kind         string // "" until it was read
	Board        string // canonical address of the board that it belongs to
	Thread       string // canonical address of the thread that it belongs to
	PageNo       int
	DueAt        time.Time
	Run          int64
	Attempts     int
	Outcome      string
	VisitedAt    time.Time // zero: never
	LastRun      int64     // run of the last visit
	Digest       string
	ETag         string
	LastModified string
	Mark         json.RawMessage // what the visit job wants to know next time; may be empty
	Kept         string          // what it wants to know of the page's newest capture; may be empty
}

// PageID is the id of a page of a source.
func PageID(source, canonical string) string {
	sum := sha256.Sum256([]byte(source + "\x00" + canonical))
	return hex.EncodeToString(sum[:16])
}

const pageColumns = `id, source, host, url, canonical, kind, board, thread, page_no, coalesce(due_at, 0), coalesce(run_id, 0), attempts, outcome, visited_at, last_run, digest, etag, last_modified, mark, kept`

func scanPage(scan func(...any) error) (Page, error) {
	var p Page
	var due, visited int64
	var mark string
	err := scan(&p.ID, &p.Source, &p.Host, &p.URL, &p.Canonical, &p.Kind, &p.Board, &p.Thread, &p.PageNo, &due, &p.Run,
		&p.Attempts, &p.Outcome, &visited, &p.LastRun, &p.Digest, &p.ETag, &p.LastModified, &mark, &p.Kept)
	p.DueAt, p.VisitedAt = instant(due), instant(visited)
	if mark != "" {
		p.Mark = json.RawMessage(mark)
	}
	return p, err
}

// RequestPages makes pages due now for a run; unknown ones are added. again
// forgets their validators, so that the site sends them whole.
func (b *Book) RequestPages(ctx context.Context, run int64, pages []Page, again bool, now time.Time) error {
	return b.write(ctx, "requesting pages", func(t *tx) error {
		asked := make([]Page, len(pages))
		ids := make([]string, len(pages))
		for i, p := range pages {
			p.Run, p.DueAt = run, now
			asked[i], ids[i] = p, PageID(p.Source, p.Canonical)
		}
		if err := t.requestPages(asked); err != nil || !again {
			return err
		}
		return inLots(ids, func(ids []string) error {
			in, args := among(ids)
			_, err := t.exec(`UPDATE page SET etag = '', last_modified = '' WHERE id IN (`+in+`)`, args...)
			return err
		})
	})
}

// AdoptPages makes a run wait for the pages of a source that other runs were
// owed or that are due, and tells how many: a run that was killed leaves such
// behind. Later looks at a watched source stay its own.
func (b *Book) AdoptPages(ctx context.Context, run int64, source string, now time.Time) (n int64, err error) {
	err = b.write(ctx, "adopting pages", func(t *tx) (err error) {
		n, err = t.exec(`UPDATE page SET run_id = ? WHERE source = ? AND (run_id <> ? OR run_id IS NULL AND due_at <= ?)
			AND source IN (SELECT name FROM source WHERE state = 'active')`, run, source, run, millis(now))
		return err
	})
	return n, err
}

// requestPages adds pages or makes known ones due, never later than they already are.
func (t *tx) requestPages(pages []Page) error {
	rows := make([][]any, 0, len(pages))
	at := map[string]int{}
	for _, p := range pages {
		id := PageID(p.Source, p.Canonical)
		if i, ok := at[id]; ok { // twice in one list
			if len(p.Mark) > 0 {
				rows[i][11] = string(p.Mark)
			}
			continue
		}
		at[id] = len(rows)
		var run any
		if p.Run != 0 {
			run = p.Run
		}
		rows = append(rows, []any{id, p.Source, p.Host, p.URL, p.Canonical, p.Kind, p.Board, p.Thread, max(p.PageNo, 1), millis(p.DueAt), run, string(p.Mark)})
	}
	sortRows(rows)
	_, err := t.insert(`INSERT INTO page (id, source, host, url, canonical, kind, board, thread, page_no, due_at, run_id, mark)`, rows,
		`ON CONFLICT (id) DO UPDATE SET due_at = CASE WHEN page.due_at < excluded.due_at THEN page.due_at ELSE excluded.due_at END,
			asked = CASE WHEN page.batch IS NOT NULL AND coalesce(excluded.run_id, page.run_id, 0) <> coalesce(page.run_id, 0) THEN 1 ELSE page.asked END,
			run_id = coalesce(excluded.run_id, page.run_id), attempts = 0,
			mark = CASE WHEN excluded.mark = '' THEN page.mark ELSE excluded.mark END`)
	return err
}

// PageByID finds a page. ErrNotFound: unknown.
func (b *Book) PageByID(ctx context.Context, id string) (Page, error) {
	var p Page
	err := b.read(ctx, "page", func(t *tx) (err error) {
		p, err = scanPage(t.row(`SELECT `+pageColumns+` FROM page WHERE id = ?`, id).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			err = ErrNotFound
		}
		return err
	})
	return p, err
}

// PagesOf lists the known pages of a source: all, or those of one thread. Other
// spellings of a page that is listed are left out.
func (b *Book) PagesOf(ctx context.Context, source, thread string) ([]Page, error) {
	query, args := `SELECT `+pageColumns+` FROM page WHERE source = ? AND alias = ''`, []any{source}
	if thread != "" {
		query, args = query+` AND thread = ?`, append(args, thread)
	}
	return b.pages(ctx, query+` ORDER BY thread, page_no, id`, args...)
}

// BatchPages lists the pages that a visit has still to make.
func (b *Book) BatchPages(ctx context.Context, batch string) ([]Page, error) {
	return b.pages(ctx, `SELECT `+pageColumns+` FROM page WHERE batch = ? ORDER BY due_at, id`, batch)
}

func (b *Book) pages(ctx context.Context, query string, args ...any) ([]Page, error) {
	var out []Page
	err := b.read(ctx, "pages", func(t *tx) error {
		out = nil
		return t.rows(func(scan func(...any) error) error {
			p, err := scanPage(scan)
			out = append(out, p)
			return err
		}, query, args...)
	})
	return out, err
}

// HostPlan says how many pages of a host go into one visit, and how many may be
// in visits at once. With some already in visits, none is planned until there is
// room for so many: else each page that is made would let in a visit of one page.
type HostPlan struct {
	Batch  int
	Queued int
	Room   int
}

// PlanVisits puts due pages of active sources into visits, a host's together,
// no more of a host than its plan allows. Pages owed to no run go to the given
// one. Sources whose authority has ended are passed over.
func (b *Book) PlanVisits(ctx context.Context, run int64, now time.Time, plan func(Source) HostPlan) (visits int, err error) {
	return b.planVisits(ctx, run, false, now, plan)
}

// PlanRun does the same with the pages that are owed to the run alone.
func (b *Book) PlanRun(ctx context.Context, run int64, now time.Time, plan func(Source) HostPlan) (visits int, err error) {
	return b.planVisits(ctx, run, true, now, plan)
}

func (b *Book) planVisits(ctx context.Context, run int64, only bool, now time.Time, plan func(Source) HostPlan) (visits int, err error) {
	owed, owedTo := ``, []any{}
	if only {
		owed, owedTo = ` AND page.run_id = ?`, []any{run}
	}
	var due int
	err = b.read(ctx, "due pages", func(t *tx) error {
		return t.row(`SELECT (SELECT count(*) FROM (SELECT 1 FROM page JOIN source ON source.name = page.source
				WHERE page.due_at <= ? AND page.batch IS NULL AND source.state = 'active'`+owed+` LIMIT 1) AS due)
			+ (SELECT count(*) FROM (SELECT 1 FROM page JOIN source ON source.name = page.source
				WHERE page.run_id IS NOT NULL AND page.batch IS NULL AND source.state <> 'active' LIMIT 1) AS owed)`, append([]any{millis(now)}, owedTo...)...).Scan(&due)
	})
	if err != nil || due == 0 {
		return 0, err
	}
	err = b.write(ctx, "planning visits", func(t *tx) error {
		visits = 0
		if err := t.d.alone(t, "planning visits"); err != nil {
			return err
		}
		// Nobody may wait for a source that stands still.
		if _, err := t.exec(`UPDATE page SET run_id = NULL WHERE run_id IS NOT NULL AND batch IS NULL
			AND source IN (SELECT name FROM source WHERE state <> 'active')`); err != nil {
			return err
		}
		type group struct {
			source, host string
			asked        int
		}
		var groups []group
		err := t.rows(func(scan func(...any) error) error {
			var g group
			err := scan(&g.source, &g.host, &g.asked)
			groups = append(groups, g)
			return err
		}, `SELECT page.source, page.host, CASE WHEN page.run_id <> ? THEN 1 ELSE 0 END AS wanted FROM page JOIN source ON source.name = page.source
			WHERE page.due_at <= ? AND page.batch IS NULL AND source.state = 'active'`+owed+`
			GROUP BY page.source, page.host, wanted ORDER BY wanted DESC, min(page.due_at), page.source, page.host`, append([]any{run, millis(now)}, owedTo...)...)
		if err != nil {
			return err
		}
		for _, g := range groups {
			src, err := t.source(g.source, "")
			if err != nil {
				return err
			}
			if src.Settings.Authority.Ended(now) {
				// Nobody may wait for what may no longer be read.
				if _, err := t.exec(`UPDATE page SET run_id = NULL, due_at = NULL WHERE source = ? AND batch IS NULL`, g.source); err != nil {
					return err
				}
				continue
			}
			p := plan(src)
			var queued int
			if err := t.row(`SELECT count(*) FROM page WHERE host = ? AND batch IS NOT NULL`, g.host).Scan(&queued); err != nil {
				return err
			}
			for queued < p.Queued && (queued == 0 || p.Queued-queued >= p.Room) {
				n, err := t.planVisit(g.source, g.host, run, whose(only, g.asked == 1), min(p.Batch, p.Queued-queued), now)
				if err != nil {
					return err
				}
				if n == 0 {
					break
				}
				queued += n
				visits++
			}
		}
		return nil
	})
	return visits, err
}

// VisitPayload is the payload of a visit's row.
type VisitPayload struct {
	Asked bool `json:"asked,omitempty"` // somebody waits for it: another run than the one that planned it
}

// Whose pages go into one visit, by the run that plans it.
const (
	itsOwn = `run_id = ?`
	asked  = `run_id <> ?`
	others = `(run_id IS NULL OR run_id = ?)`
)

func whose(only, wanted bool) string {
	switch {
	case only:
		return itsOwn
	case wanted:
		return asked
	}
	return others
}

func (t *tx) planVisit(source, host string, run int64, whose string, size int, now time.Time) (int, error) {
	var ids []string
	err := t.rows(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT id FROM page WHERE source = ? AND host = ? AND batch IS NULL AND due_at <= ? AND `+whose+` ORDER BY due_at, id LIMIT ?`, source, host, millis(now), run, size)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	work := newID()
	if _, err := t.exec(`INSERT INTO work (id, kind, run_id, source, state, due_at, payload) VALUES (?, ?, ?, ?, 'pending', ?, ?)`,
		work, KindVisit, run, source, millis(now), document(VisitPayload{Asked: whose == asked})); err != nil {
		return 0, err
	}
	var owner any
	if run != 0 {
		owner = run
	}
	in, values := among(ids)
	_, err = t.exec(`UPDATE page SET batch = ?, run_id = coalesce(run_id, ?) WHERE id IN (`+in+`)`, append([]any{work, owner}, values...)...)
	return len(ids), err
}

// EndVisit ends a visit and gives back the pages that it did not make: due again
// at the given time. The rows of ended visits are not kept; their outcomes are.
func (b *Book) EndVisit(ctx context.Context, c Claim, rest time.Time) error {
	return b.write(ctx, "ending a visit", func(t *tx) error {
		if err := t.fence(c); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE page SET batch = NULL, asked = 0, due_at = ? WHERE batch = ?`, millis(rest), c.ID); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM work WHERE id = ?`, c.ID)
		return err
	})
}

// LeaveHost ends a visit whose host is to be left alone until the given time: its
// pages are due then, and no run waits for them; the problem says so to the runs
// that did.
func (b *Book) LeaveHost(ctx context.Context, c Claim, until time.Time, problem market.Problem) error {
	return b.write(ctx, "leaving a host", func(t *tx) error {
		if err := t.fence(c); err != nil {
			return err
		}
		var runs []int64
		if err := t.rows(func(scan func(...any) error) error {
			var run int64
			err := scan(&run)
			runs = append(runs, run)
			return err
		}, `SELECT DISTINCT run_id FROM page WHERE batch = ? AND run_id IS NOT NULL`, c.ID); err != nil {
			return err
		}
		for _, run := range runs {
			if err := t.problems(run, []market.Problem{problem}); err != nil {
				return err
			}
		}
		if _, err := t.exec(`UPDATE page SET batch = NULL, run_id = NULL, due_at = ? WHERE batch = ?`, millis(until), c.ID); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM work WHERE id = ?`, c.ID)
		return err
	})
}
