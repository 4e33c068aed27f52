package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"resumewatch/internal/market"
)

const (
	maxText = 1 << 20 // of a post, bytes
	maxCell = 4096    // names that a chunk's reader keeps to give out again
)

// defaultZone is where exports are taken to come from when nothing is said.
func defaultZone() *time.Location { return time.FixedZone("UTC+8", 8*60*60) }

// reader makes posts of one chunk's lines.
type reader struct {
	data []byte
	base int64 // file offset of data[0]
	s    Settings
	w    *walker
	emit func(*market.Post) error
	res  Result

	margin bool // the lines are of a margin: where messages stand is all that is wanted

	place     Place // of the open conversation
	conv      string
	placed    bool
	names     map[string]string // so that equal names share memory
	scratch   []byte
	notes     []note
	runes     int // of the chunk's texts, about
	bad       int
	cur       *market.Post // the open message; nil before the first, and for one whose time can't be
	wrong     string       // why the open message is left out
	curLine   int64
	at        int // of the open message's head in data
	body      int // where its text begins
	end       int // after its last line that shows something
	held      int // the same, with lines that may belong to a frame; 0 when there are none
	strayAt   int // the first text before any head; -1 when there is none
	strayLine int64
}

func read(ctx context.Context, name string, lead, data, trail []byte, c Chunk, s Settings, emit func(*market.Post) error) (Result, error) {
	f, ok := formatNamed(name)
	if !ok {
		return Result{}, fmt.Errorf("format %q: %w", name, ErrUnreadable)
	}
	if s.Zone == nil {
		s.Zone, s.ZoneAssumed = defaultZone(), true
	}
	if len(lead) > 0 {
		before, err := newReader(f, c.Lead.State, lead, c.Offset-int64(len(lead)), s, emit)
		if err != nil {
			return Result{}, err
		}
		if err := before.around(ctx); err != nil {
			return Result{}, err
		}
	}
	r, err := newReader(f, c.State, data, c.Offset, s, emit)
	if err != nil {
		return Result{}, err
	}
	first := r.w.st.Line + 1
	if err := r.lines(ctx); err != nil {
		return r.res, err
	}
	if r.cur != nil && int64(len(data)-r.at) >= standardCut().unit {
		r.cur.AddFlag(market.FlagTruncated) // what goes beyond is in no chunk
	}
	if err := r.flush(); err != nil {
		return r.res, err
	}
	r.stray()
	if r.bad*1000 > r.runes && r.bad > 3 {
		r.problem(c.Offset, first, fmt.Sprintf("%d places in this part are no text in %s and were replaced: is the file damaged, or of mixed encodings?", r.bad, r.w.st.Enc))
	}
	if len(trail) == 0 {
		return r.res, nil
	}
	res := r.res
	r.data, r.base, r.end, r.held = trail, c.Offset+c.Length, 0, 0
	return res, r.around(ctx)
}

// newReader begins where a state is of.
func newReader(f format, doc json.RawMessage, data []byte, base int64, s Settings, emit func(*market.Post) error) (*reader, error) {
	var st state
	if err := json.Unmarshal(doc, &st); err != nil {
		return nil, fmt.Errorf("state of the chunk at byte %d: %w", base, err)
	}
	if !knownEncoding(st.Enc) {
		return nil, fmt.Errorf("state of the chunk at byte %d: unknown encoding %q", base, st.Enc)
	}
	return &reader{data: data, base: base, s: s, w: newWalker(f, st), emit: emit, names: map[string]string{}, notes: st.Notes, strayAt: -1}, nil
}

// lines takes all lines of the data; the last message stays open.
func (r *reader) lines(ctx context.Context) error {
	lines := lineFinder{enc: r.w.st.Enc}
	for pos := 0; pos < len(r.data); {
		end, after, _ := lines.next(r.data, pos, true)
		if r.w.st.Line&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := r.line(pos, end, after); err != nil {
			return err
		}
		pos = after
	}
	return nil
}

// around reads a margin. What it doesn't know the place of is of no use.
func (r *reader) around(ctx context.Context) error {
	r.margin = true
	err := r.lines(ctx)
	if err == nil {
		err = r.flush()
	}
	if errors.Is(err, ErrNoPlace) {
		return nil
	}
	return err
}

// line takes the line data[pos:end]; the next begins at after.
func (r *reader) line(pos, end, after int) error {
	switch r.w.step(r.data[pos:end]) {
	case evText:
		r.end, r.held = end, 0
		if r.w.nested && r.cur != nil {
			r.cur.AddFlag(market.FlagNestedSuspect)
		}
		if r.cur == nil && r.wrong == "" && r.strayAt < 0 {
			r.strayAt, r.strayLine = pos, r.w.st.Line
		}
	case evHold:
		r.held = end
	case evFrame:
		r.held, r.placed = 0, false
		if err := r.flush(); err != nil {
			return err
		}
		r.stray()
	case evHead, evWrong:
		r.end = max(r.end, r.held)
		r.held = 0
		if err := r.flush(); err != nil {
			return err
		}
		r.stray()
		r.at, r.body, r.end, r.curLine = pos, after, end, r.w.st.Line
		return r.open()
	}
	return nil
}

// stray reports text that stands before the first head.
func (r *reader) stray() {
	if r.strayAt < 0 {
		return
	}
	r.res.Quarantined++
	r.problem(r.base+int64(r.strayAt), r.strayLine, "text before the first message head belongs to no message")
	r.strayAt = -1
}

func (r *reader) problem(at, line int64, reason string) {
	if len(r.res.Problems) < maxProblems {
		r.res.Problems = append(r.res.Problems, market.Problem{Byte: at, Line: line, Reason: reason})
	}
}

// open begins a message from the head that the walker has read.
func (r *reader) open() error {
	h := &r.w.h
	r.cur, r.wrong = nil, h.wrong
	if r.wrong != "" {
		return nil
	}
	if !r.placed || r.conv != r.w.st.Conv {
		if err := r.settle(); err != nil {
			return err
		}
	}
	p := &market.Post{Place: r.place.ID, PlaceName: r.place.Name, Offset: r.base + int64(r.at), System: h.system(true)}
	p.PostedAt, r.wrong = r.when(h, p)
	if r.wrong != "" {
		return nil
	}
	r.author(h, p)
	r.cur = p
	if r.place.Assumed {
		p.AddFlag(market.FlagPlaceAssumed)
	}
	if r.s.ZoneAssumed {
		p.AddFlag(market.FlagTZAssumed)
		if h.foreign {
			p.AddFlag(market.FlagTZSuspect)
		}
	}
	if r.w.suspect {
		p.AddFlag(market.FlagNestedSuspect)
	}
	if r.w.bad > 0 {
		p.AddFlag(market.FlagBadBytes)
	}
	for len(r.notes) > 0 && r.notes[0].At < p.Offset {
		r.notes = r.notes[1:]
	}
	if len(r.notes) > 0 && r.notes[0].At == p.Offset {
		if r.notes[0].Suspect {
			p.AddFlag(market.FlagNestedSuspect)
		}
		if r.notes[0].Name != "" {
			p.Author.Name = r.notes[0].Name
		}
	}
	return nil
}

// settle asks for the place of the conversation.
func (r *reader) settle() error {
	r.conv, r.placed = r.w.st.Conv, true
	if r.s.Place == nil {
		r.place = Place{ID: r.conv, Name: r.conv, Assumed: true}
		return nil
	}
	place, ok := r.s.Place(r.conv)
	if !ok {
		return fmt.Errorf("%w: %q at byte %d", ErrNoPlace, r.conv, r.base+int64(r.at))
	}
	if place.Name == "" {
		place.Name = r.conv
	}
	r.place = place
	return nil
}

// when completes a head's time from the settings; wrong says why it can't be.
func (r *reader) when(h *head, p *market.Post) (t time.Time, wrong string) {
	c := h.when
	switch h.style {
	case dayNoYear:
		if r.s.Year == 0 {
			return t, "the head has no year and none was given"
		}
		c.year = r.s.Year + r.w.shift
		p.AddFlag(market.FlagYearAssumed)
	case dayNone:
		switch last := r.w.st.Day; {
		case !r.s.Day.IsZero():
			c.year, c.month, c.day = r.s.Day.Year(), int(r.s.Day.Month()), r.s.Day.Day()
		case last != [3]int{}:
			c.year, c.month, c.day = last[0], last[1], last[2]
		default:
			return t, "the head has no date and none was given"
		}
		p.AddFlag(market.FlagDateAssumed)
	}
	if wrong := c.wrong(dayFull); wrong != "" {
		return t, wrong
	}
	t = time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, 0, r.s.Zone)
	if !r.s.Now.IsZero() && t.After(r.s.Now.Add(24*time.Hour)) {
		return t, "more than a day in the future"
	}
	return t, ""
}

// author reads who wrote. Titles are dropped, unless nothing else names the author.
func (r *reader) author(h *head, p *market.Post) {
	nick := stripTitles(h.nick)
	if len(nick) == 0 && h.id == nil {
		nick = h.nick
	}
	a := market.Author{Kind: h.kind}
	switch {
	case p.System:
		a.Kind = market.AuthorSystem
		a.ID = r.name(h.id, p)
	case h.kind == market.AuthorEmail:
		a.ID = strings.ToLower(r.name(h.id, p))
	case h.id != nil:
		a.ID = r.name(h.id, p)
	default:
		p.AddFlag(market.FlagNameOnly)
	}
	a.Name = r.name(nick, p)
	p.Author = a
}

// name is a part of a head as a string of its own.
func (r *reader) name(b []byte, p *market.Post) string {
	if len(b) == 0 {
		return ""
	}
	var d decoded
	r.scratch, d = appendText(r.scratch[:0], b, encUTF8, maxHead)
	if d.bad > 0 {
		r.bad += d.bad
		p.AddFlag(market.FlagBadBytes)
	}
	if s, ok := r.names[string(r.scratch)]; ok {
		return s
	}
	s := string(r.scratch)
	if len(r.names) < maxCell {
		r.names[s] = s
	}
	return s
}

// flush ends the open message and emits it.
func (r *reader) flush() error {
	p := r.cur
	r.cur = nil
	if p == nil {
		if r.wrong != "" {
			r.res.Quarantined++
			r.problem(r.base+int64(r.at), r.curLine, "message left out: "+r.wrong)
			r.wrong = ""
		}
		return nil
	}
	end := max(r.end, r.held)
	p.Length = int64(end - r.at)
	if r.margin {
		return r.emit(p)
	}
	if r.body < end {
		var d decoded
		r.scratch, d = appendText(r.scratch[:0], r.data[r.body:end], r.w.st.Enc, maxText)
		p.Text = strings.TrimRight(string(r.scratch), " \t\n")
		r.bad += d.bad
		r.runes += len(r.scratch) / 2
		if d.bad > 0 {
			p.AddFlag(market.FlagBadBytes)
		}
		if d.cut {
			p.AddFlag(market.FlagTruncated)
		}
	}
	if p.System {
		r.res.System++
	} else {
		r.res.Posts++
	}
	return r.emit(p)
}
