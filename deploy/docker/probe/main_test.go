package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestProbe(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/ready", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/unready", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"ok":false}`, http.StatusServiceUnavailable)
	})
	mux.Handle("/login", http.RedirectHandler("/ready", http.StatusFound))
	server := httptest.NewServer(mux)
	defer server.Close()
	t.Setenv("http_proxy", "http://127.0.0.1:1")

	for path, want := range map[string]string{"/ready": "", "/unready": `503 Service Unavailable: {"ok":false}`, "/login": "302 Found"} {
		err := probe(t.Context(), server.URL+path)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	server.Close()
	for _, url := range []string{server.URL + "/ready", "no address", "file:///etc/passwd"} {
		if err := probe(t.Context(), url); err == nil {
			t.Errorf("%s answers", url)
		}
	}
}
