package custody_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"resumewatch/internal/custody"
)

var start = time.Date(2026, 3, 1, 4, 0, 0, 123_000_000, time.UTC)

func key(t testing.TB, seed byte) custody.Key {
	t.Helper()
	k, err := custody.NewKey([]byte(strings.Repeat(string(rune(seed)), 32)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func verifier(t testing.TB, k custody.Key) note.Verifier {
	t.Helper()
	v, err := note.NewVerifier(k.Public)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestEvent(t *testing.T) {
	e := custody.Event{
		Kind: custody.Unmasked, At: start.Add(999 * time.Microsecond), Actor: "王芳", Device: "host", Object: "listing <1> & \u2028",
		Detail: map[string]string{"reason": "ticket \"7\"", "role": "reviewer"}, Captures: []custody.Item{{Digest: "aa", Sealed: "bb"}, {Digest: "cc"}},
		Salt: "00112233445566778899aabbccddeeff",
	}
	text, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"kind":"unmasked","at":"2026-03-01T04:00:00.123Z","actor":"王芳","device":"host","object":"listing <1> & \u2028",` +
		`"detail":{"reason":"ticket \"7\"","role":"reviewer"},"captures":[{"digest":"aa","sealed":"bb"},{"digest":"cc"}],"salt":"00112233445566778899aabbccddeeff"}`
	if text != want {
		t.Errorf("encoded\n%s, want\n%s", text, want)
	}
	again, err := custody.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := again.Encode(); err != nil || s != text {
		t.Errorf("again %s, %v", s, err)
	}
	e.Salt = ""
	a, _ := e.Encode()
	b, _ := e.Encode()
	if a == b || len(a) != len(text) {
		t.Errorf("two events with one salt: %s", a)
	}
	for _, bad := range []custody.Event{
		{Kind: "other", At: start}, {Kind: custody.HoldSet}, {Kind: custody.HoldSet, At: start, Salt: "x"},
		{Kind: custody.Captured, At: start, Captures: []custody.Item{{}}},
		{Kind: custody.Captured, At: start, Captures: []custody.Item{{Digest: strings.Repeat("a", 201)}}},
		{Kind: custody.HoldSet, At: start, Object: strings.Repeat("a", custody.MaxEvent)},
	} {
		if text, err := bad.Encode(); err == nil {
			t.Errorf("encoded %.200s", text)
		}
	}
}

func TestDecodeTakesTheCanonicalFormAlone(t *testing.T) {
	const good = `{"kind":"hold_set","at":"2026-03-01T04:00:00.123Z","actor":"a","object":"C-3","detail":{"a":"1","b":"2"},"salt":"00112233445566778899aabbccddeeff"}`
	if _, err := custody.Decode(good); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{`"kind"`, ` "kind"`}, {`"actor":"a",`, `"actor":"a","actor":"b",`}, {`"actor":"a",`, `"actor":"",`}, {`"actor":"a",`, `"actors":"a",`},
		{`"a":"1","b":"2"`, `"b":"2","a":"1"`}, {`.123Z`, `.1230Z`}, {`.123Z`, `Z`}, {`.123Z`, `.123+00:00`}, {`2026-03`, `2026-13`}, {`hold_set`, `hold_get`},
		{`C-3`, `C\u002d3`}, {`"00112233445566778899aabbccddeeff"}`, `"00112233445566778899aabbccddeeff"}{}`}, {`ff"}`, `FF"}`}, {`ff"}`, `"}`}, {`"detail":{"a":"1","b":"2"},`, `"detail":{},`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if _, err := custody.Decode(bad); err == nil || bad == good {
			t.Errorf("decoded %s", bad)
		}
	}
}

func TestCheckpoint(t *testing.T) {
	k, other := key(t, 'k'), key(t, 'x')
	root := tlog.RecordHash([]byte("x"))
	first, err := k.Sign(7, root, start, "")
	if err != nil {
		t.Fatal(err)
	}
	second, err := k.Sign(9, root, start, first)
	if err != nil {
		t.Fatal(err)
	}
	c, err := custody.OpenCheckpoint(second, verifier(t, k))
	if err != nil || c.Size != 9 || c.Root != root || !c.At.Equal(start) || c.After != custody.Link(first) || c.Log != verifier(t, k).Name() {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := custody.OpenCheckpoint(first, verifier(t, other)); err == nil || !strings.Contains(err.Error(), "not signed by the log's key") {
		t.Errorf("another key: %v", err)
	}
	for i := range first {
		changed := []byte(first)
		changed[i] ^= 1
		if _, err := custody.OpenCheckpoint(string(changed), verifier(t, k)); err == nil {
			t.Errorf("byte %d flipped: %q passes", i, changed)
		}
	}
	// Whoever has the key might sign other forms: they are refused all the same.
	signer := func(text string) string { return signedText(t, k, text) }
	good := strings.SplitAfter(strings.SplitN(first, "\n\n", 2)[0]+"\n", "\n")
	for _, bad := range []string{
		"\n", strings.Join(good[:3], ""), strings.Join(good, "") + "more\n", strings.Replace(strings.Join(good, ""), "\n7\n", "\n07\n", 1),
		strings.Replace(strings.Join(good, ""), "\n7\n", "\n-7\n", 1), strings.Replace(strings.Join(good, ""), "time ", "Time ", 1),
		strings.Replace(strings.Join(good, ""), "after -", "after", 1), strings.Replace(strings.Join(good, ""), "resumewatch/", "resumewotch/", 1),
	} {
		if _, err := custody.OpenCheckpoint(signer(bad), verifier(t, k)); err == nil {
			t.Errorf("passes: %q", bad)
		}
	}
}

// log is a log in memory, as a casebook would have it.
type log struct {
	key         custody.Key
	events      []string
	hashes      []string
	checkpoints map[int64]string
	last        string
}

func newLog(t testing.TB, events, each int) *log {
	t.Helper()
	l := &log{key: key(t, 'k'), checkpoints: map[int64]string{}}
	tree := custody.OpenTree(0, l.read)
	for n := range events {
		e := custody.Event{Kind: custody.EvidenceOpened, At: start, Object: fmt.Sprint(n), Salt: fmt.Sprintf("%032x", n)}
		if n == 0 {
			e.Kind, e.Detail = custody.LogBegun, map[string]string{"key": l.key.Public}
		}
		text, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		hashes, err := tree.Add(text)
		if err != nil {
			t.Fatal(err)
		}
		l.events, l.hashes = append(l.events, text), append(l.hashes, hashes)
		if n+1 == events || (n+1)%each == 0 {
			l.sign(t, int64(n+1))
			tree = custody.OpenTree(int64(n+1), l.read) // nothing remembered
		}
	}
	return l
}

func (l *log) sign(t testing.TB, size int64) {
	t.Helper()
	root, err := custody.OpenTree(size, l.read).Root()
	if err != nil {
		t.Fatal(err)
	}
	if l.last, err = l.key.Sign(size, root, start, l.last); err != nil {
		t.Fatal(err)
	}
	l.checkpoints[size] = l.last
}

func (l *log) read(numbers []int64) (map[int64]string, error) {
	out := map[int64]string{}
	for _, n := range numbers {
		out[n] = l.hashes[n]
	}
	return out, nil
}

func (l *log) audit(t testing.TB, kept string) custody.Findings {
	t.Helper()
	a, err := custody.NewAudit(l.key.Public, kept)
	if err != nil {
		t.Fatal(err)
	}
	sizes := slices.Sorted(maps.Keys(l.checkpoints))
	for n, text := range l.events {
		for len(sizes) > 0 && sizes[0] <= int64(n) {
			a.Checkpoint(sizes[0], l.checkpoints[sizes[0]])
			sizes = sizes[1:]
		}
		a.Event(int64(n), text, l.hashes[n], nil)
	}
	for _, s := range sizes {
		a.Checkpoint(s, l.checkpoints[s])
	}
	return a.End()
}

// Roots and proofs are those of golang.org/x/mod/sumdb/tlog for every size.
func TestProofs(t *testing.T) {
	l := newLog(t, 70, 7)
	roots := make([]tlog.Hash, 71)
	tree := custody.OpenTree(70, l.read)
	for size := int64(1); size <= 70; size++ {
		var err error
		if roots[size], err = tree.RootOf(size); err != nil {
			t.Fatal(err)
		}
	}
	for size := int64(1); size <= 70; size++ {
		for n := range size {
			p, err := tree.ProveEvent(size, n)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckRecord(p, size, roots[size], n, tlog.RecordHash([]byte(l.events[n]))); err != nil {
				t.Errorf("event %d of %d: %v", n, size, err)
			}
			older, err := tree.ProveTree(size, n+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckTree(older, size, roots[size], n+1, roots[n+1]); err != nil {
				t.Errorf("%d in %d: %v", n+1, size, err)
			}
		}
	}
	for _, f := range []func() error{
		func() error { _, err := tree.ProveEvent(70, 70); return err },
		func() error { _, err := tree.ProveEvent(71, 3); return err },
		func() error { _, err := tree.ProveEvent(70, -1); return err },
		func() error { _, err := tree.ProveTree(70, 0); return err },
		func() error { _, err := tree.ProveTree(70, 71); return err },
	} {
		if f() == nil {
			t.Error("a proof of nothing")
		}
	}
	for size := range 40 {
		if f := newLog(t, size, 5); f.audit(t, f.last).Count != 0 {
			t.Errorf("a log of %d: %v", size, f.audit(t, f.last).Faults)
		}
	}
}

// Whatever is changed in a log, by whoever has no key, is found.
func TestEveryChangeIsFound(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := rapid.IntRange(2, 40).Draw(rt, "events")
		l := newLog(t, events, rapid.IntRange(1, 9).Draw(rt, "each"))
		kept := l.last
		if f := l.audit(t, kept); f.Count != 0 {
			rt.Fatalf("faults in a sound log: %v", f.Faults)
		}
		n, m := rapid.IntRange(0, events-1).Draw(rt, "n"), rapid.IntRange(0, events-1).Draw(rt, "m")
		sizes := slices.Sorted(maps.Keys(l.checkpoints))
		size := sizes[rapid.IntRange(0, len(sizes)-1).Draw(rt, "checkpoint")]
		rehash := func() { // all stored hashes fit again
			tree := custody.OpenTree(0, l.read)
			for i, text := range l.events {
				l.hashes[i], _ = tree.Add(text)
			}
		}
		how := rapid.SampledFrom([]string{"text", "text and hashes", "hash", "swap", "swap and hashes", "cut", "cut and hashes", "insert", "checkpoint", "no checkpoint", "exchange", "truncate"}).Draw(rt, "how")
		switch how {
		case "text", "text and hashes":
			l.events[n] = strings.Replace(l.events[n], `"at":"2026`, `"at":"2016`, 1)
		case "hash":
			h := []byte(l.hashes[n])
			i := rapid.IntRange(0, len(h)-1).Draw(rt, "digit")
			if h[i] = "123456789abcdef0"[strings.IndexByte("0123456789abcdef", h[i])]; true {
				l.hashes[n] = string(h)
			}
		case "swap", "swap and hashes":
			if n == m {
				return
			}
			l.events[n], l.events[m] = l.events[m], l.events[n]
		case "cut", "cut and hashes":
			l.events, l.hashes = slices.Delete(l.events, n, n+1), slices.Delete(l.hashes, n, n+1)
		case "insert":
			l.events, l.hashes = slices.Insert(l.events, n, l.events[m]), slices.Insert(l.hashes, n, "")
			rehash()
		case "checkpoint":
			c := []byte(l.checkpoints[size])
			c[rapid.IntRange(0, len(c)-1).Draw(rt, "byte")] ^= byte(1 << rapid.IntRange(0, 6).Draw(rt, "bit"))
			l.checkpoints[size] = string(c)
		case "no checkpoint":
			delete(l.checkpoints, size)
		case "exchange":
			other := sizes[rapid.IntRange(0, len(sizes)-1).Draw(rt, "other")]
			if other == size {
				return
			}
			l.checkpoints[size] = l.checkpoints[other]
		case "truncate":
			if len(sizes) < 2 {
				return
			}
			end := sizes[len(sizes)-2]
			delete(l.checkpoints, sizes[len(sizes)-1])
			l.events, l.hashes = l.events[:end], l.hashes[:end]
		}
		if strings.HasSuffix(how, "and hashes") {
			rehash()
		}
		if f := l.audit(t, kept); f.Count == 0 {
			rt.Fatalf("%s: not found", how)
		}
	})
}

// A row may claim any number: the audit neither fails nor takes long.
func TestWildNumbers(t *testing.T) {
	l := newLog(t, 5, 2)
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int64{1 << 62, 1<<63 - 1, 1 << 40, rnd.Int64(), rnd.Int64(), -1 << 63} {
		a, err := custody.NewAudit(l.key.Public, "")
		if err != nil {
			t.Fatal(err)
		}
		a.Event(0, l.events[0], l.hashes[0], nil)
		a.Event(n, l.events[1], l.hashes[1], nil)
		if a.End().Count == 0 {
			t.Errorf("number %d passes", n)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"kind":"hold_set","at":"2026-03-01T04:00:00.123Z","object":"C-3","detail":{"a":"1"},"salt":"00112233445566778899aabbccddeeff"}`)
	f.Fuzz(func(t *testing.T, text string) {
		e, err := custody.Decode(text)
		if err != nil {
			return
		}
		if again, err := e.Encode(); err != nil || again != text {
			t.Errorf("%q again is %q, %v", text, again, err)
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	k := key(f, 'k')
	signed, err := k.Sign(7, tlog.Hash{}, start, "")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := custody.OpenCheckpoint(text, verifier(t, k)); err == nil && text != signed {
			t.Errorf("signed: %q", text)
		}
	})
}

func signedText(t testing.TB, k custody.Key, text string) string {
	t.Helper()
	out, err := note.Sign(&note.Note{Text: text}, k.Signer())
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// A receipt stands for itself, and no word of it can be changed.
func TestReceipt(t *testing.T) {
	for _, size := range []int{1, 2, 7, 33} {
		l := newLog(t, size, 5)
		tree := custody.OpenTree(int64(size), l.read)
		for n, event := range l.events {
			good, err := tree.Receipt(int64(n), event, l.last)
			if err != nil {
				t.Fatal(err)
			}
			if e, c, err := good.Check(l.key.Public); err != nil || c.Size != int64(size) || e.Kind == "" {
				t.Fatalf("event %d of %d: %v", n, size, err)
			}
			bad := map[string]custody.Receipt{}
			change := func(what string, f func(*custody.Receipt)) {
				r := good
				r.Path = slices.Clone(good.Path)
				f(&r)
				bad[what] = r
			}
			change("event", func(r *custody.Receipt) { r.Event = strings.Replace(r.Event, `"at":"2026`, `"at":"2016`, 1) })
			change("no event", func(r *custody.Receipt) { r.Event = "" })
			change("checkpoint", func(r *custody.Receipt) { r.Checkpoint = strings.Replace(r.Checkpoint, "time 2026", "time 2016", 1) })
			change("number", func(r *custody.Receipt) { r.Number = int64(size) })
			change("negative number", func(r *custody.Receipt) { r.Number = -1 })
			change("longer path", func(r *custody.Receipt) { r.Path = append(r.Path, tlog.Hash{}.String()) })
			change("long path", func(r *custody.Receipt) { r.Path = make([]string, 1000) })
			if size > 1 {
				change("another number", func(r *custody.Receipt) { r.Number = int64((n + 1) % size) })
				change("shorter path", func(r *custody.Receipt) { r.Path = r.Path[1:] })
				change("path", func(r *custody.Receipt) { r.Path[0] = tlog.Hash{}.String() })
				change("no hash", func(r *custody.Receipt) { r.Path[0] = "x" })
			}
			for what, r := range bad {
				if _, _, err := r.Check(l.key.Public); err == nil {
					t.Errorf("event %d of %d: %s: passes", n, size, what)
				}
			}
			if _, _, err := good.Check(key(t, 'x').Public); err == nil {
				t.Error("another key: passes")
			}
		}
	}
}

// FuzzDocument: a receipt from anywhere is read, or refused, and holds only what it shows.
func FuzzDocument(f *testing.F) {
	k := key(f, 'k')
	tree := custody.OpenTree(0, func([]int64) (map[int64]string, error) { return nil, nil })
	text, err := custody.Event{Kind: custody.LogBegun, At: start, Detail: map[string]string{"key": k.Public}, Salt: "00112233445566778899aabbccddeeff"}.Encode()
	if err != nil {
		f.Fatal(err)
	}
	if _, err := tree.Add(text); err != nil {
		f.Fatal(err)
	}
	root, err := tree.Root()
	if err != nil {
		f.Fatal(err)
	}
	signed, err := k.Sign(1, root, start, "")
	if err != nil {
		f.Fatal(err)
	}
	r, err := tree.Receipt(0, text, signed)
	if err != nil {
		f.Fatal(err)
	}
	good, err := json.Marshal(custody.Document{Format: custody.DocumentFormat, Log: k.Public, Receipt: r})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"format":"resumewatch-receipt/1","log":"x+y+z","number":-1,"event":"{}","path":["AA=="],"checkpoint":""}`))
	f.Add([]byte(`{}{}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := custody.ParseDocument(text)
		if err != nil {
			return
		}
		e, c, err := d.Check(k.Public)
		if err == nil && (d.Event != r.Event || c.Size != 1 || e.Kind != custody.LogBegun) {
			t.Errorf("another receipt passes: %+v", d)
		}
	})
}

// Holds stand in the log: one that is taken out of the casebook is missed, and so is
// one that nobody set.
func TestHolds(t *testing.T) {
	event := func(kind custody.Kind, object string) string {
		text, err := custody.Event{Kind: kind, At: start, Object: object}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for name, c := range map[string]struct {
		waiting, on []string
		want        string
	}{
		"none":      {},
		"set":       {[]string{event(custody.HoldSet, "C-1")}, []string{"C-1"}, ""},
		"lifted":    {[]string{event(custody.HoldSet, "C-1"), event(custody.HoldLifted, "C-1")}, nil, ""},
		"again":     {[]string{event(custody.HoldLifted, "C-1"), event(custody.HoldSet, "C-1")}, []string{"C-1"}, ""},
		"taken out": {[]string{event(custody.HoldSet, "C-1"), event(custody.HoldSet, "C-2")}, []string{"C-2"}, "case C-1"},
		"put in":    {[]string{event(custody.HoldSet, "C-1")}, []string{"C-1", "C-2"}, "case C-2"},
		"no event":  {[]string{"{}"}, nil, ""},
	} {
		a, err := custody.NewAudit(key(t, 'k').Public, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range c.waiting {
			a.Waits(text)
		}
		a.OnHold(c.on)
		switch found := a.End(); {
		case c.want == "" && found.Count != 0, c.want != "" && (found.Count != 1 || found.Faults[0].What != c.want):
			t.Errorf("%s: %+v", name, found.Faults)
		case found.Waiting != int64(len(c.waiting)):
			t.Errorf("%s: %d wait", name, found.Waiting)
		}
	}
}
