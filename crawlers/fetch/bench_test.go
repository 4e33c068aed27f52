package fetch

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

var benchPage = []byte("<html><head><meta charset=utf-8></head><body>" + strings.Repeat("<p>"+simplified+"</p>", 80) + "</body></html>") // 8 kB or so

func benchServer(b *testing.B) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			io.WriteString(w, discuzRobots)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(benchPage)
	}))
	b.Cleanup(s.Close)
	return s
}

// Small pages from loopback, without a budget: what our care costs …
func BenchmarkGet(b *testing.B) {
	s := benchServer(b)
	f, err := New(Options{Budget: &generous{}})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	b.SetBytes(int64(len(benchPage)))
	b.ReportAllocs()
	for b.Loop() {
		res, err := f.Get(b.Context(), Request{URL: s.URL + "/forum.php?mod=viewthread&tid=1", AllowPrivate: []string{addr(s)}})
		if err != nil || res.Outcome != "" || len(res.UTF8) != len(benchPage) {
			b.Fatal(err, res.Outcome, res.Reason)
		}
	}
}

// … beside the bare client.
func BenchmarkPlainNetHTTP(b *testing.B) {
	s := benchServer(b)
	c := &http.Client{Transport: &http.Transport{}}
	defer c.CloseIdleConnections()
	b.SetBytes(int64(len(benchPage)))
	b.ReportAllocs()
	for b.Loop() {
		resp, err := c.Get(s.URL + "/forum.php?mod=viewthread&tid=1")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadAll(resp.Body); err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
	}
}

func BenchmarkDecodeGBK(b *testing.B) {
	page := encode(b, encodingOf("gb18030"), strings.Repeat("<p>"+simplified+"</p>", 500))
	for name, head := range map[string]string{"declared": "text/html; charset=gbk", "detected": "text/html"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(page)))
			for b.Loop() {
				if t, _ := Decode(page, head); t.Charset != "gb18030" {
					b.Fatal(t.Charset)
				}
			}
		})
	}
}
