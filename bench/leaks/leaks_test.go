package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"resumewatch/bench/program"
)

// Nothing of the people whom an archive and a board show is anywhere but in sealed
// captures.
func TestNothingLeaks(t *testing.T) {
	dir := t.TempDir()
	binary, err := program.Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWorld(1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := embedded(t.Context(), filepath.Join(dir, "stage"), binary, w, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	rep := judge(w, s.said)
	for _, l := range rep.leaks[:min(len(rep.leaks), 20)] {
		t.Error(l)
	}
	if len(rep.leaks) > 0 {
		t.Errorf("%d leaks", len(rep.leaks))
	}
	// The search saw what it is for.
	if rep.samples[true] < 50 || rep.kinds[""] < 200 || rep.kinds[phone] < 200 || rep.kinds[name] < 100 {
		t.Errorf("too little was planted: %v, samples %v", rep.kinds, rep.samples)
	}
	for _, place := range []string{"table post of casebook.db", "table listing of casebook.db", "tokens of index.db", "queue", "stdout of up", "stderr of up", "stdout of search", "answer to GET /metrics", "answer to GET /alerts", "data/casebook.db, while up works", "data/run.json, while up works"} {
		found := false
		for _, e := range s.said {
			found = found || e.place == place && len(e.data) > 0
		}
		if !found {
			t.Errorf("nothing of %q was searched", place)
		}
	}
	if cores, err := filepath.Glob(filepath.Join(dir, "stage/work/core*")); err != nil || len(cores) > 0 {
		t.Errorf("a killed process left its memory: %v %v", cores, err)
	}
	sealed(t, s)
}

// sealed wants evidence to be age files, which hold what the listings showed.
func sealed(t *testing.T, s *stage) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.data, "evidence/*/*/*.age"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no evidence: %v", err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(data, []byte(ageHead)) {
			t.Errorf("%s begins with %q", f, data[:min(len(data), 30)])
		}
	}
	out := filepath.Join(s.dir, "opened")
	args := []string{"evidence", "open", "--to", out}
	for _, f := range files {
		name, err := filepath.Rel(filepath.Join(s.data, "evidence"), f)
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	if _, err := s.must(t.Context(), args...); err != nil {
		t.Fatal(err)
	}
	opened, err := filepath.Glob(filepath.Join(out, "*"))
	if err != nil {
		t.Fatal(err)
	}
	f, found := newFinder(s.w.values()), map[*planted]bool{}
	for _, name := range opened {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range f.find(name, data) {
			found[l.planted] = true
		}
	}
	if len(found) < len(s.w.values())/2 {
		t.Errorf("the opened captures show %d of %d values: the search is blind", len(found), len(s.w.values()))
	}
}

// Whatever way a value is written in, wherever it stands, it is found.
func TestSearchFinds(t *testing.T) {
	w, err := newWorld(1)
	if err != nil {
		t.Fatal(err)
	}
	p := w.people[0]
	gbk := func(s string) string {
		out, err := simplifiedchinese.GB18030.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	ways := map[string]func(string) string{
		"plain":    plainly,
		"base64":   func(s string) string { return base64.StdEncoding.EncodeToString([]byte("xx" + s + "yyyyyyyyyyyyy")) },
		"hex":      func(s string) string { return hex.EncodeToString([]byte(s)) },
		"percent":  url.QueryEscape,
		"utf-16le": func(s string) string { return encoded(s, utf16le) },
		"utf-16be": func(s string) string { return encoded(s, utf16be) },
		"gb18030":  gbk,
		"json": func(s string) string {
			var b strings.Builder
			for _, c := range s {
				fmt.Fprintf(&b, `\u%04x`, c)
			}
			return b.String()
		},
		"entities": func(s string) string {
			var b strings.Builder
			for _, c := range s {
				fmt.Fprintf(&b, "&#%d;", c)
			}
			return b.String()
		},
		"gzip": func(s string) string {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, err := z.Write([]byte("something " + s))
			if err == nil {
				err = z.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			return b.String()
		},
		"json in percent": func(s string) string {
			doc, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			return url.QueryEscape(string(doc))
		},
	}
	for _, kind := range []string{phone, identity, mailbox, card, name, school, employer, address} {
		v := &planted{kind: kind, norm: p.value(kind), written: p.value(kind)}
		f := newFinder([]*planted{v})
		for how, write := range ways {
			place := "noise\x00\x01 …" + write(v.norm) + "… noise"
			if len(f.find("x", []byte(place))) == 0 {
				t.Errorf("%s in %s is not found: %q", kind, how, place)
			}
		}
		if l := f.find("x", []byte("noise 15000000000 a@b.example 110101 张三 大学 路1号 科技有限公司")); len(l) > 0 {
			t.Errorf("%s: found where it is not: %v", kind, l)
		}
		disguises := map[string][]disguise{phone: append(append([]disguise{}, numbers...), phones...), identity: append(append([]disguise{}, numbers...), longNumbers...), card: append(append([]disguise{}, numbers...), longNumbers...), mailbox: mails}
		for _, d := range disguises[kind] {
			if len(f.find("x", []byte("看"+d.write(v.norm)+"样"))) == 0 {
				t.Errorf("%s in the disguise %q is not found: %q", kind, d.name, d.write(v.norm))
			}
		}
	}
	v := &planted{kind: name, norm: p.name, written: p.name}
	if l := newFinder([]*planted{v}).inTokens("x", []string{string([]rune(p.name)[1:3])}); len(l) != 1 {
		t.Errorf("tokens: %v", l)
	}
}

// A store that holds a value fails the search, whichever it is.
func TestSearchOfStoresFails(t *testing.T) {
	w, err := newWorld(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []*planted{w.elsewhere[4], w.elsewhere[5]} { // a board's name
		if rep := judge(w, []exhibit{{place: "table post of casebook.db", data: []byte("clean")}, {place: "stderr of up", data: []byte("level=WARN " + v.norm)}}); len(rep.leaks) != 1 {
			t.Errorf("%s: %v", v.norm, rep.leaks)
		}
		if rep := judge(w, []exhibit{{place: "answer to GET /", data: []byte(v.norm), asked: v.norm}}); len(rep.leaks) != 0 || len(rep.excused) != 1 {
			t.Errorf("an answer to a question about %s: %v", v.norm, rep.leaks)
		}
	}
}
