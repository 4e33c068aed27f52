package jobs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"resumewatch/internal/casebook"
	"resumewatch/internal/jobs"
)

// filled is a chat whose messages from the given one on stand in a second chunk:
// what comes before is as long as a chunk.
func filled(messages []message, second int) []message {
	var size int
	for _, m := range messages[:second] {
		size += len(exported(chat{"", []message{m}})) - len(exported(chat{"", nil}))
	}
	var out []message
	for left := 7<<19 - size - len(exported(chat{"一群", nil})); left > 0; {
		m := message{second: -1000 + len(out), who: other}
		head := len(exported(chat{"", []message{m}})) - len(exported(chat{"", nil}))
		m.text = strings.Repeat("水", max(0, min(left-head, 600_000))/3)
		m.text += strings.Repeat("a", max(0, min(left-head, 600_000))%3)
		out = append(out, m)
		left -= len(m.text) + head
	}
	return append(out, messages...)
}

// spooled is a spool in memory.
type spooled struct{ items sync.Map }

func (s *spooled) Get(_ context.Context, id string) ([]byte, error) {
	if v, ok := s.items.Load(id); ok {
		return v.([]byte), nil
	}
	return nil, nil
}

func (s *spooled) Put(_ context.Context, id string, data []byte) error {
	s.items.Store(id, data)
	return nil
}

func (s *spooled) Keep(ctx context.Context, id string, data []byte) error {
	return s.Put(ctx, id, data)
}

func (s *spooled) Drop(_ context.Context, id string) error {
	s.items.Delete(id)
	return nil
}

// park puts the chunks that wait into the spool.
func (w *world) park(path string) {
	w.Helper()
	sp := &spooled{}
	f, err := os.Open(path)
	w.must(err)
	defer f.Close()
	due, err := w.Book.Due(w.Context(), w.Now(), 100)
	w.must(err)
	var rows []casebook.Work
	for _, row := range due {
		var p jobs.ChunkPayload
		w.must(json.Unmarshal(row.Payload, &p))
		s, err := jobs.ReadStretch(f, p.Chunk)
		w.must(err)
		p.Spooled = true
		id := row.ID + "-parked"
		sp.items.Store(id, s.Park())
		payload, err := json.Marshal(p)
		w.must(err)
		rows = append(rows, casebook.Work{ID: id, Source: row.Source, Payload: payload})
	}
	w.Spool = sp
	_, _, err = w.Book.AddChunks(w.Context(), w.run(), rows, w.Now())
	w.must(err)
	w.must(os.Remove(path))
}

// What is kept around a listing doesn't depend on where its file was cut.
func TestChunkMargins(t *testing.T) {
	const messages, second = 24, 12
	for at := second - 5; at <= second+5; at++ {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			talk := talk(messages, at)
			one := newWorld(t)
			run := one.run()
			one.order(run, "chat.txt", exported(chat{"一群", talk}))
			one.finish(run)
			place := one.places()[advert(at+1)]
			want := one.records(place.capture)["resource"][0]

			data := exported(chat{"一群", filled(talk, second)})
			for _, spooled := range []bool{false, true} {
				w := newWorld(t)
				run := w.run()
				path := w.order(run, "chat.txt", data)
				if spooled {
					w.park(path)
				}
				w.finish(run)
				if !spooled {
					w.same("chunks", int64(2), w.progress(run).Counts["visit.new"])
				}
				found := w.places()[advert(at+1)]
				records := w.records(found.capture)
				w.same("stretch", string(want), string(records["resource"][0]))
				w.same("post within it", []int64{place.start, place.length}, []int64{found.start, found.length})
				var note struct {
					SHA256 string `json:"file_sha256"`
					Start  int64  `json:"start"`
					End    int64  `json:"end"`
				}
				w.must(json.Unmarshal(records["metadata"][0], &note))
				if note.SHA256 != hexSum(data) || !bytes.Equal(data[note.Start:note.End], want) {
					t.Errorf("note %+v", note)
				}
			}
		})
	}
}

// Listings on both sides of a cut are found once each, and of a margin that
// changed since the survey nothing is kept.
func TestChunkMarginsChanged(t *testing.T) {
	w := newWorld(t)
	run := w.run()
	data := exported(chat{"一群", filled(talk(24, 11, 12), 12)})
	path := w.order(run, "chat.txt", data)
	first := bytes.Index(data, []byte(advert(13)))
	changed := bytes.Clone(data)
	copy(changed[first:], "收")
	w.must(os.WriteFile(path, changed, 0o600))
	w.finish(run)
	w.same("visits", map[string]int64{"new": 1, "unreadable": 1}, w.visits(run))
	block := w.records(w.places()[advert(12)].capture)["resource"][0]
	if bytes.Contains(block, []byte("一手")) != true || bytes.Contains(block, []byte("第13句")) || bytes.Count(block, []byte("昵称")) != 4 {
		t.Errorf("of a changed file: %s", block)
	}

	w = newWorld(t)
	run = w.run()
	w.order(run, "chat.txt", data)
	w.finish(run)
	p := w.progress(run)
	w.same("listings", int64(2), p.Counts[casebook.CountListings])
	for _, text := range []string{advert(12), advert(13)} {
		block := w.records(w.places()[text].capture)["resource"][0]
		if !bytes.Contains(block, []byte(advert(12))) || !bytes.Contains(block, []byte(advert(13))) {
			t.Errorf("around %q: %s", text, block)
		}
	}
}
