package index

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"resumewatch/internal/query"
)

// What Elasticsearch is asked. That it then finds what it should is what the
// suite and the table show.
func TestElasticQuery(t *testing.T) {
	word := func(tokens ...string) query.Phrase { return query.Phrase{Tokens: tokens} }
	single := query.Phrase{Tokens: []string{"qq", "简"}, Prefix: true}
	newYear := time.Date(2026, 1, 1, 0, 0, 0, 1, time.UTC)
	for _, c := range []struct {
		node query.Node
		want string
	}{
		{query.All{}, `{"match_all":{}}`},
		{word("简历"), `{"term":{"words":"简历"}}`},
		{query.Phrase{Tokens: []string{"简"}, Prefix: true}, `{"prefix":{"words":"简"}}`},
		{word("简历", "历史"), `{"match_phrase":{"words":"简历 历史"}}`},
		{single, `{"match_phrase_prefix":{"words":"qq 简"}}`},
		{query.Phrase{}, `{"match_none":{}}`},
		{query.IDs{}, `{"match_none":{}}`},
		{query.IDs{IDs: []string{"a", "b"}}, `{"terms":{"listing_id":["a","b"]}}`},
		{query.Field{Name: "qq", Value: "1000012345"}, `{"term":{"qq":"1000012345"}}`},
		{query.Number{Field: "price", Min: 1, Max: 3}, `{"range":{"price":{"gte":1,"lte":3,"relation":"intersects"}}}`},
		{query.Number{Field: "stock", Min: 5, Max: math.Inf(1)}, `{"range":{"stock":{"gte":5,"relation":"intersects"}}}`},
		{query.Number{Field: "price", Min: math.Inf(-1), Max: math.Inf(1)}, `{"exists":{"field":"price"}}`},
		{query.Number{Field: "price", Min: 3, Max: 1}, `{"range":{"price":{"gte":1,"lte":3,"relation":"contains"}}}`},
		{query.Number{Field: "price", Min: math.NaN(), Max: 1}, `{"match_none":{}}`},
		{query.Period{From: newYear}, `{"range":{"posted_at":{"gte":"1767225601"}}}`},
		{query.Period{}, `{"match_all":{}}`},
		{query.Not{Node: query.Not{Node: word("a")}}, `{"term":{"words":"a"}}`},
		{query.Not{Node: word("a")}, `{"bool":{"must_not":[{"term":{"words":"a"}}]}}`},
		{
			query.And{Nodes: []query.Node{word("a"), word("a"), query.Not{Node: word("b")}}},
			`{"bool":{"filter":[{"term":{"words":"a"}}],"must_not":[{"term":{"words":"b"}}]}}`,
		},
		{
			query.Or{Nodes: []query.Node{word("a"), word("b"), word("a")}},
			`{"bool":{"minimum_should_match":1,"should":[{"term":{"words":"a"}},{"term":{"words":"b"}}]}}`,
		},
	} {
		q, err := elasticQuery(c.node, Page{})
		if err != nil {
			t.Errorf("%#v: %v", c.node, err)
			continue
		}
		got, err := json.Marshal(q)
		if err != nil || string(got) != c.want {
			t.Errorf("%#v: %s, want %s (%v)", c.node, got, c.want, err)
		}
	}
	for _, n := range []query.Node{nil, query.Field{Name: "seller"}, query.Field{Name: "posted_at"}, query.Not{Node: query.And{Nodes: []query.Node{query.Or{Nodes: []query.Node{nil}}}}}} {
		if q, err := elasticQuery(n, Page{}); err == nil {
			t.Errorf("%#v: %v", n, q)
		}
	}
}

// Elasticsearch takes 30 queries inside each other; wrappers begin anew.
func TestElasticQueryDepth(t *testing.T) {
	var n query.Node = query.Phrase{Tokens: []string{"a"}}
	for range 100 {
		n = query.Or{Nodes: []query.Node{query.Field{Name: "side", Value: "sell"}, query.And{Nodes: []query.Node{query.All{}, n}}}}
	}
	q, err := elasticQuery(n, Page{Since: time.Unix(1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	wrapped := 0
	for {
		if depth := strings.Count(string(text), `"bool"`); depth > 25 {
			t.Fatalf("%d bool queries in one layer", depth)
		}
		_, rest, more := strings.Cut(string(text), `"wrapper":{"query":"`)
		if !more {
			break
		}
		inner, _, _ := strings.Cut(rest, `"`)
		if text, err = base64.StdEncoding.DecodeString(inner); err != nil {
			t.Fatal(err)
		}
		wrapped++
	}
	if wrapped < 200/25 {
		t.Errorf("%d wrappers", wrapped)
	}
}

func FuzzElasticRefusal(f *testing.F) {
	for _, s := range []string{
		`{"error":{"root_cause":[{"type":"a","reason":"b"}],"type":"search_phase_execution_exception","reason":"all shards failed","failed_shards":[{"reason":{"type":"query_shard_exception","reason":"c","caused_by":{"type":"d","reason":"e"}}}]},"status":400}`,
		`{"error":{"type":"document_parsing_exception","reason":"failed. Preview of field's value: 'secret'"}}`,
		`{"error":"busy"}`, `<html>`, ``, `null`, `[]`, `{"error":{"caused_by":null}}`, "\xff\xfe",
	} {
		f.Add(400, s)
	}
	f.Fuzz(func(t *testing.T, status int, answer string) {
		err := refusedRequest(status, []byte(answer))
		var e *statusError
		if !errors.As(err, &e) || e.Status != status {
			t.Fatalf("%v", err)
		}
		if len(e.Reason) > 310 || strings.ContainsAny(e.Reason, "\n\r\x00") && !strings.Contains(answer, "\x00") || utf8.ValidString(answer) && !utf8.ValidString(e.Reason) {
			t.Errorf("%q", e.Reason)
		}
	})
}
