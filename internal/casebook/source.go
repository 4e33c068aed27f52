package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"resumewatch/internal/market"
)

// States of a source.
const (
	SourceActive  = "active"
	SourcePaused  = "paused"
	SourceRemoved = "removed"
)

// Source is one place that is watched.
type Source struct {
	Name     string
	Kind     string // archive, or an engine's name, or "" while it is not known
	URL      string
	State    string
	Watch    bool // visited again and again by `up`; false: only when asked for
	Settings SourceSettings
	LastRead time.Time
	Outcomes map[market.Outcome]int64 // filled by Sources
	NextDue  time.Time                // likewise; zero: nothing is due
	Pages    int64                    // known pages, likewise
	Visited  int64                    // pages visited at least once, likewise
}

// SourceSettings is how a source may be read.
type SourceSettings struct {
	Authority       market.Authority `json:"authority"`
	Rate            market.Rate      `json:"rate"`
	RobotsIgnoredBy string           `json:"robots_ignored_by,omitempty"`
	AllowPrivate    []string         `json:"allow_private,omitempty"` // "host:port"
	Engine          string           `json:"engine,omitempty"`        // "": found from the page
	CookiesFile     string           `json:"cookies_file,omitempty"`
	MaxPages        int              `json:"max_pages,omitempty"` // of a board's list at first sight; 0: all
}

// PutSource adds a source or changes its settings. What was read of it stays.
func (b *Book) PutSource(ctx context.Context, s Source, now time.Time) error {
	return b.write(ctx, "source "+s.Name, func(t *tx) error {
		_, err := t.exec(`INSERT INTO source (name, kind, url, state, watch, settings, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, url = excluded.url, state = excluded.state,
			watch = CASE WHEN source.watch > excluded.watch THEN source.watch ELSE excluded.watch END, settings = excluded.settings`,
			s.Name, s.Kind, s.URL, s.State, b2i(s.Watch), document(s.Settings), millis(now))
		return err
	})
}

// SetSourceState pauses, resumes or removes a source. ErrNotFound: no such source.
func (b *Book) SetSourceState(ctx context.Context, name, state string) error {
	return b.write(ctx, "source "+name, func(t *tx) error {
		n, err := t.exec(`UPDATE source SET state = ?, watch = CASE WHEN ? = 'removed' THEN 0 ELSE watch END WHERE name = ? AND state <> 'removed'`, state, state, name)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("source %q: %w", name, ErrNotFound)
		}
		if state == SourceRemoved || state == SourcePaused {
			// What is due stops being owed to a run: nobody waits for a source that stands still.
			_, err = t.exec(`UPDATE page SET run_id = NULL, due_at = CASE WHEN ? = 'removed' THEN NULL ELSE due_at END WHERE source = ? AND batch IS NULL`, state, name)
		}
		return err
	})
}

// SettleEngine notes the engine that a source was found to run on, unless one is
// known. State and settings that people changed meanwhile stay.
func (b *Book) SettleEngine(ctx context.Context, name, engine string) error {
	return b.write(ctx, "source "+name, func(t *tx) error {
		s, err := t.source(name, t.d.locked())
		if err != nil || s.Kind != "" {
			return err
		}
		s.Settings.Engine = engine
		_, err = t.exec(`UPDATE source SET kind = ?, settings = ? WHERE name = ?`, engine, document(s.Settings), name)
		return err
	})
}

// FindSource finds one source as it may be read, without counts and times: what
// every chunk and visit asks for. ErrNotFound: none, or removed.
func (b *Book) FindSource(ctx context.Context, name string) (Source, error) {
	var s Source
	err := b.read(ctx, "source", func(t *tx) (err error) {
		if s, err = t.source(name, ""); err == nil && s.State == SourceRemoved {
			err = fmt.Errorf("source %q: %w", name, ErrNotFound)
		}
		return err
	})
	return s, err
}

// Sources lists what is watched or was read, by name, without the removed ones.
func (b *Book) Sources(ctx context.Context) ([]Source, error) {
	var out []Source
	err := b.read(ctx, "sources", func(t *tx) error {
		out = nil
		at := map[string]int{}
		err := t.rows(func(scan func(...any) error) error {
			s := Source{Outcomes: map[market.Outcome]int64{}}
			var watch int
			var settings string
			var last int64
			if err := scan(&s.Name, &s.Kind, &s.URL, &s.State, &watch, &settings, &last); err != nil {
				return err
			}
			s.Watch, s.LastRead = watch != 0, instant(last)
			at[s.Name] = len(out)
			out = append(out, s)
			return parse(settings, &out[len(out)-1].Settings)
		}, `SELECT name, kind, url, state, watch, settings, last_read FROM source WHERE state <> 'removed' ORDER BY name`)
		if err != nil {
			return err
		}
		err = t.rows(func(scan func(...any) error) error {
			var name, outcome string
			var n int64
			if err := scan(&name, &outcome, &n); err != nil {
				return err
			}
			if i, ok := at[name]; ok {
				out[i].Outcomes[market.Outcome(outcome)] = n
			}
			return nil
		}, `SELECT source, outcome, n FROM visit_count`)
		if err != nil {
			return err
		}
		return t.rows(func(scan func(...any) error) error {
			var name string
			var due sql.NullInt64
			var pages, visited int64
			if err := scan(&name, &due, &pages, &visited); err != nil {
				return err
			}
			if i, ok := at[name]; ok {
				out[i].NextDue, out[i].Pages, out[i].Visited = instant(due.Int64), pages, visited
			}
			return nil
		}, `SELECT source, min(due_at), count(*), coalesce(sum(CASE WHEN visited_at > 0 THEN 1 ELSE 0 END), 0) FROM page GROUP BY source`)
	})
	return out, err
}

// source reads a source's row; locked is "" or what holds it.
func (t *tx) source(name, locked string) (Source, error) {
	var s Source
	var watch int
	var settings string
	err := t.row(`SELECT name, kind, url, state, watch, settings FROM source WHERE name = ?`+locked, name).Scan(&s.Name, &s.Kind, &s.URL, &s.State, &watch, &settings)
	if errors.Is(err, sql.ErrNoRows) {
		return s, fmt.Errorf("source %q: %w", name, ErrNotFound)
	}
	if err != nil {
		return s, err
	}
	s.Watch = watch != 0
	return s, parse(settings, &s.Settings)
}

// visited counts n visits that ended alike for the source.
func (t *tx) visited(source string, outcome market.Outcome, n int64, now time.Time) error {
	if _, err := t.exec(`INSERT INTO visit_count (source, outcome, n) VALUES (?, ?, ?)
		ON CONFLICT (source, outcome) DO UPDATE SET n = visit_count.n + excluded.n`, source, string(outcome), n); err != nil {
		return err
	}
	switch outcome {
	case market.OutcomeNew, market.OutcomeChanged, market.OutcomeSame:
		_, err := t.exec(`UPDATE source SET last_read = ? WHERE name = ?`, millis(now), source)
		return err
	}
	return nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
