package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/market"
)

// stretch is where a message stands.
type stretch struct {
	Place      string
	At, Length int64
}

func stretches(t failer, file []byte, s Settings, survey Survey, c Chunk) (lead, own, trail []stretch) {
	t.Helper()
	part := func(at int64, m Margin) []byte {
		data := file[at : at+m.Length]
		if sum := sha256.Sum256(data); m.Length > 0 && m.SHA256 != hex.EncodeToString(sum[:]) {
			t.Fatalf("digest of the margin at %d", at)
		}
		return data
	}
	end := c.Offset + c.Length
	before, after := part(c.Offset-c.Lead.Length, c.Lead), part(end, c.Trail)
	var last int64
	res, err := ReadAround(context.Background(), survey.Verdict.Format, before, file[c.Offset:end], after, c, s, func(p *market.Post) error {
		at := stretch{p.Place, p.Offset, p.Length}
		if p.Offset < last || p.Length <= 0 {
			t.Fatalf("a message at %d behind byte %d, %d bytes long", p.Offset, last, p.Length)
		}
		last = p.Offset + p.Length
		switch {
		case p.Offset < c.Offset:
			lead = append(lead, at)
		case p.Offset < end:
			own = append(own, at)
			return nil
		default:
			trail = append(trail, at)
		}
		if p.Text != "" {
			t.Fatalf("a margin's message has a text")
		}
		return nil
	})
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	if res.Posts+res.System != len(own) {
		t.Fatalf("%d posts counted, %d are the chunk's", res.Posts+res.System, len(own))
	}
	return lead, own, trail
}

// checkMargins: around each chunk stand the messages that a reader of the whole
// file sees there, as many as there can be when exact.
func checkMargins(t failer, file []byte, s Settings, survey Survey, exact bool) {
	t.Helper()
	whole, err := take(context.Background(), bytes.NewReader(file), int64(len(file)), "chat.txt", nil, standardCut())
	if err != nil || len(whole.Chunks) != 1 {
		t.Fatalf("%d chunks of the whole: %v", len(whole.Chunks), err)
	}
	_, all, _ := stretches(t, file, s, whole, whole.Chunks[0])
	for _, c := range survey.Chunks {
		lead, own, trail := stretches(t, file, s, survey, c)
		var wantLead, wantOwn, wantTrail []stretch
		end := c.Offset + c.Length
		for i, m := range all {
			switch {
			case m.At < c.Offset-c.Lead.Length, m.At >= end+c.Trail.Length:
			case m.At < c.Offset:
				wantLead = append(wantLead, m)
			case m.At < end:
				wantOwn = append(wantOwn, m)
			default:
				wantTrail = append(wantTrail, m)
			}
			if exact && m.At < c.Offset && m.At < c.Offset-c.Lead.Length && i >= countBefore(all, c.Offset)-MarginPosts {
				t.Fatalf("the chunk at %d has %d messages in front, and one at %d is left out", c.Offset, len(lead), m.At)
			}
			if exact && m.At >= end+c.Trail.Length && i < countBefore(all, end)+MarginPosts {
				t.Fatalf("the chunk to %d has %d messages behind it, and one at %d is left out", end, len(trail), m.At)
			}
		}
		if diff := cmp.Diff([][]stretch{wantLead, wantOwn, wantTrail}, [][]stretch{lead, own, trail}); diff != "" {
			t.Fatalf("chunk at %d: %s", c.Offset, diff)
		}
		if len(lead) > MarginPosts || len(trail) > MarginPosts {
			t.Fatalf("%d messages in front, %d behind", len(lead), len(trail))
		}
	}
}

func countBefore(all []stretch, at int64) (n int) {
	for _, m := range all {
		if m.At < at {
			n++
		}
	}
	return n
}

// Messages that are too long for a margin are no part of one, and no work either.
func TestMarginIsBounded(t *testing.T) {
	var b strings.Builder
	for i, size := range []int{10, 10, 70_000, 10, 70_000, 10, 10, 10, 10, 10} {
		fmt.Fprintf(&b, "2021-03-15 9:05:%02d 小灰(1000012345)\r\n%s\r\n\r\n", i, strings.Repeat("a", size))
	}
	file := []byte(b.String())
	_, survey, _ := readAll(t, file, knownZone(), small(1, 1))
	checkMargins(t, file, knownZone(), survey, false)
	var got [][2]int
	for _, c := range survey.Chunks {
		lead, _, trail := stretches(t, file, knownZone(), survey, c)
		got = append(got, [2]int{len(lead), len(trail)})
	}
	want := [][2]int{{0, 1}, {1, 0}, {2, 1}, {0, 0}, {1, 3}, {0, 3}, {1, 3}, {2, 2}, {3, 1}, {3, 0}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Digests of margins are those of the bytes that the pass itself saw, also where a
// file is far larger than its buffer.
func TestMarginsOfManyBlocks(t *testing.T) {
	var b strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&b, "2021-03-15 9:%02d:%02d 小灰(1000012345)\r\n%s\r\n\r\n", i/60%60, i%60, strings.Repeat("早", i%40))
	}
	file := []byte(b.String())
	_, survey, _ := readAll(t, file, knownZone(), cut{from: 100_000, by: 110_000, unit: 8 << 20, block: 1})
	if len(survey.Chunks) < 10 {
		t.Fatal(len(survey.Chunks))
	}
	for i, c := range survey.Chunks {
		lead, _, trail := stretches(t, file, knownZone(), survey, c)
		if i > 0 && len(lead) != MarginPosts || i < len(survey.Chunks)-1 && len(trail) != MarginPosts {
			t.Errorf("chunk %d: %d messages in front, %d behind", i, len(lead), len(trail))
		}
	}
}

func TestWrongMargins(t *testing.T) {
	c := Chunk{Length: 1, State: []byte(`{"enc":"utf-8"}`), Lead: Margin{Length: 2, State: []byte(`{"enc":"x"}`)}, Trail: Margin{Length: 1}}
	for _, m := range [][2][]byte{{make([]byte, 1), nil}, {nil, make([]byte, 2)}, {make([]byte, 2), nil}} {
		if _, err := ReadAround(context.Background(), FormatQQText, m[0], []byte("x"), m[1], c, knownZone(), nil); err == nil {
			t.Errorf("margins of %d and %d bytes are taken", len(m[0]), len(m[1]))
		}
	}
}
