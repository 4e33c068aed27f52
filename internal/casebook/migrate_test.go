package casebook

import (
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"
)

// A book of the first version gets what later ones need, and keeps what it had.
func TestMigrateFirstVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.db")
	db, err := openSQLite(path, "rwc")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s, err := schemaOf(goose.DialectSQLite3, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(s.dialect, db, s.dir, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	const seen = 1772337600000 // 2026-03-01
	want := map[string]string{}
	for id, posted := range map[string]int64{"known": 1767225599000, "unknown": 0, "early": 86400000, "late": 4102444800000} {
		want[id] = monthOf(posted, seen)
		if _, err := db.ExecContext(t.Context(), `INSERT INTO post (id, place, place_name, site, native_id, author_kind, author_id, author_name, posted_at, seen_at,
			title, text, text_digest, permalink, flags, state, capture, start, length) VALUES (?, '', '', '', '', '', '', '', ?, ?, '', '', '', '', '[]', '', '', 0, 0)`, id, posted, seen); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), `INSERT INTO listing (id, extractor, live, doc, confidence, reasons, spans, sketch, version, wording)
			VALUES (?, '1', 1, '{}', 0.5, '[]', '[]', 0, 1, '')`, id); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO outbox (topic, ref, run_id) VALUES ('index', 'known', 1)`); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSQLiteReader(t.Context(), path); err == nil {
		t.Error("a reader took tables that it doesn't know")
	}
	b, err := OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for id, month := range want {
		rows, err := b.Rows(t.Context(), []string{id})
		if err != nil || len(rows) != 1 || rows[0].Month != month {
			t.Errorf("%s: %+v, %v; want %s", id, rows, err, month)
		}
	}
	if want["known"] != "2025-12" || want["early"] != "2000-01" || want["late"] != "2026-03" || want["unknown"] != "2026-03" {
		t.Errorf("months %v", want)
	}
	lag, err := b.OutboxLag(t.Context(), instant(seen))
	if err != nil || lag.Rows != 1 || lag.Topics[1].Oldest != 0 {
		t.Errorf("lag %+v, %v", lag, err)
	}
}

// "?" in literals and names isn't a mark.
func TestNumbered(t *testing.T) {
	for in, want := range map[string]string{
		`SELECT 1`:                               `SELECT 1`,
		`a = ? AND b IN (?, ?)`:                  `a = $1 AND b IN ($2, $3)`,
		`a = '?' AND b = 'it''s ?' AND c = ?`:    `a = '?' AND b = 'it''s ?' AND c = $1`,
		`SELECT "who?" FROM t WHERE x = '' || ?`: `SELECT "who?" FROM t WHERE x = '' || $1`,
		`'人?' = ?`:                               `'人?' = $1`,
	} {
		if got := numbered(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}
