//go:build parts

package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx", which reads the casebook from outside
	"github.com/redis/go-redis/v9"
)

// servers are PostgreSQL, Redis and Elasticsearch of deploy/testparts, with a
// database, a numbered database and an index of this test's own, looked into from
// outside: by asking and in their files.
type servers struct {
	name, dsn string
	db        *sql.DB
	home      string // PostgreSQL's folder
	oid       string // of our database: its folder below base
	from      string // place in PostgreSQL's log of writes (WAL) at which we began
	said      int    // bytes that its own log had by then
	others    int64  // rows that other databases had written by then
	redis     *redis.Options
	elastic   string
}

// part is the address of a server that deploy/testparts started.
func part(t *testing.T, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set: run deploy/testparts/with postgres redis elasticsearch -- go test -tags parts ./bench/leaks", name)
	}
	return v
}

// newServers makes what is this test's own, and takes it away behind it.
func newServers(t *testing.T) *servers {
	t.Helper()
	v := &servers{name: fmt.Sprintf("leaks_%d", time.Now().UnixNano()), elastic: part(t, "RESUMEWATCH_ELASTICSEARCH")}
	u, err := url.Parse(part(t, "RESUMEWATCH_POSTGRES"))
	must(t, err)
	admin, err := sql.Open("pgx", u.String())
	must(t, err)
	_, err = admin.ExecContext(t.Context(), "CREATE DATABASE "+v.name)
	must(t, err)
	u.Path = "/" + v.name
	v.dsn = u.String()
	v.db, err = sql.Open("pgx", v.dsn)
	must(t, err)
	must(t, v.db.QueryRowContext(t.Context(), `SELECT current_setting('data_directory'), oid::text FROM pg_database WHERE datname = current_database()`).Scan(&v.home, &v.oid))
	must(t, v.began(t.Context()))
	v.redis, err = redis.ParseURL(part(t, "RESUMEWATCH_REDIS"))
	must(t, err)
	v.redis.Protocol, v.redis.DisableIdentity = 2, true
	// Other tests use the same Redis: an empty database of it.
	for v.redis.DB = 15; v.redis.DB > 0; v.redis.DB-- {
		n, err := v.ask(func(c *redis.Client) (int64, error) { return c.DBSize(t.Context()).Result() })
		must(t, err)
		if n == 0 {
			break
		}
	}
	if v.redis.DB == 0 {
		t.Fatal("no database of Redis is empty: FRESH=1 empties them")
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		_, err := v.ask(func(c *redis.Client) (int64, error) { return 0, c.FlushDB(ctx).Err() })
		names, missing := v.indices(ctx)
		err = errors.Join(err, missing)
		for name := range names {
			_, gone := v.es(ctx, http.MethodDelete, "/"+name, "")
			err = errors.Join(err, gone)
		}
		_, gone := v.es(ctx, http.MethodDelete, "/_index_template/"+v.index(), "")
		err = errors.Join(err, gone, v.db.Close())
		_, dropped := admin.ExecContext(ctx, "DROP DATABASE "+v.name+" WITH (FORCE)")
		if err := errors.Join(err, dropped, admin.Close()); err != nil {
			t.Error(err)
		}
	})
	return v
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (v *servers) index() string { return strings.ReplaceAll(v.name, "_", "-") }

// settings are the lines of a configuration.
func (v *servers) settings() string {
	url := fmt.Sprintf("redis://:%s@%s/%d", url.QueryEscape(v.redis.Password), v.redis.Addr, v.redis.DB)
	return fmt.Sprintf("queue: {redis: %q}\ncasebook: {dsn: %q}\nindex: {elasticsearch: [%q], name: %q}\n", url, v.dsn, v.elastic, v.index())
}

// count asks the casebook for a number.
func (v *servers) count(ctx context.Context, query string) (n int64, err error) {
	err = v.db.QueryRowContext(ctx, query).Scan(&n)
	return n, err
}

// foreign are the rows that other databases of the cluster have written.
const foreign = `SELECT coalesce(sum(tup_inserted + tup_updated), 0)::bigint FROM pg_stat_database WHERE datname <> current_database()`

func (v *servers) log() string { return filepath.Join(filepath.Dir(v.home), "log") }

// began notes where PostgreSQL's logs stand now.
func (v *servers) began(ctx context.Context) (err error) {
	said, err := os.ReadFile(v.log())
	if err != nil {
		return err
	}
	v.said = len(said)
	if v.others, err = v.count(ctx, foreign); err != nil {
		return err
	}
	return v.db.QueryRowContext(ctx, `SELECT pg_current_wal_insert_lsn()::text`).Scan(&v.from)
}

// plainly lets PostgreSQL compress nothing of what is stored from now on, so that
// its files can be searched for rows that are gone, too.
func (v *servers) plainly(ctx context.Context) error {
	columns, err := column(ctx, v.db, `SELECT format('ALTER TABLE %s ALTER COLUMN %I SET STORAGE EXTERNAL', c.oid::regclass, a.attname)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped AND a.attstorage IN ('x', 'm')`)
	if err != nil {
		return err
	}
	if len(columns) == 0 {
		return errors.New("the casebook has no text")
	}
	for _, change := range columns {
		if _, err := v.db.ExecContext(ctx, change); err != nil {
			return err
		}
	}
	return nil
}

// postgresHolds is every row of every table, the log of writes since we began, and
// the database's files, where what was deleted or changed still lies.
func (v *servers) postgresHolds(ctx context.Context) ([]exhibit, error) {
	tables, err := column(ctx, v.db, `SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'm', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	var out []exhibit
	for _, name := range tables {
		data, err := allRows(ctx, v.db, `SELECT * FROM `+name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, exhibit{place: "table " + name + " of casebook (PostgreSQL)", data: data})
	}
	// A checkpoint uses old files of the log of writes anew: that is read before.
	writes, err := v.writes(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := v.db.ExecContext(ctx, `CHECKPOINT`); err != nil {
		return nil, err
	}
	files, err := below(filepath.Join(v.home, "base", v.oid), "base of casebook (PostgreSQL): ")
	if err != nil {
		return nil, err
	}
	said, err := os.ReadFile(v.log())
	if err != nil {
		return nil, err
	}
	return append(append(append(out, writes...), files...), exhibit{place: "log of PostgreSQL", data: said[min(v.said, len(said)):]}), nil
}

// writes is PostgreSQL's log of writes since we began.
func (v *servers) writes(ctx context.Context) (out []exhibit, err error) {
	var first, last string
	var begin, end int
	err = v.db.QueryRowContext(ctx, `SELECT a.file_name, a.file_offset, b.file_name, b.file_offset
		FROM pg_walfile_name_offset($1::pg_lsn) a, pg_walfile_name_offset(pg_current_wal_insert_lsn()) b`, v.from).Scan(&first, &begin, &last, &end)
	if err != nil {
		return nil, err
	}
	files, err := os.ReadDir(filepath.Join(v.home, "pg_wal"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.IsDir() || f.Name() < first || f.Name() > last {
			continue
		}
		data, err := os.ReadFile(filepath.Join(v.home, "pg_wal", f.Name()))
		if err != nil {
			return nil, err
		}
		if f.Name() == last {
			data = data[:min(end, len(data))]
		}
		if f.Name() == first {
			data = data[min(begin, len(data)):]
		}
		out = append(out, exhibit{place: writesPlace, data: data})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no file of PostgreSQL's log of writes from %s to %s", first, last)
	}
	return out, nil
}

const writesPlace = "log of writes to casebook (PostgreSQL)"

// below is every file below a folder.
func below(dir, place string) (out []exhibit, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		var data []byte
		if err == nil && d.Type().IsRegular() {
			data, err = os.ReadFile(path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went meanwhile
		}
		if len(data) > 0 {
			out = append(out, exhibit{place: place + d.Name(), data: data})
		}
		return err
	})
	return out, err
}

func (v *servers) ask(do func(*redis.Client) (int64, error)) (n int64, err error) {
	c := redis.NewClient(v.redis)
	defer func() { err = errors.Join(err, c.Close()) }()
	return do(c)
}

// redisHolds is every key of our database, also as Redis would write it down, and
// the files that it did write.
func (v *servers) redisHolds(ctx context.Context) (out []exhibit, err error) {
	c := redis.NewClient(v.redis)
	defer func() { err = errors.Join(err, c.Close()) }()
	if out, err = redisKeys(ctx, c); err != nil {
		return nil, err
	}
	keys := c.Scan(ctx, 0, "*", 1000).Iterator()
	for keys.Next(ctx) {
		dump, err := c.Dump(ctx, keys.Val()).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return nil, err
		}
		out = append(out, exhibit{place: "queue, dumped", data: []byte(dump)})
	}
	dir, err := c.ConfigGet(ctx, "dir").Result()
	if err := errors.Join(err, keys.Err()); err != nil {
		return nil, err
	}
	files, err := below(dir["dir"], "file of Redis: ")
	return append(out, files...), err
}

// es asks Elasticsearch.
func (v *servers) es(ctx context.Context, method, path, body string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, v.elastic+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s: %.300s", method, path, res.Status, out)
	}
	return out, err
}

func (v *servers) esInto(ctx context.Context, into any, method, path, body string) error {
	out, err := v.es(ctx, method, path, body)
	if err != nil {
		return err
	}
	return json.Unmarshal(out, into)
}

// indices are ours, with the names of their folders.
func (v *servers) indices(ctx context.Context) (map[string]string, error) {
	var rows []struct{ Index, UUID string }
	out := map[string]string{}
	err := v.esInto(ctx, &rows, http.MethodGet, "/_cat/indices/"+v.index()+"-*?format=json&h=index,uuid&expand_wildcards=all", "")
	for _, r := range rows {
		out[r.Index] = r.UUID
	}
	return out, err
}

// elasticFiles are the logs of operations of our indices, which have every document
// that was written since the last flush, replaced and deleted ones too. The segments
// beside them are no text: terms stand there without their beginnings, one behind the
// other, and make numbers that nobody wrote. They are read by terms.
func (v *servers) elasticFiles(ctx context.Context) ([]exhibit, error) {
	names, err := v.indices(ctx)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("there is no index")
	}
	var stats struct {
		Nodes map[string]struct {
			FS struct{ Data []struct{ Path string } }
		}
	}
	if err := v.esInto(ctx, &stats, http.MethodGet, "/_nodes/stats/fs", ""); err != nil {
		return nil, err
	}
	var out []exhibit
	for _, node := range stats.Nodes {
		for _, d := range node.FS.Data {
			for _, uuid := range names {
				files, err := below(filepath.Join(d.Path, "indices", uuid), "file of the index (Elasticsearch): ")
				if err != nil {
					return nil, err
				}
				for _, file := range files {
					if strings.HasSuffix(file.place, ".tlog") {
						out = append(out, exhibit{place: operationsPlace, data: file.data})
					}
				}
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no logs of %v below %v", names, stats)
	}
	return out, nil
}

const operationsPlace = "log of operations on the index (Elasticsearch)"

// elasticHolds is every document as Elasticsearch gives it back, and every term of
// every field: words are in no document that it gives back.
func (v *servers) elasticHolds(ctx context.Context) ([]exhibit, error) {
	names, err := v.indices(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := v.es(ctx, http.MethodPost, "/"+v.index()+"-*/_refresh", ""); err != nil {
		return nil, err
	}
	var documents bytes.Buffer
	for after := ""; ; {
		page, err := v.es(ctx, http.MethodPost, "/"+v.index()+"-*/_search",
			`{"size":500,"sort":["listing_id"],"stored_fields":["*"],"_source":true,"version":true`+after+`}`)
		if err != nil {
			return nil, err
		}
		var hits struct {
			Hits struct {
				Hits []struct{ Sort []json.RawMessage }
			}
		}
		if err := json.Unmarshal(page, &hits); err != nil {
			return nil, err
		}
		n := len(hits.Hits.Hits)
		if n == 0 {
			break
		}
		documents.Write(page)
		after = `,"search_after":[` + string(hits.Hits.Hits[n-1].Sort[0]) + `]`
	}
	out := []exhibit{{place: "documents of the index (Elasticsearch)", data: documents.Bytes()}}
	for name := range names {
		terms, err := v.terms(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, terms...)
	}
	return out, nil
}

// terms are those of every field of an index, also of documents that are replaced
// or deleted but still in its files.
func (v *servers) terms(ctx context.Context, name string) (out []exhibit, err error) {
	var mapping map[string]struct {
		Mappings struct{ Properties map[string]map[string]any }
	}
	if err := v.esInto(ctx, &mapping, http.MethodGet, "/"+name+"/_mapping", ""); err != nil {
		return nil, err
	}
	for field, how := range mapping[name].Mappings.Properties {
		switch how["type"] {
		case "text":
			how["fielddata"] = true // lets terms be counted
			doc, err := json.Marshal(map[string]any{"properties": map[string]any{field: how}})
			if err != nil {
				return nil, err
			}
			if _, err := v.es(ctx, http.MethodPut, "/"+name+"/_mapping", string(doc)); err != nil {
				return nil, err
			}
		case "keyword":
		default:
			continue // numbers
		}
		exh := exhibit{place: "terms of " + field + " of the index (Elasticsearch)"}
		var answer struct {
			Aggregations struct {
				All struct {
					Rest    int64 `json:"sum_other_doc_count"`
					Buckets []struct{ Key string }
				}
			}
		}
		err := v.esInto(ctx, &answer, http.MethodPost, "/"+name+"/_search", `{"size":0,"aggs":{"all":{"terms":{"field":`+strconv.Quote(field)+`,"size":60000,"min_doc_count":0}}}}`)
		if err != nil {
			return nil, err
		}
		if answer.Aggregations.All.Rest > 0 {
			return nil, fmt.Errorf("%s has too many terms", field)
		}
		for _, b := range answer.Aggregations.All.Buckets {
			exh.tokens = append(exh.tokens, b.Key)
		}
		exh.data = []byte(strings.Join(exh.tokens, "\n"))
		out = append(out, exh)
	}
	return out, nil
}
