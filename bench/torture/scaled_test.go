package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Five faults are one of each family, whatever the seed, and neighbouring seeds
// come to all kinds.
func TestDealing(t *testing.T) {
	seen := map[kind]bool{}
	for seed := range uint64(6) {
		d := newDeck(seed, "")
		var got []kind
		for len(got) < 5 {
			faults := d.deal(5 - len(got))
			if !slices.IsSortedFunc(faults, func(a, b fault) int { return int(1e6 * (a.at - b.at)) }) {
				t.Errorf("not in the order of their instants: %v", faults)
			}
			for _, f := range faults {
				got = append(got, f.kind)
				seen[f.kind] = true
				if f.at <= 0 || f.at >= 1 || f.away < leastAway || f.away > mostAway {
					t.Errorf("%+v", f)
				}
			}
		}
		for _, family := range families {
			n := 0
			for _, k := range family {
				if slices.Contains(got, k) {
					n++
				}
			}
			if n != 1 {
				t.Errorf("seed %d: %d of %v in %v", seed, n, family, got)
			}
		}
	}
	for _, family := range families {
		for _, k := range family {
			if !seen[k] {
				t.Errorf("%s never came", k)
			}
		}
	}
	if a, b := newDeck(9, "").deal(50), newDeck(9, "").deal(50); !slices.Equal(a, b) {
		t.Errorf("the same seed dealt %v and %v", a, b)
	}
	d := newDeck(1, "")
	first := d.deal(1)[0]
	d.again(first)
	if got := d.deal(1)[0]; got.kind != first.kind {
		t.Errorf("%s came too late, then %s was dealt", first.kind, got.kind)
	}
}

func TestDealingOneKind(t *testing.T) {
	d := newDeck(3, "worker killed")
	for range 5 {
		for _, f := range d.deal(9) {
			if f.kind != killWorker {
				t.Errorf("dealt %s", f.kind)
			}
		}
	}
	if newDeck(3, "weather") != nil {
		t.Error("the weather was dealt")
	}
}

// A dump that lacks one line or has one twice is found, also when both happen.
func TestBrokenReference(t *testing.T) {
	lines := []string{"a\n", "b\n", "c\n", "d\n"}
	whole := []byte(strings.Join(lines, ""))
	for _, c := range []struct {
		got           string
		lost, doubled int
	}{{"a\nb\nc\nd\n", 0, 0}, {"a\nb\nd\n", 1, 0}, {"a\nb\nb\nc\nd\n", 0, 1}, {"a\na\nc\nd\n", 1, 1}, {"", 4, 0}, {"a\nb\nc\nx\n", 1, 1}} {
		lost, doubled := compare(whole, []byte(c.got))
		if lost != c.lost || doubled != c.doubled {
			t.Errorf("%q: %d lost, %d doubled", c.got, lost, doubled)
		}
		if e := (ended{lost: lost, doubled: doubled}); e.whole() != (c.lost+c.doubled == 0) {
			t.Errorf("%q: whole %v", c.got, e.whole())
		}
	}
}

func TestTally(t *testing.T) {
	var t1 tally
	t1.calm = 12 * time.Second
	t1.add(ended{struck: []struck{
		{fault: fault{kind: killLeader}, recovery: 4 * time.Second, takeover: 4 * time.Second},
		{fault: fault{kind: redisFlush}, missed: true},
	}})
	if err := t1.judge(); err != nil {
		t.Error(err)
	}
	t1.add(ended{struck: []struck{{fault: fault{kind: killLeader}, recovery: 6 * time.Second, takeover: 6 * time.Second}, {fault: fault{kind: pgRestart}, recovery: time.Second}}, lost: 1, wrong: []string{"reindex --check: exit code 1: missing 3\nmore"}})
	var out bytes.Buffer
	t1.print(&out)
	for _, want := range []string{
		"| " + string(killLeader) + " | 2 | 1 | 0 | 0 | 1 | 5.0 | 6.0 |\n",
		"| " + string(pgRestart) + " | 1 | 1 | 0 | 0 | 1 | 1.0 | 1.0 |\n",
		"| all | 3 | 1 | 0 | 0 | 1 | 4.0 | 6.0 |\n",
		"taken over 2 times: 5.0 s (median), 6.0 s (max)",
		"- reindex --check: exit code 1: missing 3\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), string(redisFlush)) {
		t.Error("a fault that came too late is counted")
	}
	if err := t1.judge(); err == nil || !strings.Contains(err.Error(), "1 of 2 rounds") {
		t.Errorf("judged %v", err)
	}
	t1 = tally{rounds: []ended{{struck: []struck{{fault: fault{kind: killLeader}, takeover: 31 * time.Second}}}}}
	if t1.judge() == nil {
		t.Error("a late takeover passes")
	}
}

// A command that is killed or fails is run again until it is done.
func TestOrder(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "program")
	text := `#!/bin/sh
echo >>"$1/starts"
case $(wc -l <"$1/starts") in
1) exec sleep 60;;
2) echo "no database" >&2; exit 1;;
esac
`
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	o := &order{what: "import", binary: script, args: []string{dir}}
	done := make(chan error, 1)
	go func() { done <- o.run(t.Context()) }()
	starts := func() int {
		text, err := os.ReadFile(filepath.Join(dir, "starts"))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return len(text)
	}
	for began := time.Now(); starts() == 0; time.Sleep(time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatal("never ran")
		}
	}
	if !o.kill(0) {
		t.Error("the command did not run")
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if starts() != 3 || o.killed != 1 || len(o.failed) != 1 || !strings.Contains(o.failed[0], "no database") || o.running() {
		t.Errorf("%d starts, %d kills, failures %q", starts(), o.killed, o.failed)
	}
	if o.kill(0) {
		t.Error("killed what has ended")
	}
}
