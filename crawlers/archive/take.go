package archive

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"slices"
	"sync"

	"resumewatch/internal/market"
)

// cut says where a file is cut, in bytes.
type cut struct {
	from  int64 // from this length on a chunk ends at a head of another second
	by    int64 // from this length on it ends at any head
	unit  int64 // of one message no more than this belongs to a chunk
	block int64 // read at once; half of the buffer, which holds at least two times maxLine
}

// standardCut gives chunks of about 4 MiB, never longer than by + unit.
func standardCut() cut { return cut{from: 7 << 19, by: 4 << 20, unit: 8 << 20, block: 1 << 20} }

const (
	maxLine          = 64 << 10 // a longer line is not kept whole; well above maxHead
	maxConversations = 10_000   // listed
	maxNotes         = 50_000   // in a file
	maxProblems      = 1_000    // listed of a file or chunk; all are counted
)

// taker is one pass over a file.
type taker struct {
	r    io.ReaderAt
	size int64
	cut  cut
	out  *Survey
	w    *walker

	buf  []byte // what is read and not done with
	base int64  // file offset of buf[0]

	// whole is fed beside the scan of the same block, whose bytes must stay
	// where they are until digesting is done.
	whole     hash.Hash
	digesting sync.WaitGroup
	chunk     hash.Hash
	hashed    int64 // file offset up to which chunk has been fed

	start     int64 // of the open chunk
	unit      int64 // head of the open message, or the chunk's start before the first
	unitLine  int64
	lastClock int64 // of the last head; 0 before the first
	before    state // before the line in hand
	opened    opening
	states    []opening // of the chunks that ended
	recent    []place   // the last heads, near where a chunk may end
	trails    []trail   // of chunks that ended just now

	convs map[string]int
	conv  int // index of the open conversation; -1 when not looked up yet

	ids      idTable
	once     []onceHead
	notes    []chunkNote
	nameFrom int64 // of the name that nameAt read last
	name     string
}

// opening is what is known where a chunk begins.
type opening struct {
	before     state
	lead       Margin // without its State
	beforeLead state
}

// place is a line and the state before it.
type place struct {
	at     int64
	before state
}

// trail is a chunk's Trail as far as it is known.
type trail struct {
	chunk int
	from  int64 // where the chunk ended
	to    int64
	posts int
	hash  hash.Hash
}

// onceHead is a head that went back in time: suspect if its author is seen nowhere else.
type onceHead struct {
	key   uint64
	at    int64
	chunk int
}

type chunkNote struct {
	chunk int
	note  note
}

func take(ctx context.Context, r io.ReaderAt, size int64, name string, progress func(int64), c cut) (Survey, error) {
	out := Survey{Size: size}
	v, st, err := inspect(r, size, name)
	out.Verdict = v
	if err != nil {
		return out, err
	}
	f, ok := formatNamed(v.Format)
	if !ok {
		return out, unreadable(v)
	}
	t := &taker{
		r: r, size: size, cut: c, out: &out, w: newWalker(f, st), opened: opening{before: st},
		whole: sha256.New(), chunk: sha256.New(), convs: map[string]int{}, conv: -1, unitLine: 1,
	}
	out.NeedsGroup = true // neither format shows group numbers
	err = t.pass(ctx, progress)
	t.digesting.Wait()
	if err != nil {
		return out, err
	}
	if err := t.finish(); err != nil {
		return out, err
	}
	return out, nil
}

// unreadable is the verdict's sentence as an error.
func unreadable(v Verdict) error { return fmt.Errorf("%w: %s", ErrUnreadable, v.Why) }

// pass reads the file from start to end.
func (t *taker) pass(ctx context.Context, progress func(int64)) error {
	t.buf = make([]byte, 0, 2*max(min(t.cut.block, t.size+2), maxLine+MarginBytes))
	pos := 0      // start of the line in hand
	skip := false // within a line too long to keep
	for {
		n := len(t.buf)
		final := t.base+int64(n) == t.size
		lines := lineFinder{enc: t.w.st.Enc}
		for pos < n {
			end, after, ok := lines.next(t.buf, pos, final)
			if !ok {
				break
			}
			if !skip {
				t.line(t.buf[pos:end], t.base+int64(pos))
			}
			skip = false
			pos = after
		}
		if final {
			t.follow(t.size, 0)
			t.close(t.size)
			return nil
		}
		if !skip && n-pos >= maxLine {
			t.line(t.buf[pos:n], t.base+int64(pos))
			skip = true
		}
		if skip {
			pos = max(pos, n&^1-2) // keeps a CR whose LF is yet to come, and pairs of bytes together
		}
		t.feed(t.base + int64(pos))
		t.digesting.Wait()
		// What may be of a margin stays.
		keep := max(0, pos-MarginBytes)
		n = copy(t.buf[:cap(t.buf)], t.buf[keep:])
		t.base += int64(keep)
		t.buf, pos = t.buf[:n], pos-keep
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.fill(); err != nil {
			return err
		}
		if progress != nil {
			progress(t.base + int64(len(t.buf)))
		}
	}
}

// fill reads the next block.
func (t *taker) fill() error {
	n := len(t.buf)
	at := t.base + int64(n)
	block := t.buf[n : n+int(min(int64(cap(t.buf)/2), t.size-at))]
	got, err := t.r.ReadAt(block, at)
	if got < len(block) {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("read at byte %d: %w", at+int64(got), err)
	}
	t.buf = t.buf[:n+len(block)]
	t.digesting.Go(func() { t.whole.Write(block) })
	return nil
}

// feed gives the open chunk's digest the bytes up to a file offset, but none
// beyond what a chunk may hold.
func (t *taker) feed(to int64) {
	if to = min(to, t.unit+t.cut.unit); to > t.hashed {
		t.chunk.Write(t.buf[t.hashed-t.base : to-t.base])
		t.hashed = to
	}
}

// line takes one line that begins at a file offset.
func (t *taker) line(raw []byte, at int64) {
	near := at-t.start >= t.cut.from-MarginBytes // of where a chunk may end
	if near || at-t.unit > t.cut.unit {
		t.before = t.w.st // it may become a chunk's
	}
	switch t.w.step(raw) {
	case evFrame:
		t.conv = -1
	case evHead:
		t.follow(at, 1)
		t.boundary(at, t.w.clock, 1)
		t.head(at)
		if near {
			if len(t.recent) == MarginPosts {
				t.recent = append(t.recent[:0], t.recent[1:]...)
			}
			t.recent = append(t.recent, place{at, t.before})
		}
	case evWrong:
		t.follow(at, 0)
		t.boundary(at, t.lastClock, 0)
	}
}

// follow goes on with the trails of chunks that ended: a message ends here, and
// so many begin.
func (t *taker) follow(at int64, posts int) {
	keep := t.trails[:0]
	for _, m := range t.trails {
		if at-m.from > MarginBytes {
			continue
		}
		if at > m.to {
			m.hash.Write(t.buf[m.to-t.base : at-t.base])
			m.to = at
			t.out.Chunks[m.chunk].Trail = Margin{Length: at - m.from, SHA256: hex.EncodeToString(m.hash.Sum(nil))}
		}
		if m.posts += posts; m.posts <= MarginPosts {
			keep = append(keep, m)
		}
	}
	t.trails = keep
}

// open is the opening of a chunk that begins right behind a whole one.
func (t *taker) open(at int64) opening {
	o := opening{before: t.before}
	for _, p := range t.recent {
		if at-p.at > MarginBytes {
			continue
		}
		sum := sha256.Sum256(t.buf[p.at-t.base : at-t.base])
		o.lead, o.beforeLead = Margin{Length: at - p.at, SHA256: hex.EncodeToString(sum[:])}, p.before
		break
	}
	return o
}

// boundary ends a message and, where it is time, a chunk. So many messages begin here.
func (t *taker) boundary(at, clock int64, posts int) {
	length := at - t.start
	if at-t.unit > t.cut.unit || length >= t.cut.by || length >= t.cut.from && clock != t.lastClock && t.lastClock != 0 {
		t.close(at)
		if t.hashed == at { // nothing was left out in between
			t.trails = append(t.trails, trail{chunk: len(t.out.Chunks) - 1, from: at, to: at, posts: posts, hash: sha256.New()})
			t.opened = t.open(at)
		} else {
			t.recent, t.opened = nil, opening{before: t.before}
		}
		t.start, t.hashed = at, at
	}
	t.unit, t.unitLine, t.lastClock = at, t.w.st.Line, clock
}

// close ends the open chunk; the next one, or the end of the file, is at a file offset.
func (t *taker) close(at int64) {
	t.feed(at)
	end := t.hashed
	if end > t.start {
		t.out.Chunks = append(t.out.Chunks, Chunk{
			Offset: t.start, Length: end - t.start, SHA256: hex.EncodeToString(t.chunk.Sum(nil)),
		})
		t.states = append(t.states, t.opened)
	}
	t.chunk.Reset()
	if end < at {
		t.out.Quarantined++
		t.problem(market.Problem{Byte: t.unit, Line: t.unitLine, Reason: fmt.Sprintf(
			"a message of %d bytes: its last %d bytes, from byte %d on, are left out", at-t.unit, at-end, end)})
	}
}

func (t *taker) problem(p market.Problem) {
	if len(t.out.Problems) < maxProblems {
		t.out.Problems = append(t.out.Problems, p)
	}
}

// head counts a message and notes what later heads may tell about it.
func (t *taker) head(at int64) {
	h := &t.w.h
	t.count(at)
	t.out.TZSuspect = t.out.TZSuspect || h.foreign
	t.out.NeedsYear = t.out.NeedsYear || h.style == dayNoYear
	t.out.NeedsDay = t.out.NeedsDay || h.style == dayNone
	if h.id == nil || h.system(true) {
		return
	}
	chunk := len(t.out.Chunks)
	slot := t.ids.slot(idKey(h.id))
	if slot == nil {
		return
	}
	slot.heads++
	if t.w.back && !t.w.suspect && len(t.once) < maxNotes {
		t.once = append(t.once, onceHead{key: slot.key, at: at, chunk: chunk})
	}
	switch {
	case len(h.nick) == 0:
	case !glitch(h):
		slot.named = at + 1
	case slot.named > 0 && len(t.notes) < maxNotes:
		if name := t.nameAt(slot.named - 1); name != "" {
			t.notes = append(t.notes, chunkNote{chunk: chunk, note: note{At: at, Name: name}})
		}
	}
}

// nameAt reads the name in the head at a file offset again.
func (t *taker) nameAt(at int64) string {
	if at == t.nameFrom && t.name != "" {
		return t.name
	}
	buf := make([]byte, min(maxHead+4, t.size-at))
	if n, err := t.r.ReadAt(buf, at); n < len(buf) && err != nil {
		return "" // the pass itself will meet the error, if it is one
	}
	lines := lineFinder{enc: t.w.st.Enc}
	end, _, _ := lines.next(buf, 0, true)
	line, _ := appendText(nil, buf[:end], t.w.st.Enc, 4*maxHead)
	h, ok := t.w.f.head(bytes.TrimPrefix(line, bomUTF8))
	if !ok {
		return ""
	}
	name, _ := appendText(nil, stripTitles(h.nick), encUTF8, maxName)
	t.nameFrom, t.name = at, string(name)
	return t.name
}

// count adds a message to its conversation.
func (t *taker) count(at int64) {
	if t.conv < 0 {
		name := t.w.st.Conv
		i, known := t.convs[name]
		if !known {
			if len(t.out.Conversations) == maxConversations {
				t.problem(market.Problem{Byte: at, Line: t.w.st.Line, Reason: fmt.Sprintf(
					"more than %d conversations: this one and later ones are not listed", maxConversations)})
				t.convs[name] = 0
				return
			}
			i = len(t.out.Conversations)
			t.convs[name] = i
			t.out.Conversations = append(t.out.Conversations, Conversation{Name: name, Folder: t.w.st.Folder, FirstOffset: at})
		}
		t.conv = i
	}
	t.out.Conversations[t.conv].Messages++
}

// finish gives the chunks their states, with what the whole file tells about their heads.
func (t *taker) finish() error {
	t.out.SHA256 = hex.EncodeToString(t.whole.Sum(nil))
	for _, o := range t.once {
		if s := t.ids.find(o.key); s != nil && s.heads == 1 {
			t.notes = append(t.notes, chunkNote{chunk: o.chunk, note: note{At: o.at, Suspect: true}})
		}
	}
	slices.SortStableFunc(t.notes, func(a, b chunkNote) int { return cmp.Compare(a.note.At, b.note.At) })
	for _, n := range t.notes {
		st := &t.states[n.chunk].before
		if last := len(st.Notes) - 1; last >= 0 && st.Notes[last].At == n.note.At {
			st.Notes[last].Suspect = st.Notes[last].Suspect || n.note.Suspect
			st.Notes[last].Name += n.note.Name // one of the two is empty
			continue
		}
		st.Notes = append(st.Notes, n.note)
	}
	for i, o := range t.states {
		c := &t.out.Chunks[i]
		var err error
		if c.State, err = json.Marshal(o.before); err == nil && o.lead.Length > 0 {
			c.Lead = o.lead
			c.Lead.State, err = json.Marshal(o.beforeLead)
		}
		if err != nil {
			return fmt.Errorf("state of the chunk at byte %d: %w", c.Offset, err)
		}
	}
	return nil
}
