package evidence

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// lookedTwice are a page and the same again.
func lookedTwice(tb testing.TB) (page, same Capture) {
	tb.Helper()
	x := pageExchanges()[:2]
	page, err := PageCapture(testInfo(), x)
	if err != nil {
		tb.Fatal(err)
	}
	original, err := page.Original()
	if err != nil {
		tb.Fatal(err)
	}
	later := func(by time.Duration) []Exchange {
		out := append([]Exchange(nil), x...)
		for i := range out {
			out[i].At = out[i].At.Add(by)
		}
		return out
	}
	if same, err = RevisitCapture(testInfo(), later(25*time.Hour), original); err != nil {
		tb.Fatal(err)
	}
	return page, same
}

func TestRevisit(t *testing.T) {
	page, same := lookedTwice(t)
	pages, _, err := readAll(bytes.NewReader(warcBytes(t, page)))
	if err != nil {
		t.Fatal(err)
	}
	var original *ReadRecord
	for _, r := range pages {
		if r.Type == TypeResponse {
			original = r
		}
	}
	recs, blocks, err := readAll(bytes.NewReader(warcBytes(t, same)))
	if err != nil {
		t.Fatal(err)
	}
	if same.Kind != KindRevisit || len(recs) != len(pages) {
		t.Fatalf("%s of %d records", same.Kind, len(recs))
	}
	rec, block := recs[len(recs)-2], blocks[len(recs)-2]
	for name, want := range map[string]string{
		"WARC-Type": "revisit", "WARC-Profile": profileIdentical, "WARC-Truncated": "length", "WARC-Target-URI": original.Get("WARC-Target-URI"),
		"WARC-Refers-To": original.Get("WARC-Record-ID"), "WARC-Refers-To-Target-URI": original.Get("WARC-Target-URI"),
		"WARC-Refers-To-Date": original.Get("WARC-Date"), "WARC-Payload-Digest": original.Get("WARC-Payload-Digest"),
		"Content-Type": "application/http;msgtype=response",
	} {
		if got := rec.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !strings.HasPrefix(string(block), "HTTP/1.1 200") || !strings.HasSuffix(string(block), "\r\n\r\n") || bytes.Contains(block, []byte("<html>")) {
		t.Errorf("block %q", block)
	}
	if note := recs[len(recs)-1]; note.Type != TypeMetadata || note.Get("WARC-Concurrent-To") != rec.Get("WARC-Record-ID") {
		t.Errorf("no circumstances, but %v", note.Fields)
	}
	if _, err := RevisitCapture(testInfo(), pageExchanges()[:1], Original{}); !errors.Is(err, ErrCapture) {
		t.Errorf("of another body: %v", err)
	}
	nowhere := Original{Payload: PayloadDigest(pageExchanges()[0].Body)}
	if _, err := RevisitCapture(testInfo(), pageExchanges()[:1], nowhere); !errors.Is(err, ErrCapture) {
		t.Errorf("of nothing: %v", err)
	}
	chat := chatCapture(t, 1, testTime)
	if _, err := chat.Original(); err == nil {
		t.Error("a chat is an original")
	}
}

// A revisit stands and falls with its original, where both are in one file.
func TestVerifyRevisit(t *testing.T) {
	page, same := lookedTwice(t)
	all := warcBytes(t, page, same)
	if r := mustVerify(t, all); !r.OK || len(r.Unchecked) > 0 {
		t.Errorf("%+v", r)
	}
	if r := mustVerify(t, warcBytes(t, same)); !r.OK || len(r.Unchecked) != 1 {
		t.Errorf("alone: %+v", r)
	}
	plain := string(gunzip(t, all))
	last := strings.LastIndex(plain, "WARC-Payload-Digest: sha256:") + len("WARC-Payload-Digest: sha256:")
	digest := plain[last : last+8]
	for name, b := range map[string]string{
		"another digest": plain[:last] + strings.Repeat("A", 8) + plain[last+8:],
		"no profile":     strings.Replace(plain, "WARC-Profile", "X-Profile", 1),
		"another status": flipLast(plain, "HTTP/1.1 200 OK"),
		"another page":   strings.Replace(plain, digest, strings.Repeat("A", 8), 1),
	} {
		if b == plain {
			t.Fatalf("%s: nothing changed", name)
		}
		if r := mustVerify(t, []byte(b)); r.OK {
			t.Errorf("%s passes: %+v", name, r)
		}
	}
}

// The store keeps revisits as it keeps all captures.
func TestStoreKeepsRevisits(t *testing.T) {
	page, same := lookedTwice(t)
	d, keys := testDir(t)
	w := testWriter(t, d, "w")
	var refs []Ref
	for _, c := range []Capture{page, same} {
		refs = append(refs, appendOne(t, w, c))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{KindPage, KindRevisit} {
		r, err := Open(context.Background(), d, refs[i], keys.identities())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil || refs[i].Kind != want {
			t.Errorf("%s: %v", refs[i].Kind, err)
		}
		r.Close()
	}
	if r, err := VerifyStore(context.Background(), d, keys.identities()); err != nil || !r.OK {
		t.Errorf("%+v %v", r, err)
	}
}

func flipLast(s, find string) string {
	at := strings.LastIndex(s, find)
	return s[:at] + "X" + s[at+1:]
}
