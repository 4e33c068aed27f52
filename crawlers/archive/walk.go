package archive

import "bytes"

// state is all that the reading of a line depends on besides the line. A
// chunk's State is the state before its first line, as JSON.
type state struct {
	Enc    string `json:"enc"`
	Line   int64  `json:"line"`             // lines before
	Conv   string `json:"conv,omitempty"`   // conversation
	Folder string `json:"folder,omitempty"` //
	Heads  bool   `json:"heads,omitempty"`  // a head came before
	Dense  bool   `json:"dense,omitempty"`  // heads follow text without a blank line
	Times  bool   `json:"times,omitempty"`  // clipboard: heads of a time alone are usual

	// Of this conversation's heads: with an id, and with a name alone.
	IDs  int64 `json:"ids,omitempty"`
	Bare int64 `json:"bare,omitempty"`

	// For telling a log that was pasted into a message.
	Ref  int64 `json:"ref,omitempty"`  // clock seconds of the last head in order; 0 for none
	Run  int   `json:"run,omitempty"`  // suspect heads since
	Prev bool  `json:"prev,omitempty"` // the message before is, or holds, a suspect one

	// For heads without year or date.
	Month int    `json:"month,omitempty"` // of the last head without a year
	Shift int    `json:"shift,omitempty"` // turns of the year since the first of them
	Day   [3]int `json:"day,omitzero"`    // of the last head that had a whole date

	Notes []note `json:"notes,omitempty"` // on heads of this chunk, by offset
}

// note is what only the rest of the file can tell about a head.
type note struct {
	At      int64  `json:"at"`                // offset of the head
	Suspect bool   `json:"suspect,omitempty"` // goes back in time, and its author is seen nowhere else
	Name    string `json:"name,omitempty"`    // where QQ showed a number for a name: the author's last known name
}

// event is what a line turned out to be.
type event uint8

const (
	evBlank event = iota
	evText        // of the message, or before the first head what belongs to none
	evHold        // the beginning of a frame, or text: the next lines tell
	evFrame       // the conversation changed; lines held before it belonged to the frame
	evSkip        // part of the file's own dress: title, rest of a frame
	evHead        // a message begins: walker.h
	evWrong       // a message begins whose time can't be: walker.h
)

// Places in a frame.
const (
	frameNone   = iota
	frameTitle  // title line
	frameSep    // first line of =
	frameFolder // 消息分组
	frameSep2   // second line of =
	frameDone   // 消息对象: the last line of = may follow
)

// maxName bounds the name of a conversation, in bytes.
const maxName = 512

// maxRun is how many suspect heads in a row mean that time itself went back,
// as in a file joined of several: longer logs are hardly ever pasted.
const maxRun = 64

// walker goes over the lines of a file, or of a chunk, one by one.
type walker struct {
	f       format
	st      state
	blank   bool // the line before lets a head follow
	frame   int
	folder  string // from the frame that is being read
	scratch []byte

	// Of the line that step saw last:
	h       head
	suspect bool  // evHead: out of order, as in a pasted log
	back    bool  // evHead: earlier than the head before
	nested  bool  // evText: looks like a head
	shift   int   // evHead: st.Shift for it
	bad     int   // broken bytes in the head's line
	clock   int64 // evHead: clock seconds
}

// newWalker begins before a head, or at the start of the file.
func newWalker(f format, st state) *walker { return &walker{f: f, st: st, blank: true} }

// step takes the next line, without its break; of a line longer than maxHead any longer prefix will do.
func (w *walker) step(raw []byte) event {
	w.st.Line++
	w.nested = false
	if blankLine(raw, w.st.Enc) {
		w.blank = true
		return evBlank
	}
	wasBlank := w.blank
	w.blank = false
	if len(raw) > maxHead {
		w.frame = frameNone
		return evText
	}
	line, ok := w.text(raw)
	if !ok {
		w.frame = frameNone
		return evText
	}
	if w.f.frames {
		if ev, ok := w.dress(line, wasBlank); ok {
			return ev
		}
	}
	w.frame = frameNone
	if !w.f.maybe(line) {
		return evText
	}
	h, ok := w.f.head(line)
	if !ok {
		return evText
	}
	if !w.accept(&h, wasBlank) {
		if w.nested = h.id != nil || !w.f.frames && h.style == dayFull; w.nested {
			w.st.Prev = true
		}
		return evText
	}
	return w.begin(h)
}

// text is the line in UTF-8, without a BOM; ok is false when it can be neither head nor dress.
func (w *walker) text(raw []byte) (line []byte, ok bool) {
	w.bad = 0
	line = raw
	if w.st.Enc != encUTF8 && w.st.Enc != encUTF8BOM {
		if !wide(w.st.Enc) && !w.f.maybe(raw) && !(w.f.frames && (raw[0] == '=' || raw[0] >= 0x80)) {
			return nil, false
		}
		if !wide(w.st.Enc) && raw[0] >= 0x80 && w.f.frames && w.frame == frameNone && w.st.Heads && !isTitleGBK(raw) {
			return nil, false
		}
		var d decoded
		w.scratch, d = appendText(w.scratch[:0], raw, w.st.Enc, 4*maxHead)
		line, w.bad = w.scratch, d.bad
	}
	line = bytes.TrimPrefix(line, bomUTF8)
	return line, len(line) > 0
}

// isTitleGBK: 消息记录 in GBK.
func isTitleGBK(raw []byte) bool {
	return bytes.HasPrefix(raw, []byte("\xCF\xFB\xCF\xA2\xBC\xC7\xC2\xBC"))
}

// dress reads the file's own lines: title, frame, date. A frame in the midst of
// messages must be whole, because people can type its lines too.
func (w *walker) dress(line []byte, wasBlank bool) (event, bool) {
	c := line[0]
	if c != '=' && c != 0xE6 { // 消 and 日 begin with E6
		return 0, false
	}
	if c == '=' && isSeparator(line) {
		w.blank = true
		switch {
		case w.frame == frameDone:
			w.frame = frameNone
			return evSkip, true
		case !w.st.Heads:
			return evSkip, true
		case w.frame == frameFolder:
			w.frame = frameSep2
		default:
			w.frame = frameSep
		}
		return evHold, true
	}
	if name, ok := label(line, "消息分组"); ok && (w.frame == frameSep || !w.st.Heads) {
		w.folder, w.frame = name, frameFolder
		if !w.st.Heads {
			return evSkip, true
		}
		return evHold, true
	}
	if name, ok := label(line, "消息对象"); ok && (w.frame == frameSep2 || !w.st.Heads) {
		st := &w.st
		st.Conv, st.Folder, w.folder = name, w.folder, ""
		st.IDs, st.Bare, st.Ref, st.Run, st.Prev = 0, 0, 0, 0, false
		w.frame, w.blank = frameDone, true
		return evFrame, true
	}
	if wasBlank && bytes.HasPrefix(line, []byte("消息记录（此消息记录为")) {
		if !w.st.Heads {
			return evSkip, true
		}
		w.frame = frameTitle
		return evHold, true
	}
	if _, ok := label(line, "日期"); ok && !w.st.Heads {
		return evSkip, true
	}
	return 0, false
}

// isSeparator: 64 times = as QQ writes it, some re-typed ones are shorter.
func isSeparator(line []byte) bool {
	line = trimSpace(line)
	return len(line) >= 60 && len(bytes.TrimLeft(line, "=")) == 0
}

// label reads "name:value" with either colon.
func label(line []byte, name string) (value string, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte(name))
	if !ok {
		return "", false
	}
	after, ok := bytes.CutPrefix(rest, []byte(":"))
	if !ok {
		if after, ok = bytes.CutPrefix(rest, []byte("：")); !ok {
			return "", false
		}
	}
	text, _ := appendText(nil, trimSpace(after), encUTF8, maxName)
	return string(text), true
}

// accept decides whether what looks like a head is one. Text may look like a
// head too: heads follow a blank line, and where heads have ids a line without one is text.
func (w *walker) accept(h *head, wasBlank bool) bool {
	st := &w.st
	if !w.f.frames {
		return wasBlank || st.Dense && (h.style != dayNone || st.Times)
	}
	if h.id != nil {
		return wasBlank || st.Dense
	}
	return wasBlank && (st.IDs == 0 || st.Bare >= 4*st.IDs)
}

// begin takes a head into the state.
func (w *walker) begin(h head) event {
	st := &w.st
	w.h = h
	st.Heads = true
	w.suspect, w.back, w.shift, w.clock = false, false, 0, 0
	if h.wrong != "" {
		st.Prev = false
		return evWrong
	}
	if !h.system(true) {
		if h.id != nil {
			st.IDs++
		} else {
			st.Bare++
		}
	}
	switch h.style {
	case dayNoYear:
		switch {
		case st.Month >= 11 && h.when.month <= 2:
			st.Shift++
		case st.Month > 0 && st.Month <= 2 && h.when.month >= 11 && st.Shift > 0:
			st.Shift--
		}
		st.Month = h.when.month
		w.shift = st.Shift
	case dayFull:
		st.Day = [3]int{h.when.year, h.when.month, h.when.day}
		w.clock = h.when.seconds()
		w.order()
	}
	return evHead
}

// order judges a head's time by those before it. Histories run forward; a head
// that goes back by more than a day, or back at all right after another such,
// was likely pasted with its log into a message.
func (w *walker) order() {
	const day = 24 * 60 * 60
	st := &w.st
	w.back = st.Ref != 0 && w.clock < st.Ref
	w.suspect = w.back && (st.Ref-w.clock > day || st.Prev)
	st.Prev = w.suspect
	if !w.suspect {
		st.Ref, st.Run = w.clock, 0
		return
	}
	if st.Run++; st.Run >= maxRun {
		st.Ref, st.Run, st.Prev = w.clock, 0, false
	}
}
