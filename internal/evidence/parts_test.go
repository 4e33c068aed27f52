//go:build parts

package evidence

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Checkers of others that are run on what is written here; deploy/testparts
// installs them, make names them in RESUMEWATCH_WARCIO and RESUMEWATCH_JWARC.
type checkers struct{ warcio, jwarc string }

func findCheckers(t *testing.T) checkers {
	t.Helper()
	c := checkers{os.Getenv("RESUMEWATCH_WARCIO"), os.Getenv("RESUMEWATCH_JWARC")}
	if c.warcio == "" || c.jwarc == "" {
		t.Fatal("RESUMEWATCH_WARCIO and RESUMEWATCH_JWARC must name the commands that deploy/testparts/{warcio,jwarc}/start print")
	}
	return c
}

// refused lists which of the checkers refuse a file, and what they said.
func (c checkers) refused(t *testing.T, path string) (by []string, said string) {
	t.Helper()
	for _, cmd := range []struct {
		name string
		args []string
	}{
		{"gzip", []string{"gzip", "-t", path}},
		{"warcio", []string{c.warcio, "check", "-v", path}},
		{"jwarc", []string{c.jwarc, "validate", "-v", path}},
	} {
		out, err := exec.Command(cmd.args[0], cmd.args[1:]...).CombinedOutput()
		said += cmd.name + ": " + string(out) + "\n"
		if _, ran := err.(*exec.ExitError); err != nil && !ran {
			t.Fatalf("%s: %v", cmd.name, err)
		}
		// warcio ends well where there is nothing to check: the hole is closed here.
		if err != nil || strings.Contains(string(out), "no digest to check") {
			by = append(by, cmd.name)
		}
	}
	return by, said
}

// What the store holds, opened, satisfies the checkers of others; each tampered
// copy is refused by one of them, and always by Verify.
func TestOtherCheckersAgree(t *testing.T) {
	checkers := findCheckers(t)
	d, keys := testDir(t)
	w := testWriter(t, d, "worker-1")
	refs := []Ref{
		appendOne(t, w, chatCapture(t, 3, testTime)),
		appendOne(t, w, pageCapture(t)),
		appendOne(t, w, chatCapture(t, 1, testTime)),
	}
	page, same := lookedTwice(t)
	for _, c := range []Capture{page, same} {
		refs = append(refs, appendOne(t, w, c))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, ref := range refs {
		r, err := Open(context.Background(), d, ref, keys.identities())
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		all = append(all, plain...)
	}
	dir := t.TempDir()
	save := func(name string, b []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, b := range map[string][]byte{"all.warc.gz": all, "page.warc.gz": all[memberStart(all, len(chatCapture(t, 3, testTime).Records)):]} {
		if by, said := checkers.refused(t, save(name, b)); len(by) > 0 {
			t.Errorf("%s is refused by %v:\n%s", name, by, said)
		}
		if r := mustVerify(t, b); !r.OK {
			t.Errorf("%s: %+v", name, r)
		}
	}

	flip := func(find string) []byte {
		b := gunzip(t, all)
		at := bytes.Index(b, []byte(find))
		if at < 0 {
			t.Fatalf("%q is not in the file", find)
		}
		b[at] ^= 1
		return rezip(t, b)
	}
	for name, b := range map[string][]byte{
		"flipped-chat.warc.gz":     flip("\xe5\x8d\x96\xe5\xae\xb6"), // 卖家
		"flipped-page.warc.gz":     flip("</html>"),
		"flipped-head.warc.gz":     flip("Location: /forum"),
		"flipped-warcinfo.warc.gz": flip("ticket SEC-104"),
		"truncated.warc.gz":        all[:len(all)-7],
		"truncated-mid.warc.gz":    all[:len(all)/2],
	} {
		if by, said := checkers.refused(t, save(name, b)); len(by) == 0 {
			t.Errorf("%s passes everywhere:\n%s", name, said)
		}
		if r := mustVerify(t, b); r.OK {
			t.Errorf("%s passes Verify: %+v", name, r)
		}
	}
}

func memberStart(b []byte, record int) int64 {
	recs, _, _ := readAll(bytes.NewReader(b))
	return recs[record].Offset
}

// rezip makes a member a record of plain records, whatever their blocks hold.
func rezip(t *testing.T, plain []byte) []byte {
	t.Helper()
	recs, _, err := readAll(bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	for i, r := range recs {
		end := int64(len(plain))
		if i+1 < len(recs) {
			end = recs[i+1].Offset
		}
		out = append(out, gzipped(string(plain[r.Offset:end]))...)
	}
	return out
}

// Heads as broken as hosts send them, rebuilt, are read by others too.
func TestOddHeadsSatisfyOthers(t *testing.T) {
	checkers := findCheckers(t)
	rnd := rand.New(rand.NewPCG(7, 8))
	spoil := func(b []byte) []byte {
		if len(b) == 0 {
			return b
		}
		b = bytes.Clone(b)
		for range 1 + rnd.IntN(6) {
			b[rnd.IntN(len(b))] = byte(rnd.IntN(256))
		}
		if rnd.IntN(4) == 0 {
			b = append(b, b[rnd.IntN(len(b)):]...)
		}
		return b
	}
	var out bytes.Buffer
	for n := 0; n < 500; {
		x := pageExchanges()[rnd.IntN(4)]
		x.URL = "http://" + string(spoil([]byte(x.URL[len("http://"):])))
		x.RequestHead, x.ResponseHead, x.Body = spoil(x.RequestHead), spoil(x.ResponseHead), spoil(x.Body)
		c, err := PageCapture(testInfo(), []Exchange{x})
		if err != nil {
			continue // refused, as it may be
		}
		n++
		if err := WriteWARC(&out, c); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "odd.warc.gz")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if by, said := checkers.refused(t, path); len(by) > 0 {
		t.Errorf("refused by %v:\n%.5000s", by, said)
	}
	if r := mustVerify(t, out.Bytes()); !r.OK {
		t.Errorf("%+v", r)
	}
}
