package fetch

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/market"
)

func newServer(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// raw is a host that answers every request but robots.txt with the bytes that
// say writes, and closes.
func raw(t *testing.T, say func(c net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			buf := make([]byte, 4096)
			n, _ := c.Read(buf)
			if bytes.HasPrefix(buf[:n], []byte("GET /robots.txt ")) {
				io.WriteString(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			} else {
				say(c)
			}
			c.Close()
		}
	}()
	return l.Addr().String()
}

func gz(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// gzBomb unfolds to so many megabytes of zeros, in as many members.
func gzBomb(megabytes int) []byte { return bytes.Repeat(gz(make([]byte, 1_000_000)), megabytes) }

func TestSlowHosts(t *testing.T) {
	within := func(limit time.Duration, address string, outcome market.Outcome, reason string) Result {
		t.Helper()
		start := time.Now()
		res := newRig(t, hasty).get("http://"+address+"/", address)
		if took := time.Since(start); took > limit {
			t.Errorf("took %s", took)
		}
		want(t, res, outcome, reason)
		return res
	}
	// Never answers.
	within(900*time.Millisecond, raw(t, func(c net.Conn) { io.Copy(io.Discard, c) }), market.OutcomeError, "no answer within 300ms")
	// Drips its head.
	within(900*time.Millisecond, raw(t, func(c net.Conn) {
		for err := error(nil); err == nil; {
			time.Sleep(20 * time.Millisecond)
			_, err = io.WriteString(c, "H")
		}
	}), market.OutcomeError, "")
	within(900*time.Millisecond, raw(t, func(c net.Conn) {
		io.WriteString(c, "HTTP/1.1 200 OK\r\n")
		for err := error(nil); err == nil; {
			time.Sleep(20 * time.Millisecond)
			_, err = io.WriteString(c, "X-A: b\r\n")
		}
	}), market.OutcomeError, "no answer within 300ms")
	// Drips its page: ends at the total, and what came is kept, marked.
	res := within(1500*time.Millisecond, raw(t, func(c net.Conn) {
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
		for err := error(nil); err == nil; {
			time.Sleep(20 * time.Millisecond)
			_, err = io.WriteString(c, "<p>")
		}
	}), market.OutcomeError, "not done within 600ms")
	if len(res.Exchanges) != 1 || res.Exchanges[0].Truncated != "time" || len(res.Exchanges[0].Body) == 0 || res.Body != nil {
		t.Errorf("%+v", res)
	}
}

func TestTotalCountsAllHops(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(120 * time.Millisecond)
		http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
	})
	start := time.Now()
	want(t, newRig(t, hasty).get(s.URL, addr(s)), market.OutcomeError, "not done within 600ms")
	if took := time.Since(start); took > 1500*time.Millisecond {
		t.Errorf("took %s", took)
	}
}

func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	r := newRig(t, nil)
	want(t, r.get("http://"+address+"/", address), market.OutcomeError, "connection refused")
	if _, known, _ := r.robots.Load(t.Context(), "http://"+address); known {
		t.Error("a host that is down is remembered as one that forbids")
	}
}

func TestLargePages(t *testing.T) {
	const limit = 100_000
	zeros := bytes.Repeat([]byte("0123456789abcdef"), limit/16)
	bomb := gzBomb(60)
	nested := gz(bomb)
	for name, c := range map[string]struct {
		page     http.HandlerFunc
		tooLarge bool
	}{
		"just fits": {func(w http.ResponseWriter, _ *http.Request) { w.Write(zeros) }, false},
		"one more":  {func(w http.ResponseWriter, _ *http.Request) { w.Write(append(zeros[:limit:limit], 'x')) }, true},
		"head says 100 MB": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "104857600")
			w.Write(zeros)
		}, true},
		"endless": {func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(zeros); err != nil {
					return
				}
			}
		}, true},
		"gzip that just fits": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(gz(zeros))
		}, false},
		"gzip of one more": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(gz(append(zeros[:limit:limit], 'x')))
		}, true},
		"gzip bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb)
		}, true},
		"gzip in gzip bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip, gzip")
			w.Write(nested)
		}, true},
	} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			c.page(w, r)
		})
		res := newRig(t, nil).get(s.URL, addr(s))
		if c.tooLarge {
			if want(t, res, market.OutcomeTooLarge, "larger than 100000 bytes"); name == "head says 100 MB" {
				want(t, res, market.OutcomeTooLarge, "its head says 104857600")
			}
			if res.Body != nil {
				t.Errorf("%s: half a page is handed out", name)
			}
		} else {
			want(t, res, "", "")
			if !bytes.Equal(res.Body, zeros) {
				t.Errorf("%s: %d bytes", name, len(res.Body))
			}
		}
	}
}

func TestBombMemoryIsBounded(t *testing.T) {
	bomb := gzBomb(900) // 1 MB on the wire
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(bomb)
	})
	r := newRig(t, func(o *Options) { o.Limits = Limits{} })
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	want(t, r.get(s.URL, addr(s)), market.OutcomeTooLarge, "larger than 10000000 bytes")
	runtime.ReadMemStats(&after)
	if grew := after.TotalAlloc - before.TotalAlloc; grew > 100_000_000 {
		t.Errorf("%d bytes were allocated", grew)
	}
}

func TestHeaderFlood(t *testing.T) {
	for _, line := range []string{"X-Flood: yes\r\n", "X-Long: " + strings.Repeat("a", 5000) + "\r\n"} {
		address := raw(t, func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			for i := 0; i < 100_000; i++ {
				if _, err := io.WriteString(c, line); err != nil {
					return
				}
			}
			io.WriteString(c, "\r\nbody")
		})
		want(t, newRig(t, nil).get("http://"+address, address),
			market.OutcomeTooLarge, "head of the answer is larger than 16000 bytes")
	}
}

func TestContentCodings(t *testing.T) {
	text := []byte("<p>智联简历 2元一条</p>")
	deflated := func(raw bool) []byte {
		var b bytes.Buffer
		var w io.WriteCloser = zlib.NewWriter(&b)
		if raw {
			w, _ = flate.NewWriter(&b, 6)
		}
		w.Write(text)
		w.Close()
		return b.Bytes()
	}
	for name, c := range map[string]struct {
		coding  string
		body    []byte
		outcome market.Outcome
		reason  string
	}{
		"gzip":                {"gzip", gz(text), "", ""},
		"x-gzip, odd case":    {"X-GZip", gz(text), "", ""},
		"deflate with zlib":   {"deflate", deflated(false), "", ""},
		"deflate raw":         {"deflate", deflated(true), "", ""},
		"gzip over deflate":   {"deflate, gzip", gz(deflated(true)), "", ""},
		"identity":            {"identity", text, "", ""},
		"two members":         {"gzip", append(gz(text[:9]), gz(text[9:])...), "", ""},
		"junk behind":         {"gzip", append(gz(text), "\r\n<!-- cached -->"...), "", ""},
		"says gzip, is plain": {"gzip", text, "", ""},
		"cut":                 {"gzip", gz(text)[:20], market.OutcomeUnreadable, "gzip coding"},
		"bad sum":             {"gzip", append(gz(text)[:len(gz(text))-8], 1, 2, 3, 4, 5, 6, 7, 8), market.OutcomeUnreadable, "gzip coding"},
		"brotli":              {"br", text, market.OutcomeUnreadable, "not asked for"},
		"three layers":        {"gzip, gzip, gzip", gz(gz(gz(text))), market.OutcomeUnreadable, "3 times"},
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=gbk") // colly would convert
			w.Header().Set("Content-Encoding", c.coding)
			w.Write(c.body)
		})
		res := newRig(t, nil).get(s.URL+"/sitemap.xml.gz", addr(s)) // colly would gunzip
		if res.Outcome != c.outcome || !strings.Contains(res.Reason, c.reason) {
			t.Errorf("%s: %q %q", name, res.Outcome, res.Reason)
			continue
		}
		if c.outcome == "" && !bytes.Equal(res.UTF8, text) {
			t.Errorf("%s: %q", name, res.UTF8)
		}
		if !bytes.Equal(res.Exchanges[0].Body, c.body) {
			t.Errorf("%s: the evidence is not what was received", name)
		}
	}
}

func TestBrokenAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		bytes, reason string
		truncated     string
	}{
		"shorter than it says": {"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<p>only this", "broke off after 12 bytes of the page out of 500", "disconnect"},
		"chunks break off":     {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "broke off after 5 bytes", "disconnect"},
		"chunk of nonsense":    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n", "chunk", "disconnect"},
		"nothing at all":       {"", "EOF", ""},
		"no HTTP":              {"SSH-2.0-OpenSSH_9.2\r\n", "malformed", ""},
		"bad header":           {"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", "malformed", ""},
		"two lengths":          {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello", "", ""},
		"negative length":      {"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", "", ""},
	} {
		address := raw(t, func(conn net.Conn) { io.WriteString(conn, c.bytes) })
		res := newRig(t, nil).get("http://"+address+"/", address)
		if res.Outcome != market.OutcomeError || !strings.Contains(res.Reason, c.reason) || res.Body != nil {
			t.Errorf("%s: %q %q %q", name, res.Outcome, res.Reason, res.Body)
		}
		if c.truncated != "" && (len(res.Exchanges) != 1 || res.Exchanges[0].Truncated != c.truncated) {
			t.Errorf("%s: %+v", name, res.Exchanges)
		}
	}
	// Longer than it says is cut by HTTP's own rules.
	address := raw(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more") })
	if res := newRig(t, nil).get("http://"+address+"/", address); string(res.Body) != "hello" {
		t.Errorf("%+v", res)
	}
	// Informational answers come before the one that counts.
	address = raw(t, func(c net.Conn) {
		io.WriteString(c, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\nContent-Length: 5\nx-Odd:  spaced \n\nhello")
	})
	res := newRig(t, nil).get("http://"+address+"/", address)
	want(t, res, "", "")
	if got := string(res.Exchanges[0].ResponseHead); got != "HTTP/1.1 200 OK\nContent-Length: 5\nx-Odd:  spaced \n\n" {
		t.Errorf("head %q", got)
	}
}

func TestRedirects(t *testing.T) {
	hops := map[string]string{
		"/a": "/b", "/b": "/c", "/c": "/page",
		"/circle1": "/circle2", "/circle2": "/circle3", "/circle3": "/circle1", "/self": "/self",
		"/ftp": "ftp://127.0.0.1/x", "/js": "javascript:alert(1)", "/file": "file:///etc/passwd", "/bad": "http://[", "/nohost": "http:///x",
		"/gbk": "/page?kw=\xbc\xf2\xc0\xfa", "/utf8": "/page?kw=简历", "/percent": "/page?100%", "/rel": "page?x=1#pid5", "/pass": "",
		"/long": "/" + strings.Repeat("a", 9000),
	}
	mux := http.NewServeMux()
	s := newServer(t, mux)
	hops["/pass"] = strings.Replace(s.URL, "http://", "http://user:secret@", 1) + "/page"
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		to, ok := hops[r.URL.Path]
		switch {
		case ok:
			w.Header()["Location"] = []string{to}
			w.WriteHeader(http.StatusFound)
			fmt.Fprint(w, "moved")
		case r.URL.Path == "/page":
			fmt.Fprint(w, r.URL.RawQuery+" "+r.Header.Get("Authorization"))
		case strings.HasPrefix(r.URL.Path, "/on/"):
			http.Redirect(w, r, r.URL.Path+"n", http.StatusMovedPermanently)
		default:
			http.NotFound(w, r)
		}
	})
	get := func(path string) Result { return newRig(t, nil).get(s.URL+path, addr(s)) }

	res := get("/a")
	want(t, res, "", "")
	if res.URL != s.URL+"/page" || strings.Join(res.Moved, " ") != s.URL+"/a "+s.URL+"/b "+s.URL+"/c" || len(res.Exchanges) != 4 || string(res.Exchanges[1].Body) != "moved" {
		t.Errorf("%+v", res)
	}
	res = get("/circle1")
	want(t, res, market.OutcomeError, "redirects in a circle: "+s.URL+"/circle1 → "+s.URL+"/circle2 → "+s.URL+"/circle3 → ")
	if len(res.Exchanges) > 6 {
		t.Errorf("%d requests to see a circle", len(res.Exchanges))
	}
	want(t, get("/self"), market.OutcomeError, "redirects in a circle: "+s.URL+"/self → "+s.URL+"/self")
	res = get("/on/")
	want(t, res, market.OutcomeError, "more than 10 redirects: ")
	if len(res.Exchanges) != 11 {
		t.Errorf("%d requests", len(res.Exchanges))
	}
	for _, path := range []string{"/ftp", "/js", "/file", "/bad", "/nohost", "/long"} {
		want(t, get(path), market.OutcomeError, "redirected to ")
	}
	for path, body := range map[string]string{
		"/gbk": "kw=%BC%F2%C0%FA ", "/utf8": "kw=%E7%AE%80%E5%8E%86 ", "/percent": "100%25 ", "/rel": "x=1 ", "/pass": " ",
	} {
		if res := get(path); res.Outcome != "" || string(res.Body) != body || strings.Contains(res.URL, "#") || strings.Contains(res.URL, "secret") {
			t.Errorf("%s: %q %q at %s, body %q", path, res.Outcome, res.Reason, res.URL, res.Body)
		}
	}
}
