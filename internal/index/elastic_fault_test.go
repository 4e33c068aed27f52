//go:build parts

package index_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"resumewatch/internal/index"
	"resumewatch/internal/index/indextest"
	"resumewatch/internal/query"
)

// gate stands between a store and the server.
type gate struct {
	http.Transport
	through func(req *http.Request, body []byte, send func([]byte) (*http.Response, error)) (*http.Response, error)
}

func (g *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	send := func(body []byte) (*http.Response, error) {
		out := req.Clone(req.Context())
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return g.Transport.RoundTrip(out)
	}
	return g.through(req, body, send)
}

func gated(t *testing.T, through func(*http.Request, []byte, func([]byte) (*http.Response, error)) (*http.Response, error)) index.ElasticOptions {
	t.Helper()
	o := elasticOptions(t)
	g := &gate{through: through}
	t.Cleanup(g.CloseIdleConnections)
	o.Transport = g
	return o
}

func isBulk(req *http.Request) bool { return strings.HasSuffix(req.URL.Path, "/_bulk") }

func doc(id string, day int) index.Document {
	return index.Document{ListingID: id, Version: 1, Month: "2026-01", PostedAt: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC), Text: "x"}
}

func some(n int) []index.Document {
	var docs []index.Document
	for i := range n {
		docs = append(docs, doc(fmt.Sprintf("%04d", i), 1))
	}
	return docs
}

func mustPut(t *testing.T, s index.Store, docs ...index.Document) {
	t.Helper()
	if err := s.Put(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}

func hasCount(t *testing.T, s index.Store, want int) {
	t.Helper()
	if got := len(ids(t, s)); got != want {
		t.Errorf("%d documents, want %d", got, want)
	}
}

// refusedIDs are the documents that an error names.
func refusedIDs(t *testing.T, err error, passing bool) []string {
	t.Helper()
	var refused *index.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("%v is no refusal", err)
	}
	var out []string
	for _, r := range refused.Items {
		if r.Passing != passing {
			t.Errorf("%+v, want passing %v", r, passing)
		}
		out = append(out, r.ListingID)
	}
	return out
}

func TestElasticAway(t *testing.T) {
	var away, lost atomic.Bool
	var failures atomic.Int64
	o := gated(t, func(req *http.Request, body []byte, send func([]byte) (*http.Response, error)) (*http.Response, error) {
		if away.Load() {
			return nil, syscall.ECONNREFUSED
		}
		res, err := send(body)
		if err == nil && isBulk(req) && lost.CompareAndSwap(true, false) {
			_ = res.Body.Close()
			return nil, io.ErrUnexpectedEOF // done, but who asked doesn't hear of it
		}
		return res, err
	})
	o.Failed = func(n int) { failures.Add(int64(n)) }
	s := openElastic(t, o)
	mustPut(t, s, doc("a", 1))
	away.Store(true)
	began := time.Now()
	if err := s.Put(t.Context(), []index.Document{doc("b", 1)}); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("Put = %v", err)
	}
	if err := s.Search(t.Context(), query.All{}, index.Page{}, func(index.Hit) error { return nil }); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("Search = %v", err)
	}
	if d := time.Since(began); d > 20*time.Second {
		t.Errorf("it took %v to give up", d)
	}
	away.Store(false)
	lost.Store(true)
	mustPut(t, s, doc("b", 1), doc("c", 1))
	hasCount(t, s, 3)
	if lost.Load() || failures.Load() != 0 {
		t.Errorf("lost %v, %d failures", lost.Load(), failures.Load())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	away.Store(true)
	if err := s.Put(ctx, []index.Document{doc("d", 1)}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Put with a deadline = %v", err)
	}
	away.Store(false)
	mustPut(t, s, doc("d", 1))
	hasCount(t, s, 4)
}

// half sends of a bulk request the items that are not refused, and answers for
// those that are as a busy server does.
func half(body []byte, send func([]byte) (*http.Response, error), refuse func(item int, text []byte) bool) (*http.Response, error) {
	lines := bytes.SplitAfter(bytes.TrimSuffix(body, []byte("\n")), []byte("\n"))
	lines[len(lines)-1] = append(bytes.Clone(lines[len(lines)-1]), '\n')
	busy := map[int]bool{}
	var rest []byte
	for i := 0; i < len(lines)/2; i++ {
		if item := bytes.Join(lines[2*i:2*i+2], nil); refuse(i, item) {
			busy[i] = true
		} else {
			rest = append(rest, item...)
		}
	}
	var answer struct {
		Errors bool  `json:"errors"`
		Items  []any `json:"items"`
	}
	res := &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Header: http.Header{"X-Elastic-Product": {"Elasticsearch"}}}
	if len(rest) > 0 {
		got, err := send(rest)
		if err != nil {
			return nil, err
		}
		defer func() { _ = got.Body.Close() }()
		if err := json.NewDecoder(got.Body).Decode(&answer); err != nil {
			return nil, err
		}
	}
	taken := answer.Items
	answer.Errors, answer.Items = true, nil
	for i := range len(lines) / 2 {
		var item any = map[string]any{"index": map[string]any{"status": 429, "error": map[string]any{"type": "es_rejected_execution_exception", "reason": "busy"}}}
		if !busy[i] {
			item, taken = taken[0], taken[1:]
		}
		answer.Items = append(answer.Items, item)
	}
	data, err := json.Marshal(answer)
	res.Body = io.NopCloser(bytes.NewReader(data))
	return res, err
}

func TestElasticHalfRefused(t *testing.T) {
	var requests, failures, sent atomic.Int64
	o := gated(t, func(req *http.Request, body []byte, send func([]byte) (*http.Response, error)) (*http.Response, error) {
		if !isBulk(req) {
			return send(body)
		}
		few := requests.Add(1) <= 2 // one of each worker
		return half(body, send, func(i int, item []byte) bool {
			sent.Add(1)
			return few && i%2 == 0 || bytes.Contains(item, []byte("never"))
		})
	})
	o.Failed = func(n int) { failures.Add(int64(n)) }
	s := openElastic(t, o)
	mustPut(t, s, some(100)...)
	hasCount(t, s, 100)
	if failures.Load() != 50 || sent.Load() != 150 {
		t.Errorf("%d failures were counted, %d documents sent; want 50 and 150", failures.Load(), sent.Load())
	}
	docs := some(6)
	for i := range docs {
		docs[i].ListingID = "more" + docs[i].ListingID
	}
	docs[1].Text, docs[4].Text = "never", "never"
	if got := refusedIDs(t, s.Put(t.Context(), docs), true); fmt.Sprint(got) != "[more0001 more0004]" {
		t.Errorf("refused %v", got)
	}
	hasCount(t, s, 104)
}

// An answer that says nothing of some documents: they count as not taken.
func TestElasticShortAnswer(t *testing.T) {
	var cut atomic.Bool
	o := gated(t, func(req *http.Request, body []byte, send func([]byte) (*http.Response, error)) (*http.Response, error) {
		if isBulk(req) && cut.CompareAndSwap(true, false) {
			return &http.Response{
				StatusCode: http.StatusOK, Status: "200 OK", Header: http.Header{"X-Elastic-Product": {"Elasticsearch"}},
				Body: io.NopCloser(strings.NewReader(`{"items":[]}`)),
			}, nil
		}
		return send(body)
	})
	s := openElastic(t, o)
	cut.Store(true)
	mustPut(t, s, some(10)...)
	hasCount(t, s, 10)
}

// One document is refused always, alone or as a part of a request, and some
// are for as long as the server is busy.
func TestElasticPoison(t *testing.T) {
	o := gated(t, func(req *http.Request, body []byte, send func([]byte) (*http.Response, error)) (*http.Response, error) {
		if isBulk(req) && bytes.Contains(body, []byte("too long")) {
			return &http.Response{StatusCode: http.StatusRequestEntityTooLarge, Status: "413", Header: http.Header{}, Body: http.NoBody, Request: req}, nil
		}
		return send(body)
	})
	s := openElastic(t, o)
	docs := some(30)
	docs[7].Text = "too long"
	got := refusedIDs(t, s.Put(t.Context(), docs), false)
	if fmt.Sprint(got) != "[0007]" {
		t.Errorf("refused %v", got)
	}
	hasCount(t, s, 29)
	// An index that somebody mapped otherwise takes no text as title.
	raw(t, "PUT", "/"+o.Name+"-2025-06", `{"mappings":{"properties":{"title":{"type":"integer"}}}}`)
	docs = some(5)
	for i := range docs {
		docs[i].ListingID, docs[i].Month, docs[i].Title = "june"+docs[i].ListingID, "2025-06", "1"
	}
	docs[3].Title = "secret words"
	err := s.Put(t.Context(), docs)
	got = refusedIDs(t, err, false)
	if fmt.Sprint(got) != "[june0003]" || strings.Contains(err.Error(), "secret") {
		t.Errorf("refused %v: %v", got, err)
	}
	hasCount(t, s, 33)
}

func TestElasticReadOnly(t *testing.T) {
	o := elasticOptions(t)
	s := openElastic(t, o)
	mustPut(t, s, doc("a", 1))
	for _, block := range []string{"read_only_allow_delete", "write", "read_only"} {
		raw(t, "PUT", "/"+o.Name+"-2026-01/_settings", `{"index.blocks.`+block+`":true}`)
		other := doc("other "+block, 1)
		other.Month = "2026-02"
		err := s.Put(t.Context(), []index.Document{doc("b "+block, 1), other})
		if got := refusedIDs(t, err, true); fmt.Sprint(got) != "[b "+block+"]" || !strings.Contains(err.Error(), "read-only") {
			t.Errorf("%s: %v: %v", block, got, err)
		}
		err = s.Delete(t.Context(), []index.Ref{{ListingID: "a", Month: "2026-01", Version: 1}})
		if got := refusedIDs(t, err, true); fmt.Sprint(got) != "[a]" {
			t.Errorf("%s: %v", block, err)
		}
		raw(t, "PUT", "/"+o.Name+"-2026-01/_settings", `{"index.blocks.`+block+`":null}`)
		mustPut(t, s, doc("b "+block, 1))
	}
	hasCount(t, s, 7)
}

func TestElasticMends(t *testing.T) {
	o := elasticOptions(t)
	s := openElastic(t, o)
	mustPut(t, s, indextest.Documents()...)
	if err := s.Filled(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Aliases that somebody took away.
	raw(t, "POST", "/_aliases", `{"actions":[{"remove":{"index":"`+o.Name+`-2026-01","alias":"`+o.Name+`"}},{"remove":{"index":"`+o.Name+`-2026-01","alias":"`+o.Name+`-2026-01-write"}}]}`)
	hasCount(t, s, 0)
	mustPut(t, s, doc("07", 1))
	hasCount(t, s, 7)
	if s.Fresh() {
		t.Error("nothing was lost, but it is fresh")
	}
	// A month that somebody deleted.
	raw(t, "DELETE", "/"+o.Name+"-2026-01", "")
	mustPut(t, s, doc("07", 1))
	hasCount(t, s, 1)
	// All of it, the template too, as when the server lost its data.
	raw(t, "DELETE", "/"+o.Name+"-2026-01,"+o.Name+"-other", "")
	raw(t, "DELETE", "/_index_template/"+o.Name, "")
	if err := s.Search(t.Context(), query.All{}, index.Page{Limit: 1}, func(index.Hit) error { return nil }); !errors.Is(err, index.ErrUnusable) {
		t.Errorf("Search = %v", err)
	}
	if err := s.Versions(t.Context(), func(index.Ref) error { return nil }); !errors.Is(err, index.ErrUnusable) {
		t.Errorf("Versions = %v", err)
	}
	reader := o
	reader.ReadOnly = true
	if _, err := index.OpenElastic(t.Context(), reader); !errors.Is(err, index.ErrUnusable) {
		t.Errorf("OpenElastic to read = %v", err)
	}
	mustPut(t, s, doc("08", 1))
	hasCount(t, s, 1)
	if !s.Fresh() {
		t.Error("all was lost, but it is not fresh")
	}
	if again := openElastic(t, o); !again.Fresh() {
		t.Error("nobody filled it, but it is not fresh")
	}
	// An index in the place of an alias.
	raw(t, "PUT", "/"+o.Name+"-2026-03-write", "")
	march := doc("09", 1)
	march.Month = "2026-03"
	mustPut(t, s, march)
	hasCount(t, s, 2)
	r := openElastic(t, reader)
	hasCount(t, r, 2)
	for what, err := range map[string]error{
		"Put": r.Put(t.Context(), some(1)), "Delete": r.Delete(t.Context(), nil), "Reset": r.Reset(t.Context()), "Filled": r.Filled(t.Context()),
	} {
		if !errors.Is(err, index.ErrReadOnly) {
			t.Errorf("%s = %v", what, err)
		}
	}
}

func TestElasticOtherLayout(t *testing.T) {
	for _, what := range []string{"template", "index", "foreign index"} {
		t.Run(what, func(t *testing.T) {
			o := elasticOptions(t)
			s := openElastic(t, o)
			mustPut(t, s, indextest.Documents()...)
			switch what {
			case "template":
				raw(t, "PUT", "/_index_template/"+o.Name, `{"index_patterns":["`+o.Name+`-2*"],"_meta":{"layout":99}}`)
			case "index":
				raw(t, "PUT", "/"+o.Name+"-2026-01/_mapping", `{"_meta":{"layout":99}}`)
			case "foreign index":
				raw(t, "DELETE", "/_index_template/"+o.Name, "")
				raw(t, "PUT", "/"+o.Name+"-2026-02", "")
			}
			if err := s.Put(t.Context(), some(1)); !errors.Is(err, index.ErrUnusable) {
				t.Errorf("Put = %v", err)
			}
			if _, err := index.OpenElastic(t.Context(), o); !errors.Is(err, index.ErrUnusable) || !strings.Contains(err.Error(), "layout") {
				t.Errorf("OpenElastic = %v", err)
			}
			o.Rebuild = true
			again := openElastic(t, o)
			if !again.Fresh() {
				t.Error("not fresh")
			}
			hasCount(t, again, 0)
			mustPut(t, s, indextest.Documents()...)
			hasCount(t, s, 6)
		})
	}
}

// Several processes begin with an index that isn't there.
func TestElasticTogether(t *testing.T) {
	o := elasticOptions(t)
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			s, err := index.OpenElastic(t.Context(), o)
			if err != nil {
				t.Error(err)
				return
			}
			d := doc(fmt.Sprint("of ", i), 1)
			same := doc("same", 1)
			same.Version = int64(i)
			if err := errors.Join(s.Put(t.Context(), []index.Document{d, same}), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s := openElastic(t, o)
	hasCount(t, s, 7)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), some(1)); err == nil {
		t.Error("a closed store took a document")
	}
}

// The server is killed and comes back while a store writes: what a Put
// acknowledged is there, and the store goes on without being opened again.
func TestElasticKilled(t *testing.T) {
	s := openElastic(t, elasticOptions(t))
	var put atomic.Int64
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				ended <- nil
				return
			default:
			}
			docs := some(50)
			for i := range docs {
				docs[i].ListingID = fmt.Sprintf("%d-%d", n, i)
			}
			for s.Put(t.Context(), docs) != nil { // the outbox tries again
				if t.Context().Err() != nil {
					ended <- t.Context().Err()
					return
				}
			}
			put.Add(int64(len(docs)))
		}
	}()
	for put.Load() < 200 {
		time.Sleep(10 * time.Millisecond)
	}
	restart := exec.CommandContext(t.Context(), "../../deploy/testparts/elasticsearch/restart")
	restart.Env = append(os.Environ(), "KILL=1", "DOWN=2")
	if out, err := restart.CombinedOutput(); err != nil {
		t.Fatalf("restart: %v: %s", err, out)
	}
	before := put.Load()
	for put.Load() < before+500 {
		time.Sleep(10 * time.Millisecond)
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	hasCount(t, s, int(put.Load()))
}
