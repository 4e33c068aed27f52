package index_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"resumewatch/internal/index"
)

// What a server may answer in place of Elasticsearch 8, and what we say then.
func TestElasticAnswers(t *testing.T) {
	for _, c := range []struct {
		name     string
		product  bool
		status   int
		body     string
		says     string
		requests int64
	}{
		{"OpenSearch", false, 200, `{"version":{"number":"3.8.0","distribution":"opensearch"}}`, "the server is no Elasticsearch: OpenSearch", 1},
		{"an old version", true, 200, `{"version":{"number":"7.17.29"}}`, `the server is Elasticsearch "7.17.29"; 8 is needed`, 1},
		{"no version", true, 200, `{}`, `the server is Elasticsearch ""`, 1},
		{"no key", true, 401, `{"error":{"type":"security_exception","reason":"missing authentication credentials"},"status":401}`, "doesn't know the API key", 1},
		{"a weak key", true, 403, `{"error":{"type":"security_exception","reason":"action [cluster:monitor/main] is unauthorized"},"status":403}`, "the API key doesn't allow it: 403 Forbidden", 1},
		{"a proxy's page", true, 502, "<html>\n<h1>Bad Gateway</h1>", "502 Bad Gateway: answer: <html> <h1>Bad Gateway</h1>", 4},
		{"busy", true, 429, `{"error":"busy"}`, "429 Too Many Requests", 4},
		{"another page", true, 200, "<html>", "the answer", 1},
		{"a huge page", true, 200, strings.Repeat(" ", 65<<20), "is longer than", 1},
		{"no body", true, 500, "", "500 Internal Server Error", 1},
		{"deep causes", true, 500, `{"error":` + strings.Repeat(`{"type":"a","caused_by":`, 50) + `{}` + strings.Repeat(`}`, 50) + `}`, "500 Internal Server Error: a", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var requests atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				if c.product {
					w.Header().Set("X-Elastic-Product", "Elasticsearch")
				}
				w.WriteHeader(c.status)
				_, _ = fmt.Fprint(w, c.body)
			}))
			defer server.Close()
			_, err := index.OpenElastic(t.Context(), index.ElasticOptions{URLs: []string{server.URL}})
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "index "+index.DefaultName) {
				t.Errorf("OpenElastic = %v", err)
			}
			if got := requests.Load(); got != c.requests {
				t.Errorf("%d requests, want %d", got, c.requests)
			}
		})
	}
}

func TestElasticOptions(t *testing.T) {
	for _, o := range []index.ElasticOptions{
		{},
		{URLs: []string{"http://127.0.0.1:1"}, Name: "With Capitals"},
		{URLs: []string{"http://127.0.0.1:1"}, Name: "a,b"},
		{URLs: []string{"http://127.0.0.1:1"}, Name: "*"},
		{URLs: []string{"http://127.0.0.1:1"}, Name: "_all"},
		{URLs: []string{"http://127.0.0.1:1"}, Name: strings.Repeat("a", 101)},
		{URLs: []string{"http://[::1"}},
		{URLs: []string{"http://127.0.0.1:1"}, CA: []byte("no certificate")},
	} {
		if _, err := index.OpenElastic(t.Context(), o); err == nil || errors.Is(err, index.ErrUnusable) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// An API key is sent, and over TLS to a server that the given authority vouches for.
func TestElasticKeyAndAuthority(t *testing.T) {
	var key atomic.Value
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key.Store(r.Header.Get("Authorization"))
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		_, _ = fmt.Fprint(w, `{"version":{"number":"7.0.0"}}`)
	}))
	defer server.Close()
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that fails
	o := index.ElasticOptions{URLs: []string{server.URL}, APIKey: "bm8gc2VjcmV0"}
	if _, err := index.OpenElastic(t.Context(), o); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without the authority: %v", err)
	}
	o.CA = pemOf(server.Certificate())
	if _, err := index.OpenElastic(t.Context(), o); err == nil || !strings.Contains(err.Error(), "7.0.0") {
		t.Errorf("with the authority: %v", err)
	}
	if got, _ := key.Load().(string); !strings.EqualFold(got, "ApiKey bm8gc2VjcmV0") {
		t.Errorf("Authorization: %v", key.Load())
	}
}

func pemOf(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}
