package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/redis/go-redis/v9"
	_ "modernc.org/sqlite" // reads the stores from outside
)

// ageHead begins each sealed capture.
const ageHead = "age-encryption.org/v1\n"

// folder takes every file below the stage but what was given to it, and the rows of its databases.
func (s *stage) folder(ctx context.Context, when string) error {
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went meanwhile
		}
		if err != nil {
			return err
		}
		if d.IsDir() && path == filepath.Join(s.dir, "in") {
			return filepath.SkipDir
		}
		name, err := filepath.Rel(s.dir, path)
		if err != nil {
			return err
		}
		s.keep("names of files, "+when, []byte(name))
		if !d.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		s.keep(name+", "+when, data)
		return err
	})
	if err != nil {
		return err
	}
	for _, name := range []string{"casebook.db", "index.db"} {
		path := filepath.Join(s.data, name)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		e, err := sqliteHolds(ctx, path)
		if err != nil {
			return err
		}
		s.said = append(s.said, e...)
	}
	return nil
}

// sqliteHolds are all rows of a database, and the tokens of its full-text tables.
func sqliteHolds(ctx context.Context, path string) (out []exhibit, err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1) // the table of tokens lives in its connection
	tables, err := column(ctx, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		place := "table " + t + " of " + filepath.Base(path)
		data, err := allRows(ctx, db, `SELECT * FROM "`+t+`"`)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", place, err)
		}
		out = append(out, exhibit{place: place, data: data})
	}
	if filepath.Base(path) != "index.db" {
		return out, nil
	}
	if _, err := db.ExecContext(ctx, `CREATE VIRTUAL TABLE temp.told USING fts5vocab(main, words, 'row')`); err != nil {
		return nil, err
	}
	tokens, err := column(ctx, db, `SELECT term FROM temp.told`)
	return append(out, exhibit{place: "tokens of index.db", data: []byte(strings.Join(tokens, "\n")), tokens: tokens}), err
}

func column(ctx context.Context, db *sql.DB, query string) ([]string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func allRows(ctx context.Context, db *sql.DB, query string) ([]byte, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for rows.Next() {
		values := make([]any, len(names))
		into := make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i, v := range values {
			if raw, ok := v.([]byte); ok {
				v = string(raw)
			}
			fmt.Fprintf(&b, "%s=%v\x1f\n", names[i], v)
		}
		b.WriteString("----\n")
	}
	return b.Bytes(), rows.Err()
}

// redisHolds is every key of a Redis and what it holds.
func redisHolds(ctx context.Context, address, password string) (out []exhibit, err error) {
	c := redis.NewClient(&redis.Options{Addr: address, Password: password, Protocol: 2, DisableIdentity: true})
	defer func() { err = errors.Join(err, c.Close()) }()
	return redisKeys(ctx, c)
}

func redisKeys(ctx context.Context, c *redis.Client) ([]exhibit, error) {
	var b bytes.Buffer
	keys := c.Scan(ctx, 0, "*", 1000).Iterator()
	for keys.Next(ctx) {
		k := keys.Val()
		kind, err := c.Type(ctx, k).Result()
		if err != nil {
			return nil, err
		}
		var v any
		switch kind {
		case "string":
			v, err = c.Get(ctx, k).Result()
		case "list":
			v, err = c.LRange(ctx, k, 0, -1).Result()
		case "set":
			v, err = c.SMembers(ctx, k).Result()
		case "zset":
			v, err = c.ZRangeWithScores(ctx, k, 0, -1).Result()
		case "hash":
			v, err = c.HGetAll(ctx, k).Result()
		case "stream":
			v, err = c.XRange(ctx, k, "-", "+").Result()
		}
		if err != nil && !errors.Is(err, redis.Nil) { // gone meanwhile
			return nil, fmt.Errorf("%s: %w", k, err)
		}
		fmt.Fprintf(&b, "%s %s %v\n", k, kind, v)
	}
	return []exhibit{{place: "queue", data: b.Bytes()}}, keys.Err()
}
