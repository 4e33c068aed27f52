package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"resumewatch/bench/program"
)

// World is a fresh start: an own data folder, database and index, and an empty
// Redis, on servers that others have used before.
type World struct {
	Dir      string // holds data, logs and the configuration file
	Config   string // the configuration file
	Casebook Casebook
	Queues   Queues
	Fleet    *Fleet

	name    string
	binary  string
	servers *Servers
}

// Settings are what a world may differ in.
type Settings struct {
	Name     string // of database, index and folder: letters, digits and _
	Elastic  string // address that the roles see; "" is the server's own
	Archives string // archives.root; "": archives go through the spool
	More     string // further lines of the configuration
}

// NewWorld makes a world in dir. The caller closes it.
func NewWorld(ctx context.Context, s *Servers, dir, binary string, set Settings) (_ *World, err error) {
	w := &World{Dir: filepath.Join(dir, set.Name), name: set.Name, binary: binary, servers: s}
	w.Config = filepath.Join(w.Dir, "config.yaml")
	if err := os.MkdirAll(w.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	if w.Casebook.dsn, err = createDatabase(ctx, s.PostgresURL, set.Name); err != nil {
		return nil, err
	}
	if w.Queues, err = openQueues(s.RedisURL); err != nil {
		return nil, err
	}
	if err := errors.Join(w.Queues.Flush(ctx), w.dropIndex(ctx)); err != nil {
		return nil, errors.Join(err, w.Queues.Close())
	}
	elastic := set.Elastic
	if elastic == "" {
		elastic = s.ElasticURL
	}
	var text strings.Builder
	for _, kv := range [][2]string{
		{"data: ", filepath.Join(w.Dir, "data")},
		{"queue:\n  redis: ", s.RedisURL},
		{"casebook:\n  dsn: ", w.Casebook.dsn},
		{"archives:\n  root: ", set.Archives},
	} {
		text.WriteString(kv[0] + strconv.Quote(kv[1]) + "\n")
	}
	text.WriteString("index:\n  elasticsearch: [" + strconv.Quote(elastic) + "]\n  name: " + w.index() + "\n" + set.More)
	if err := os.WriteFile(w.Config, []byte(text.String()), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("world: %w", err), w.Queues.Close())
	}
	w.Fleet = NewFleet(binary, w.Config, w.Dir)
	return w, nil
}

func (w *World) index() string { return strings.ReplaceAll(w.name, "_", "-") }

// Args are the arguments of a command on this world.
func (w *World) Args(command ...string) []string {
	return append([]string{"--config", w.Config}, command...)
}

// Run runs a command of the program to its end.
func (w *World) Run(ctx context.Context, command ...string) (program.Ended, error) {
	return program.Run(ctx, w.binary, w.Args(command...)...)
}

// Documents is how many documents the index holds, asked of the server itself; an
// index that isn't there holds none.
func (w *World) Documents(ctx context.Context) (int64, error) {
	_, err := w.elastic(ctx, http.MethodPost, "/"+w.index()+"/_refresh", "")
	if errors.Is(err, errMissing) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	out, err := w.elastic(ctx, http.MethodGet, "/"+w.index()+"/_count", "")
	if err != nil {
		return 0, err
	}
	var count struct {
		Count int64 `json:"count"`
	}
	if err := json.Unmarshal(out, &count); err != nil {
		return 0, fmt.Errorf("count of the index: %w", err)
	}
	return count.Count, nil
}

// ReadOnly sets or lifts a block on the world's indices, as a disk that is
// nearly full does with "read_only_allow_delete", or a person with "write". It
// returns how many indices there are.
func (w *World) ReadOnly(ctx context.Context, block string, on bool) (int, error) {
	names, err := w.indices(ctx)
	if err != nil {
		return 0, err
	}
	value := "null"
	if on {
		value = "true"
	}
	for _, name := range names {
		if _, err := w.elastic(ctx, http.MethodPut, "/"+name+"/_settings", `{"index.blocks.`+block+`":`+value+`}`); err != nil {
			return len(names), err
		}
	}
	return len(names), nil
}

// indices are the names of the world's indices, by prefix: its alias may be missing.
func (w *World) indices(ctx context.Context) ([]string, error) {
	out, err := w.elastic(ctx, http.MethodGet, "/_cat/indices/"+w.index()+"-*?format=json&expand_wildcards=all", "")
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Index string `json:"index"`
	}
	if err := json.Unmarshal(out, &rows); err != nil {
		return nil, fmt.Errorf("list of indices: %w", err)
	}
	var names []string
	for _, r := range rows {
		names = append(names, r.Index)
	}
	return names, nil
}

func (w *World) dropIndex(ctx context.Context) error {
	names, err := w.indices(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := w.elastic(ctx, http.MethodDelete, "/"+name, ""); err != nil {
			return err
		}
	}
	if _, err := w.elastic(ctx, http.MethodDelete, "/_index_template/"+w.index(), ""); !errors.Is(err, errMissing) {
		return err
	}
	return nil
}

// errMissing says that Elasticsearch has no such thing.
var errMissing = errors.New("there is none")

// elastic asks the server itself, not by way of a proxy.
func (w *World) elastic(ctx context.Context, method, path, body string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, w.servers.ElasticURL+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("elasticsearch: %w", err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(io.LimitReader(res.Body, 10<<20))
	if err != nil {
		return nil, fmt.Errorf("elasticsearch: %w", err)
	}
	if res.StatusCode == http.StatusNotFound {
		return nil, fmt.Errorf("elasticsearch: %s: %w", path, errMissing)
	}
	if res.StatusCode/100 != 2 {
		return nil, fmt.Errorf("elasticsearch: %s %s: %s: %.300s", method, path, res.Status, out)
	}
	return out, nil
}

// Close stops the roles, and drops database and index; the folder stays. The
// error is that of a role that did not stop when it was asked to.
func (w *World) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // also after Ctrl-C
	defer cancel()
	err := w.Fleet.Stop(20 * time.Second)
	return errors.Join(err, w.Queues.Close(), dropDatabase(ctx, w.servers.PostgresURL, w.name), w.dropIndex(ctx))
}
