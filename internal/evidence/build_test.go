package evidence

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPageCapture(t *testing.T) {
	c := pageCapture(t)
	if c.URL != "http://bbs.example.com/gz" || !c.At.Equal(testTime) {
		t.Errorf("%s at %v", c.URL, c.At)
	}
	var types []string
	for _, r := range c.Records {
		types = append(types, r.Type)
	}
	want := "warcinfo request response metadata request response metadata request response metadata request response metadata"
	if got := strings.Join(types, " "); got != want {
		t.Errorf("records %s\nwant    %s", got, want)
	}
	if got := c.Records[1].TargetURI; got != "http://bbs.example.com/?q=%E7%AE%80%E5%8E%86&a=b%20c" {
		t.Errorf("target %s", got)
	}
	want = "HTTP/1.1 200 OK\r\nServer: \xd6\xd0\xce\xc4\r\nX-Orig-Transfer-Encoding: chunked\r\nX-Orig-Content-Encoding: gzip\r\nX-Orig-Content-Length: 17\r\n" +
		"X-Folded: a b\r\nContent-Type: text/html; charset=gbk\r\nContent-Length: 23\r\n\r\n<html>\r\n\r\n\xb3\xf6\xbc\xf2\xc0\xfa</html>"
	if got := string(c.Records[5].Block); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if diff := cmp.Diff([][2]string{{"WARC-Protocol", "h2"}}, c.Records[5].Header); diff != "" {
		t.Error(diff)
	}
	for _, note := range []string{`left out, no field: a line of 8 bytes`, `left out, no name of a field: \"Bad Name\"`, `Transfer-Encoding: chunked: renamed`, `protocol was HTTP/2.0`, `Server: control characters`} {
		if !bytes.Contains(c.Records[6].Block, []byte(note)) {
			t.Errorf("the metadata doesn't say %q: %s", note, c.Records[6].Block)
		}
	}
	gz := c.Records[len(c.Records)-2]
	if !bytes.Contains(gz.Block, []byte("\r\nContent-Encoding: gzip\r\n")) {
		t.Errorf("a coding that is still there: %q", gz.Block)
	}
	if c.Records[5].Truncated != "length" {
		t.Error("the cut isn't marked")
	}
}

// What the messages don't tell stands beside each response, tied to it.
func TestCircumstances(t *testing.T) {
	info := testInfo()
	offset, most := -0.0012, 0.25
	info.Binary, info.Session, info.Clock = strings.Repeat("0e", 32), "board.cookies", Clock{"kernel, synchronised", &offset, &most}
	x := pageExchanges()[0]
	x.TLS = &TLS{"TLS 1.3", "TLS_AES_128_GCM_SHA256", "bbs.example.com", strings.Repeat("0d", 32), "CN=Example CA", "2027-01-01T00:00:00Z"}
	x.Resolver, x.Resolved, x.Robots = "system, nameserver 192.0.2.53", []string{"192.0.2.7", "192.0.2.8"}, "allowed"
	c, err := PageCapture(info, []Exchange{x})
	if err != nil {
		t.Fatal(err)
	}
	note := c.Records[3]
	if note.Type != TypeMetadata || note.Concurrent != 2 || c.Records[2].Type != TypeResponse {
		t.Errorf("%s beside record %d", note.Type, note.Concurrent)
	}
	want := `{"remote_address":"192.0.2.7:80","tls":{"version":"TLS 1.3","cipher":"TLS_AES_128_GCM_SHA256","server_name":"bbs.example.com","leaf_sha256":"` +
		strings.Repeat("0d", 32) + `","issuer":"CN=Example CA","not_after":"2027-01-01T00:00:00Z"},"resolver":"system, nameserver 192.0.2.53",` +
		`"resolved":["192.0.2.7","192.0.2.8"],"robots":"allowed","session":"board.cookies",` +
		`"clock":{"source":"kernel, synchronised","offset_seconds":-0.0012,"max_error_seconds":0.25},`
	if got := string(note.Block); !strings.HasPrefix(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	for _, line := range []string{"software-sha256: " + info.Binary, "session: board.cookies", "operator: Example  Security 安全", "hostname: w1.example.com", "robots: obey", "authority: ticket SEC-104"} {
		if !strings.Contains(string(c.Records[0].Block), line+"\r\n") {
			t.Errorf("the warcinfo has no %q:\n%s", line, c.Records[0].Block)
		}
	}
}

// Secrets of the session never reach the evidence.
func TestSecretsAreWithheld(t *testing.T) {
	plain := string(gunzip(t, warcBytes(t, pageCapture(t))))
	for _, secret := range []string{"supersecret", "verysecret", "othersecret", "topsecret"} {
		if strings.Contains(plain, secret) {
			t.Errorf("%s is in the capture", secret)
		}
	}
	for _, kept := range []string{"Cookie: sid=[withheld]; auth=[withheld]\r\n", "Set-Cookie: sid=[withheld]; Path=/; HttpOnly\r\n", "Authorization: [withheld]\r\n"} {
		if !strings.Contains(plain, kept) {
			t.Errorf("%q is not in the capture", kept)
		}
	}
}

// What is rebuilt is read by net/http to the same body.
func TestRebuiltHeadsAreHTTP(t *testing.T) {
	for i, r := range pageCapture(t).Records {
		switch r.Type {
		case TypeRequest:
			if _, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(r.Block))); err != nil {
				t.Errorf("record %d: %v", i, err)
			}
		case TypeResponse:
			res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(r.Block)), nil)
			if err != nil {
				t.Errorf("record %d: %v", i, err)
				continue
			}
			body, err := io.ReadAll(res.Body)
			if err != nil || !bytes.Equal(body, r.Block[r.PayloadOffset:]) {
				t.Errorf("record %d: %d bytes, %v", i, len(body), err)
			}
		}
	}
}

func TestBadExchanges(t *testing.T) {
	for name, change := range map[string]func(*Exchange){
		"no request head":  func(x *Exchange) { x.RequestHead = nil },
		"no response head": func(x *Exchange) { x.ResponseHead = []byte("\r\n\r\n") },
		"request line":     func(x *Exchange) { x.RequestHead = []byte("GET /a b HTTP/1.1\r\n\r\n") },
		"protocol":         func(x *Exchange) { x.ResponseHead = []byte("ICY 200 OK\r\n\r\n") },
		"status":           func(x *Exchange) { x.ResponseHead = []byte("HTTP/1.1 9 OK\r\n\r\n") },
		"flood":            func(x *Exchange) { x.ResponseHead = []byte("HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 1<<18)) },
		"address":          func(x *Exchange) { x.URL = "forum-2-1.html" },
		"scheme":           func(x *Exchange) { x.URL = "ftp://bbs.example.com/" },
		"no time":          func(x *Exchange) { x.At = x.At.AddDate(-5000, 0, 0) },
		"remote":           func(x *Exchange) { x.RemoteAddr = "localhost:80" },
	} {
		xs := pageExchanges()
		change(&xs[3])
		if _, err := PageCapture(testInfo(), xs); !errors.Is(err, ErrCapture) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := PageCapture(testInfo(), nil); !errors.Is(err, ErrCapture) {
		t.Errorf("no exchange: %v", err)
	}
}

func TestChatCapture(t *testing.T) {
	c := chatCapture(t, 2, testTime)
	if c.Kind != KindChat || c.URL != "urn:qq:group:1000012345" || len(c.Records) != 5 {
		t.Fatalf("%s %s, %d records", c.Kind, c.URL, len(c.Records))
	}
	info := string(c.Records[0].Block)
	for _, line := range []string{"software: resumewatch/test\r\n", "operator: Example  Security 安全\r\n", "robots: obey\r\n", "authority: ticket SEC-104\r\n", "authority-until: 2027-03-14T01:26:53Z\r\n"} {
		if !strings.Contains(info, line) {
			t.Errorf("warcinfo lacks %q:\n%s", line, info)
		}
	}
	if strings.Contains(info, "ip:") {
		t.Errorf("an empty field:\n%s", info)
	}
	n := len(c.Records[1].Block)
	if want := "urn:qq:group:1000012345:file:" + strings.Repeat("0f", 32) + ":bytes:0-" + strconv.Itoa(n-1); c.Records[1].TargetURI != want || c.Records[1].Type != TypeResource {
		t.Errorf("%s %s, want %s", c.Records[1].Type, c.Records[1].TargetURI, want)
	}
	note := `{"file":"全部消息记录 \"1\".txt","file_sha256":"` + strings.Repeat("0f", 32) + `","start":0,"end":` + strconv.Itoa(n) + `,"reader":"qq-txt/1"}`
	if got := string(c.Records[2].Block); got != note {
		t.Errorf("got  %s\nwant %s", got, note)
	}
	for name, k := range map[string]Chunk{
		"range":  {FileSHA256: strings.Repeat("0f", 32), Start: 5, End: 9, Data: []byte("abc")},
		"digest": {FileSHA256: "0f", Start: 5, End: 8, Data: []byte("abc")},
		"empty":  {FileSHA256: strings.Repeat("0f", 32), Start: 5, End: 5},
		"type":   {FileSHA256: strings.Repeat("0f", 32), Start: 5, End: 8, Data: []byte("abc"), Type: "a\r\nb"},
	} {
		if _, err := ChatCapture(testInfo(), "urn:qq:group:1000012345", testTime, []Chunk{k}); !errors.Is(err, ErrCapture) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ChatCapture(testInfo(), "urn:qq:group:1000012345", testTime, nil); !errors.Is(err, ErrCapture) {
		t.Errorf("no chunks: %v", err)
	}
}

// Whatever heads a host sends: the capture is refused, or what is written is a
// sound WARC whose payload is the body.
func FuzzPageCapture(f *testing.F) {
	for _, x := range pageExchanges() {
		f.Add(x.URL, x.RequestHead, x.ResponseHead, x.Body, x.Encoded)
	}
	f.Fuzz(func(t *testing.T, url string, request, response, body []byte, encoded bool) {
		c, err := PageCapture(testInfo(), []Exchange{{URL: url, At: testTime, RemoteAddr: "192.0.2.7:80", RequestHead: request, ResponseHead: response, Body: body, Encoded: encoded}})
		if err != nil {
			return
		}
		plain := warcBytes(t, c)
		if r := mustVerify(t, plain); !r.OK || len(r.Unchecked) > 0 {
			t.Fatalf("%+v", r)
		}
		res := c.Records[2]
		if end := headEnd(res.Block, 0); end != res.PayloadOffset || !bytes.Equal(res.Block[end:], body) {
			t.Fatalf("the body begins at %d, not %d: %q", end, res.PayloadOffset, res.Block)
		}
	})
}
