package archive

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"
)

// sniffed is how much of a file decides what it is.
const sniffed = 1 << 20

func sniff(r io.ReaderAt, size int64, name string) (Verdict, error) {
	v, _, err := inspect(r, size, name)
	return v, err
}

// inspect gives the verdict and, for what can be read, the state before the first line.
func inspect(r io.ReaderAt, size int64, name string) (Verdict, state, error) {
	if size < 0 {
		return Verdict{}, state{}, fmt.Errorf("size of %d bytes", size)
	}
	first := make([]byte, min(size, sniffed))
	if n, err := r.ReadAt(first, 0); n < len(first) {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return Verdict{}, state{}, fmt.Errorf("read at byte %d: %w", n, err)
	}
	whole := int64(len(first)) == size
	if v, ok := byMagic(first, name); ok {
		return v, state{}, nil
	}
	v, st := asText(first, whole, name)
	return v, st, nil
}

// magics are first bytes that settle what a file is, in the order of trial.
var magics = []struct {
	bytes, format, why string
}{
	{"PK\x03\x04", FormatZip, "a zip file, or a document made of one: unpack it and import the chat export inside"},
	{"PK\x05\x06", FormatZip, "a zip file with nothing inside"},
	{"PK\x07\x08", FormatZip, "one part of a split zip file: join the parts and unpack them"},
	{"7z\xBC\xAF\x27\x1C", FormatSevenZip, "a 7z file: unpack it and import the chat export inside"},
	{"Rar!\x1A\x07", FormatRar, "a rar file: unpack it and import the chat export inside"},
	{"\x1F\x8B", FormatGzip, "a gzip file: unpack it and import the chat export inside"},
	{"SQLite header 3\x00", FormatNTQQ, ntqqWhy},
	{"SQLite format 3\x00", FormatSQLite, "an SQLite database: this version reads text exports only; export the history as TXT"},
	{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", FormatQQBackup, "a container as QQ uses for Msg3.0.db, encrypted: export the history in QQ's message manager as TXT and import that"},
	{"%PDF-", FormatBinary, "a PDF: ask for the chat's text export instead"},
	{"\x89PNG\r\n\x1A\n", FormatBinary, "a picture, not a chat export"},
	{"\xFF\xD8\xFF", FormatBinary, "a picture, not a chat export"},
	{"GIF8", FormatBinary, "a picture, not a chat export"},
}

const ntqqWhy = "the database of a newer QQ, encrypted: this version reads text exports only; export the history as TXT"

func byMagic(first []byte, name string) (Verdict, bool) {
	if len(bytes.Trim(bytes.TrimPrefix(first, bomUTF8), " \t\r\n")) == 0 || bytes.Equal(first, bomUTF16LE) || bytes.Equal(first, bomUTF16BE) {
		return Verdict{Format: FormatEmpty, Why: "the file is empty: export again", Confidence: 1}, true
	}
	for _, m := range magics {
		if bytes.HasPrefix(first, []byte(m.bytes)) {
			return Verdict{Format: m.format, Why: m.why, Confidence: 0.99}, true
		}
	}
	head := first[:min(len(first), 4096)]
	if bytes.Contains(head[:min(len(head), 1024)], []byte("QQ_NT DB")) {
		return Verdict{Format: FormatNTQQ, Why: ntqqWhy, Confidence: 0.99}, true
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, bomUTF8), " \t\r\n")
	if bytes.HasPrefix(text, []byte("From: <Save by Tencent MsgMgr>")) {
		return Verdict{Format: FormatMHT, Why: "an MHT export of QQ: this version reads the TXT one; export the same history as TXT", Confidence: 0.99}, true
	}
	if bytes.HasPrefix(text, []byte("MIME-Version:")) || bytes.HasPrefix(text, []byte("From: ")) && bytes.Contains(text, []byte("multipart/related")) {
		return Verdict{Format: FormatMHT, Why: "a web page saved as MHT: this version reads TXT exports", Confidence: 0.8}, true
	}
	return Verdict{}, false
}

// extension is the end of a name, of a path of any system, in lower case.
func extension(name string) string {
	return strings.ToLower(path.Ext(strings.ReplaceAll(name, `\`, "/")))
}

// asText judges what has no telling first bytes.
func asText(first []byte, whole bool, name string) (Verdict, state) {
	enc, sure := detectEncoding(first)
	st := state{Enc: enc}
	controls := controlShare(first, enc)
	if controls > 0.1 {
		return opaque(name), state{}
	}
	text, _ := appendText(nil, first[:min(len(first), 4096)], enc, 3*4096)
	text = bytes.TrimLeft(bytes.TrimPrefix(text, bomUTF8), " \t\n")

	n := countHeads(first, enc, whole)
	if v, ok := n.qqText(text); ok {
		v.Encoding = enc
		st.Dense = n.qqIDs >= 5 && n.qqAfterBlank*10 < n.qqIDs
		return v, st
	}
	if !sure {
		return opaque(name), state{}
	}
	switch {
	case bytes.HasPrefix(text, []byte("{")) || bytes.HasPrefix(text, []byte("[{")) || bytes.HasPrefix(text, []byte("[\n")) || bytes.HasPrefix(text, []byte("[[")):
		return Verdict{Format: FormatJSON, Why: jsonWhy(text), Encoding: enc, Confidence: 0.9}, state{}
	case bytes.HasPrefix(text, []byte("[QQChatExporter")):
		return Verdict{Format: FormatText, Why: "a text export of qq-chat-exporter: this version reads that of QQ's own message manager", Encoding: enc, Confidence: 0.9}, state{}
	}
	lower := bytes.ToLower(text[:min(len(text), 1024)])
	if bytes.HasPrefix(lower, []byte("<!doctype html")) || bytes.HasPrefix(lower, []byte("<html")) || bytes.HasPrefix(lower, []byte("<?xml")) {
		return Verdict{Format: FormatHTML, Why: "a web page: this version reads TXT exports; export the history as TXT", Encoding: enc, Confidence: 0.9}, state{}
	}
	if v, ok := n.clipboard(); ok {
		v.Encoding = enc
		st.Dense = n.clipAfterBlank*10 < n.clip*6
		st.Times = n.clipTimes*10 >= n.clip*3
		return v, st
	}
	if controls > 0.01 || extension(name) == ".bak" {
		return opaque(name), state{}
	}
	return Verdict{
		Format: FormatText, Encoding: enc, Confidence: 0.5,
		Why: "text without a single message head such as 2021-03-15 9:05:01 name(10000): give an export of QQ's message manager or messages copied with names and times",
	}, state{}
}

// opaque is the verdict on bytes that are no text; only here a name tells.
func opaque(name string) Verdict {
	switch extension(name) {
	case ".bak":
		return Verdict{Format: FormatQQBackup, Why: "a QQ backup, encrypted: import it into QQ, export the history in its message manager as TXT and import that", Confidence: 0.9}
	case ".db":
		return Verdict{Format: FormatNTQQ, Why: "an encrypted or damaged database: this version reads text exports only; export the history as TXT", Confidence: 0.5}
	}
	return Verdict{Format: FormatBinary, Why: "not text in UTF-8, UTF-16 or GB18030: give QQ's TXT export", Confidence: 0.8}
}

func jsonWhy(text []byte) string {
	what := "JSON"
	switch {
	case bytes.Contains(text, []byte(`"chatInfo"`)) || bytes.Contains(text, []byte("QQChatExporter")):
		what = "a JSON export of qq-chat-exporter"
	case bytes.Contains(text, []byte(`"from_id"`)) || bytes.Contains(text, []byte(`"personal_information"`)) || bytes.Contains(text, []byte(`_channel"`)):
		what = "a JSON export of Telegram"
	}
	return what + ": this version reads the TXT export of QQ's message manager and copied messages"
}

// controlShare is the part of bytes that text doesn't have.
func controlShare(b []byte, enc string) float64 {
	if wide(enc) || len(b) == 0 {
		return 0
	}
	n := 0
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			n++
		}
	}
	return float64(n) / float64(len(b))
}

// headCount counts lines of the first part that look like heads.
type headCount struct {
	frame                   bool // 消息对象 between lines of =
	qqIDs, qqAfterBlank     int  // with an id; of these after a blank line
	qqBare, qqBareElsewhere int  // with a name alone, after a blank line and not
	qqFirst                 bool // the first line that isn't blank is one
	clip, clipAfterBlank    int
	clipDated, clipTimes    int
	clipFirst               bool
}

func countHeads(first []byte, enc string, whole bool) headCount {
	var n headCount
	lines := lineFinder{enc: enc}
	blank, seen := true, false
	var scratch []byte
	for pos := 0; pos < len(first); {
		end, after, ok := lines.next(first, pos, true)
		if !ok || end == len(first) && !whole {
			break // a line that the part cuts
		}
		raw := first[pos:end]
		pos = after
		if blankLine(raw, enc) {
			blank = true
			continue
		}
		afterBlank := blank
		blank = false
		if len(raw) > maxHead {
			seen = true
			continue
		}
		scratch, _ = appendText(scratch[:0], raw, enc, 4*maxHead)
		line := bytes.TrimPrefix(scratch, bomUTF8)
		if isSeparator(line) {
			blank = true
			continue
		}
		if _, ok := label(line, "消息对象"); ok && afterBlank {
			n.frame, blank = true, true
			continue
		}
		n.line(line, afterBlank, !seen)
		seen = true
	}
	return n
}

func (n *headCount) line(line []byte, afterBlank, firstLine bool) {
	if h, ok := qqTextHead(line); ok {
		n.qqFirst = n.qqFirst || firstLine
		switch {
		case h.id != nil && afterBlank:
			n.qqIDs++
			n.qqAfterBlank++
		case h.id != nil:
			n.qqIDs++
		case afterBlank:
			n.qqBare++
		default:
			n.qqBareElsewhere++
		}
		return
	}
	if h, ok := clipboardHead(line); ok {
		n.clip++
		if afterBlank {
			n.clipAfterBlank++
		}
		if h.style == dayNone {
			n.clipTimes++
		} else {
			n.clipDated++
			n.clipFirst = n.clipFirst || firstLine
		}
		n.clipFirst = n.clipFirst || firstLine && h.style == dayNone && len(h.nick) <= 60
	}
}

// qqText judges for the message manager's TXT.
func (n *headCount) qqText(text []byte) (Verdict, bool) {
	v := Verdict{Format: FormatQQText, Readable: true}
	titled := bytes.HasPrefix(text, []byte("消息记录（")) || bytes.HasPrefix(text, []byte("消息对象:")) || bytes.HasPrefix(text, []byte("消息对象："))
	switch {
	case titled:
		v.Why, v.Confidence = "the title of QQ's message manager export", 0.99
	case n.frame:
		v.Why, v.Confidence = "the frame of QQ's message manager export around a conversation's name", 0.98
	case n.qqIDs > 0 && n.qqIDs >= n.clip:
		v.Why, v.Confidence = "message heads of QQ's message manager export with QQ numbers", 0.95
	case (n.qqBare >= 2 || n.qqFirst) && n.qqBareElsewhere < n.qqBare && n.qqBare >= n.clip:
		v.Why, v.Confidence = "message heads of QQ's message manager export without QQ numbers", 0.7
	default:
		return v, false
	}
	return v, true
}

// clipboard judges for copied messages.
func (n *headCount) clipboard() (Verdict, bool) {
	if !n.clipFirst && n.clipDated < 2 && n.clipAfterBlank < 3 {
		return Verdict{}, false
	}
	return Verdict{Format: FormatClipboard, Readable: true, Why: "messages copied out of a chat window: names and times, no QQ numbers", Confidence: 0.6}, true
}
