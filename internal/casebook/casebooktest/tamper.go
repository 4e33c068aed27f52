package casebooktest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
)

// RunTampering changes what a custody log has stored, behind the casebook's back,
// in every way that we can think of: each must be found and named, and nobody must
// go on with a log whose end was changed. open gives an empty book and a way to run
// a statement on its database.
func RunTampering(t *testing.T, open func(t *testing.T) (*casebook.Book, func(statement string) error)) {
	const number = `(SELECT event FROM custody_event WHERE seq = %d)`
	row := func(n int) string { return fmt.Sprintf(number, n) }
	stored := func(n int) string { return strings.Replace(row(n), "SELECT event", "SELECT hashes", 1) }
	// The log has 33 events: 0 begins it, 1 to 6 tell of captures, two each, the rest
	// of openings. Checkpoints are of 8, 15, 22, 29 and 33 events.
	for _, c := range []struct {
		name string
		do   []string
		want []string // what the faults are about, in their order
		says string   // in one of them
		ends bool     // the log's end shows it: it isn't extended
	}{
		{"nothing", nil, nil, "", false},
		{"a time changed", []string{`UPDATE custody_event SET event = replace(event, '"at":"2026', '"at":"2025') WHERE seq = 17`},
			[]string{"event 17"}, "was changed", false},
		{"an actor taken out", []string{`UPDATE custody_event SET event = replace(event, '"actor":"wang",', '') WHERE seq = 10`},
			[]string{"event 10"}, "was changed", false},
		{"another key order", []string{`UPDATE custody_event SET event = replace(replace(event, '"actor":"wang",', ''), '"object"', '"actor":"wang","object"') WHERE seq = 9`, `UPDATE custody_event SET event = event || ' ' WHERE seq = 9`},
			[]string{"event 9", "event 9"}, "canonical", false},
		{"a capture's digest changed in its event", []string{`UPDATE custody_event SET event = replace(event, '0000000002"', '000000ffff"') WHERE seq = 2`},
			[]string{"event 2", "capture " + hex64(2), "capture " + strings.Repeat("0", 60) + "ffff"}, "was changed", false},
		{"an event exchanged for a copy of another", []string{`UPDATE custody_event SET event = ` + row(20) + ` WHERE seq = 12`},
			[]string{"event 12"}, "exchanged", false},
		{"an event and its hash exchanged", []string{`UPDATE custody_event SET hashes = ` + stored(20) + `, event = ` + row(20) + ` WHERE seq = 12`},
			[]string{"events 12 to 13"}, "changed, moved or exchanged", false},
		{"two numbers swapped", []string{`UPDATE custody_event SET seq = 1000 WHERE seq = 12`, `UPDATE custody_event SET seq = 12 WHERE seq = 20`, `UPDATE custody_event SET seq = 20 WHERE seq = 1000`},
			[]string{"events 12 to 13", "events 20 to 21"}, "moved", false},
		{"neighbours swapped", []string{`UPDATE custody_event SET seq = 1000 WHERE seq = 12`, `UPDATE custody_event SET seq = 12 WHERE seq = 13`, `UPDATE custody_event SET seq = 13 WHERE seq = 1000`},
			[]string{"event 12", "event 13", "checkpoint of 15 events", "events 12 to 15"}, "was moved", false},
		{"an event cut out", []string{`DELETE FROM custody_event WHERE seq = 16`},
			[]string{"event 16"}, "is missing", false},
		{"events cut out", []string{`DELETE FROM custody_event WHERE seq BETWEEN 9 AND 13`},
			[]string{"events 9 to 13"}, "are missing", false},
		{"an event cut out and the rest moved up", []string{`DELETE FROM custody_event WHERE seq = 26`, `UPDATE custody_event SET seq = seq + 1000 WHERE seq > 26`, `UPDATE custody_event SET seq = seq - 1001 WHERE seq > 1000`},
			[]string{"event 26", "event 27", "event 28", "checkpoint of 29 events", "event 29", "event 30", "event 31", "event 32"}, "are not those that were signed", true},
		{"the end cut off", []string{`DELETE FROM custody_event WHERE seq >= 31`},
			[]string{"events 31 to 32"}, "are missing", true},
		{"the end and its checkpoint cut off", []string{`DELETE FROM custody_event WHERE seq >= 29`, `DELETE FROM custody_checkpoint WHERE size = 33`},
			[]string{"kept checkpoint"}, "an older log", true},
		{"the beginning cut off", []string{`DELETE FROM custody_event WHERE seq = 0`},
			[]string{"event 0"}, "is missing", false},
		{"an event added", []string{`INSERT INTO custody_event (seq, event, hashes) SELECT 33, event, hashes FROM custody_event WHERE seq = 29`},
			[]string{"events 32 to 33", "newest checkpoint"}, "33 to 33", true},
		{"a hold that nobody set", []string{`INSERT INTO case_file (name, state, hold, created_at, created_by) VALUES ('n', 'open', 1, 1, 'li')`},
			[]string{"case C-1"}, "no event of the log", false},
		{"an event below the beginning", []string{`INSERT INTO custody_event (seq, event, hashes) SELECT -1, event, hashes FROM custody_event WHERE seq = 29`},
			[]string{"event -1"}, "below", false},
		{"a stored hash changed", []string{`UPDATE custody_event SET hashes = ` + stored(14) + ` WHERE seq = 18`},
			[]string{"event 18", "events 18 to 19"}, "", false},
		{"stored hashes cut", []string{`UPDATE custody_event SET hashes = substr(hashes, 1, 64) WHERE seq = 15`},
			[]string{"event 15"}, "stored hashes were changed", false},
		{"stored hashes cut at the end", []string{`UPDATE custody_event SET hashes = '' WHERE seq = 32`},
			[]string{"event 32"}, "stored hashes were changed", true},
		{"a checkpoint's size changed", []string{`UPDATE custody_checkpoint SET size = 16 WHERE size = 15`},
			[]string{"checkpoint of 16 events"}, "says 15", false},
		{"a checkpoint's text changed", []string{`UPDATE custody_checkpoint SET note = replace(note, 'time 2026', 'time 2025') WHERE size = 22`},
			[]string{"checkpoint of 22 events", "checkpoint of 29 events"}, "", false},
		{"a checkpoint taken out", []string{`DELETE FROM custody_checkpoint WHERE size = 15`},
			[]string{"checkpoint of 22 events"}, "before it", false},
		{"checkpoints exchanged", []string{`UPDATE custody_checkpoint SET note = (SELECT note FROM custody_checkpoint WHERE size = 8) WHERE size = 15`},
			[]string{"checkpoint of 15 events", "checkpoint of 22 events"}, "says 8", false},
		{"newer checkpoints taken away", []string{`DELETE FROM custody_checkpoint WHERE size > 15`},
			[]string{"newest checkpoint", "kept checkpoint"}, "taken away", true},
		{"the newest checkpoint taken away", []string{`DELETE FROM custody_checkpoint WHERE size > 29`},
			[]string{"newest checkpoint", "kept checkpoint"}, "taken away", true},
		{"all checkpoints taken away", []string{`DELETE FROM custody_checkpoint`},
			[]string{"newest checkpoint", "kept checkpoint"}, "", true},
		{"a capture exchanged in the casebook", []string{`UPDATE capture SET digest = '` + hex64(77) + `' WHERE digest = '` + hex64(4) + `'`},
			[]string{"capture " + hex64(77), "capture " + hex64(4)}, "", false},
		{"a sealed digest changed in the casebook", []string{`UPDATE capture SET sealed_digest = 'x' WHERE digest = '` + hex64(4) + `'`},
			[]string{"capture " + hex64(4)}, "sealed", false},
		{"a capture tied to another event", []string{`UPDATE capture SET event = (SELECT id FROM custody_event WHERE seq = 6) WHERE digest = '` + hex64(4) + `'`},
			[]string{"capture " + hex64(4)}, "doesn't name it", false},
		{"a capture added", []string{`INSERT INTO capture (digest, sealed_digest, file, start, length, kind, url, at, source) VALUES ('new', '', 'f', 0, 0, '', '', 0, '')`},
			[]string{"capture new"}, "no event", false},
		{"a capture taken out of the casebook", []string{`DELETE FROM capture WHERE digest = '` + hex64(4) + `'`},
			[]string{"capture " + hex64(4)}, "doesn't have it", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			book, exec := open(t)
			h := &harness{T: t, Book: book, now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)}
			k := keeper(t, 'k')
			_, err := h.AdoptCaptures(h.ctx(), custody.Event{At: h.now}, 10)
			h.must(err)
			h.capturesCommitted(0, 12)
			for n := range 26 {
				h.must(h.NoteCustody(h.ctx(), h.opened(n)))
			}
			kept := h.extend(k, 7)
			h.wantSound(h.audit(k, kept))
			for _, statement := range c.do {
				h.must(exec(statement))
			}
			f := h.audit(k, kept)
			about := []string{}
			all := ""
			for _, fault := range f.Faults {
				about = append(about, fault.What)
				all += fault.What + ": " + fault.Detail + "\n"
			}
			if len(c.want) == 0 {
				h.wantSound(f)
			} else if strings.Join(about, "|") != strings.Join(c.want, "|") || !strings.Contains(all, c.says) {
				t.Errorf("found\n%swant faults of %v that say %q", all, c.want, c.says)
			}
			h.must(h.NoteCustody(h.ctx(), h.opened(100)))
			k.Kept = kept
			if _, err = h.ExtendLog(h.ctx(), k, h.now, 10); c.ends {
				h.wantErr(casebook.ErrLogBroken, err)
			} else {
				h.must(err)
			}
		})
	}

	t.Run("another key", func(t *testing.T) {
		book, exec := open(t)
		h := &harness{T: t, Book: book, now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)}
		k, thief := keeper(t, 'k'), keeper(t, 'x')
		for n := range 26 {
			h.must(h.NoteCustody(h.ctx(), h.opened(n)))
		}
		kept := h.extend(k, 7)
		// One checkpoint signed again by another key.
		forged := signedAgain(h, thief, kept, k)
		h.must(exec(`UPDATE custody_checkpoint SET note = '` + forged + `' WHERE size = 27`))
		if f := h.audit(k, kept); f.Count != 2 || f.Faults[0].What != "checkpoint of 27 events" || !strings.Contains(f.Faults[0].Detail, "not signed by the log's key") {
			t.Errorf("a forged checkpoint: %v", f.Faults)
		}
		// The whole log made anew under another key, with the thief's public key beside it.
		for _, s := range []string{`DELETE FROM custody_checkpoint`, `UPDATE custody_event SET seq = NULL, hashes = ''`} {
			h.must(exec(s))
		}
		new := h.extend(thief, 1000)
		if f := h.audit(k, kept); f.Count == 0 {
			t.Error("a log that was made anew passes under the old key")
		}
		if f := h.audit(thief, new); f.Count == 0 {
			t.Error("a log that was made anew holds the beginning of another")
		}
	})

	t.Run("captures from before the log", func(t *testing.T) {
		book, exec := open(t)
		h := &harness{T: t, Book: book, now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)}
		k := keeper(t, 'k')
		h.capturesCommitted(0, 9)
		h.must(exec(`UPDATE capture SET event = 0`))
		h.must(exec(`DELETE FROM custody_event`))
		h.wantSound(h.audit(k, ""))
		for _, want := range []int{4, 4, 1, 0, 0} {
			n, err := h.AdoptCaptures(h.ctx(), custody.Event{At: h.now}, 4)
			h.must(err)
			h.same("adopted", want, n)
		}
		f := h.audit(k, h.extend(k, 100))
		h.wantSound(f)
		h.same("captures", int64(9), f.Captures)
	})
}

func hex64(n int) string { return fmt.Sprintf("%064x", n) }

// signedAgain is a checkpoint as another key signs it.
func signedAgain(h *harness, thief casebook.LogKeeper, signed string, k casebook.LogKeeper) string {
	h.Helper()
	c, err := custody.OpenCheckpoint(signed, verifier(h, k))
	h.must(err)
	forged, err := thief.Key.Sign(c.Size, c.Root, c.At, "")
	h.must(err)
	return forged
}
