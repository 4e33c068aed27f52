package stack

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// server answers bulks as Elasticsearch does and remembers what it was given.
type server struct {
	got    []string
	refuse bool
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	if s.refuse {
		http.Error(w, `{"error":"no"}`, http.StatusRequestEntityTooLarge)
		return
	}
	if !strings.HasSuffix(r.URL.Path, "/_bulk") {
		fmt.Fprint(w, "plain")
		return
	}
	items, err := splitBulk(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var out []string
	for _, it := range items {
		s.got = append(s.got, it.action+" "+it.id)
		out = append(out, fmt.Sprintf(`{%q:{"_id":%q,"status":201}}`, it.action, it.id))
	}
	fmt.Fprintf(w, `{"took":3,"errors":false,"items":[%s]}`, strings.Join(out, ","))
}

func newTestProxy(t *testing.T) (*server, *Proxy) {
	t.Helper()
	s := &server{}
	behind := httptest.NewServer(s)
	t.Cleanup(behind.Close)
	p, err := NewProxy(t.Context(), behind.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, p
}

type bulkAnswer struct {
	Errors bool `json:"errors"`
	Items  []map[string]struct {
		ID     string `json:"_id"`
		Status int    `json:"status"`
		Error  struct {
			Type string `json:"type"`
		} `json:"error"`
	} `json:"items"`
}

const fourItems = `{"index":{"_index":"m","_id":"a"}}
{"text":"出简历\"\\n"}
{"delete":{"_index":"m","_id":"b"}}
{"index":{"_index":"m","_id":"c"}}
{"text":"{\"index\":{}}"}
{"create":{"_index":"m","_id":"d"}}
{"text":"d"}
`

func bulk(t *testing.T, p *Proxy, packed bool) (bulkAnswer, int) {
	t.Helper()
	var body bytes.Buffer
	body.WriteString(fourItems)
	if packed {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		_, _ = w.Write(body.Bytes())
		_ = w.Close()
		body = z
	}
	r, err := http.NewRequest(http.MethodPost, p.Address()+"/m/_bulk?filter_path=items.*.error", &body)
	if err != nil {
		t.Fatal(err)
	}
	if packed {
		r.Header.Set("Content-Encoding", "gzip")
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out bulkAnswer
	if res.StatusCode == http.StatusOK {
		if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
			t.Fatal(err)
		}
		if res.Header.Get("X-Elastic-Product") != "Elasticsearch" {
			t.Error("the client would not believe that this is Elasticsearch")
		}
	}
	return out, res.StatusCode
}

func statuses(a bulkAnswer) (out []string) {
	for _, it := range a.Items {
		for action, r := range it {
			out = append(out, fmt.Sprint(action, " ", r.ID, " ", r.Status))
		}
	}
	return out
}

func TestProxyPassesOn(t *testing.T) {
	s, p := newTestProxy(t)
	a, code := bulk(t, p, false)
	if code != 200 || a.Errors || !slices.Equal(s.got, []string{"index a", "delete b", "index c", "create d"}) {
		t.Errorf("%d %+v %v", code, a, s.got)
	}
}

func TestProxyRefusesHalf(t *testing.T) {
	for _, packed := range []bool{false, true} {
		s, p := newTestProxy(t)
		enough := p.Misbehave(HalfBulk)
		a, code := bulk(t, p, packed)
		if want := []string{"index a 201", "delete b 429", "index c 201", "create d 429"}; code != 200 || !a.Errors || !slices.Equal(statuses(a), want) {
			t.Errorf("packed %v: %d, errors %v: %v", packed, code, a.Errors, statuses(a))
		}
		if a.Items[1]["delete"].Error.Type != "es_rejected_execution_exception" || p.Refused() != 2 {
			t.Errorf("%+v, %d refused", a.Items[1], p.Refused())
		}
		if !slices.Equal(s.got, []string{"index a", "index c"}) {
			t.Errorf("passed on: %v", s.got)
		}
		enough()
		if a, _ := bulk(t, p, packed); a.Errors {
			t.Error("still refuses")
		}
	}
}

func TestProxyLies(t *testing.T) {
	s, p := newTestProxy(t)
	p.Misbehave(Swallow)
	for range 2 {
		if a, code := bulk(t, p, false); code != 200 || a.Errors || len(a.Items) != 4 {
			t.Errorf("%d %+v", code, a)
		}
	}
	if want := []string{"index a", "index c", "create d"}; !slices.Equal(s.got, slices.Concat(want, want)) {
		t.Errorf("passed on: %v", s.got)
	}
}

func TestProxyGoesAway(t *testing.T) {
	s, p := newTestProxy(t)
	enough := p.Misbehave(Unavailable)
	p.Misbehave(HalfBulk) // the graver one holds
	if _, code := bulk(t, p, false); code != http.StatusServiceUnavailable || len(s.got) != 0 {
		t.Errorf("%d %v", code, s.got)
	}
	enough()
	p.Misbehave(Cut)
	broken := 0
	for range 4 {
		if res, err := http.Post(p.Address()+"/m/_bulk", "application/x-ndjson", strings.NewReader(fourItems)); err != nil {
			broken++
		} else {
			res.Body.Close()
		}
	}
	if broken != 4 || len(s.got) != 8 {
		t.Errorf("%d of 4 connections were cut, %d items passed on; want half of them, the answers lost", broken, len(s.got))
	}
}

func TestProxyHandsRefusalsBack(t *testing.T) {
	s, p := newTestProxy(t)
	s.refuse = true
	p.Misbehave(HalfBulk)
	if _, code := bulk(t, p, false); code != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", code)
	}
}

func TestNoBulk(t *testing.T) {
	for _, text := range []string{"x\n", "{}\n", `{"index":{},"delete":{}}` + "\n", `[1]`} {
		if _, err := splitBulk([]byte(text)); err == nil {
			t.Errorf("%q was taken for a bulk", text)
		}
	}
}
