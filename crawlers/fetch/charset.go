package fetch

import (
	"bytes"
	"mime"
	"net/http"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// Text is a body as UTF-8.
type Text struct {
	UTF8     []byte // valid, without U+0000 and without a byte order mark
	Charset  string // what the body was read as: "utf-8", "gb18030", "big5", "windows-1252" …
	By       string // what decided: "bom", "content", "meta", "header", "detected"
	Replaced int    // invalid sequences and U+0000 that became U+FFFD
}

// What decided on a character set.
const (
	byBOM      = "bom"
	byContent  = "content"
	byMeta     = "meta"
	byHeader   = "header"
	byDetected = "detected"
)

// metaWindow is how far a declaration is looked for. HTML says 1024 bytes, but
// themes with long inline scripts put theirs later, and browsers find it.
const metaWindow = 16 << 10

// Decode reads a body, given the Content-Type of its head. In this order decide:
// a byte order mark; being UTF-8 with characters outside ASCII; a meta element
// or XML declaration; the Content-Type; the look of the bytes. A declaration
// that the bytes disprove is passed over: sites change one of their three
// places and forget the others (research/forums.md §0.1). gb2312 and gbk are
// read as gb18030, which contains them. ok is false when the body is no text.
func Decode(body []byte, contentType string) (t Text, ok bool) {
	if !isText(body, contentType) {
		return Text{}, false
	}
	if cs, length := byteOrderMark(body); cs != "" {
		return decodeAs(body[length:], cs, byBOM), true
	}
	meta, header := metaCharset(body), headerCharset(contentType)
	look := lookAt(body)
	if look.ascii {
		// Nothing to tell apart, except encodings that write Chinese in ASCII.
		for _, cs := range []string{meta, header} {
			if cs == "hz-gb-2312" || cs == "iso-2022-jp" {
				return decodeAs(body, cs, byMeta), true
			}
		}
		return decodeAs(body, "utf-8", byContent), true
	}
	if look.utf8 && !shortGBK(body, meta, header) {
		return decodeAs(body, "utf-8", byContent), true
	}
	for _, d := range []struct{ cs, by string }{{meta, byMeta}, {header, byHeader}} {
		if d.cs == "utf-8" && look.most {
			return decodeAs(body, d.cs, d.by), true
		}
		if d.cs == "" || d.cs == "utf-8" || d.cs == "windows-1252" {
			// Apache's default iso-8859-1 says nothing about a Chinese site.
			continue
		}
		if t := decodeAs(body, d.cs, d.by); plausible(t, look.high) {
			return t, true
		}
	}
	return decodeAs(body, detect(body, look), byDetected), true
}

// isText tells pages from pictures and archives.
func isText(body []byte, contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind, _, _ = strings.Cut(contentType, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
	}
	switch {
	case strings.HasPrefix(kind, "text/"), strings.HasSuffix(kind, "+xml"), strings.HasSuffix(kind, "+json"):
		return true
	case strings.HasPrefix(kind, "image/"), strings.HasPrefix(kind, "audio/"), strings.HasPrefix(kind, "video/"), strings.HasPrefix(kind, "font/"):
		return false
	}
	switch kind {
	case "application/xml", "application/json", "application/javascript", "application/x-javascript", "application/ecmascript":
		return true
	}
	return strings.HasPrefix(http.DetectContentType(body), "text/")
}

// byteOrderMark names the encoding whose mark a body begins with, and the mark's length.
func byteOrderMark(b []byte) (string, int) {
	switch {
	case bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		return "utf-8", 3
	case bytes.HasPrefix(b, []byte{0x84, 0x31, 0x95, 0x33}):
		return "gb18030", 4
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		return "utf-16be", 2
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		return "utf-16le", 2
	}
	return "", 0
}

// aliases are labels in use that the WHATWG table lacks.
var aliases = map[string]string{
	"cp936": "gb18030", "ms936": "gb18030", "windows-936": "gb18030", "gb18030-2000": "gb18030", "gb18030-2005": "gb18030",
	"gb18030-2022": "gb18030", "gb_18030": "gb18030", "gb-2312": "gb18030", "gb": "gb18030", "utf8mb4": "utf-8", "utf-8mb4": "utf-8",
	"cp950": "big5", "ms950": "big5", "big-5": "big5", "hz": "hz-gb-2312", "hz-gb-2312": "hz-gb-2312",
}

// canonical is one name for each encoding; "" for labels that name none.
func canonical(label string) string {
	label = strings.ToLower(strings.Trim(label, " \t\r\n\f\"'"))
	if label == "" || len(label) > 40 {
		return ""
	}
	if cs, ok := aliases[label]; ok {
		return cs
	}
	e, err := htmlindex.Get(label)
	if err != nil || e == nil {
		return ""
	}
	name, err := htmlindex.Name(e)
	if err != nil {
		return ""
	}
	switch name {
	case "gbk":
		return "gb18030"
	case "replacement", "x-user-defined":
		return ""
	}
	return name
}

func headerCharset(contentType string) string {
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		return canonical(params["charset"])
	}
	return canonical(charsetIn(contentType))
}

// charsetIn finds charset=… in a Content-Type however badly it is put together.
func charsetIn(s string) string {
	lower := strings.ToLower(s)
	for {
		i := strings.Index(lower, "charset")
		if i < 0 {
			return ""
		}
		lower = lower[i+len("charset"):]
		rest := strings.TrimLeft(lower, " \t\r\n")
		if !strings.HasPrefix(rest, "=") {
			continue
		}
		rest = strings.TrimLeft(rest[1:], " \t\r\n\"'")
		if end := strings.IndexAny(rest, "\"'; \t\r\n,"); end >= 0 {
			rest = rest[:end]
		}
		return rest
	}
}

// metaCharset is what the document says of itself: an XML declaration, else
// the first meta element that names an encoding.
func metaCharset(body []byte) string {
	window := body[:min(len(body), metaWindow)]
	if trimmed := bytes.TrimLeft(window, " \t\r\n"); bytes.HasPrefix(trimmed, []byte("<?xml")) {
		decl, _, _ := bytes.Cut(trimmed, []byte("?>"))
		if _, after, ok := strings.Cut(string(decl[:min(len(decl), 200)]), "encoding"); ok {
			after = strings.TrimLeft(after, " \t\r\n")
			if value, ok := strings.CutPrefix(after, "="); ok {
				value = strings.TrimLeft(value, " \t\r\n")
				if len(value) > 1 {
					value, _, _ = strings.Cut(value[1:], value[:1])
					if cs := asciiCompatible(canonical(value)); cs != "" {
						return cs
					}
				}
			}
		}
	}
	z := html.NewTokenizer(bytes.NewReader(window))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			if string(name) != "meta" {
				continue
			}
			var charset, content string
			pragma := false
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				switch string(key) {
				case "charset":
					charset = string(value)
				case "content":
					content = string(value)
				case "http-equiv":
					pragma = strings.EqualFold(strings.TrimSpace(string(value)), "content-type")
				}
			}
			if cs := asciiCompatible(canonical(charset)); cs != "" {
				return cs
			}
			if pragma {
				if cs := asciiCompatible(canonical(charsetIn(content))); cs != "" {
					return cs
				}
			}
		}
	}
}

// asciiCompatible: who could read a declaration written in ASCII was not reading UTF-16.
func asciiCompatible(cs string) string {
	if strings.HasPrefix(cs, "utf-16") {
		return "utf-8"
	}
	return cs
}

// look is what the bytes say before any table is consulted.
type look struct {
	ascii bool
	utf8  bool // UTF-8, or so nearly that only damage explains the rest
	most  bool // UTF-8 for the greater part: enough where a declaration says so too
	high  int  // bytes of 0x80 and above
}

func lookAt(b []byte) look {
	var l look
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
			l.high++
		} else {
			good++
			l.high += n
		}
		i += n
	}
	l.ascii = good+bad == 0
	// Software that cuts a title at so many bytes, or a cut page, damages single
	// characters. Other encodings read as UTF-8 fail at every second one.
	l.utf8 = good > 0 && (bad == 0 || good >= 10 && bad*20 <= good)
	l.most = good > 0 && bad*2 <= good
	return l
}

// shortGBK catches pages in GBK with so little Chinese that it happens to be
// valid UTF-8, such as two bytes C4 A3: no three-byte character, as Chinese in
// UTF-8 would have, a declaration that says GBK, and nothing but pairs that GB2312
// has a Chinese character for. Latin letters alone (©, ·, é) stay UTF-8.
func shortGBK(b []byte, meta, header string) bool {
	if meta != "gb18030" && (meta != "" || header != "gb18030") {
		return false
	}
	beyondLatin := false
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if n != 2 || b[i] < 0xb0 || b[i] > 0xf7 || b[i+1] < 0xa1 {
			return false
		}
		beyondLatin = beyondLatin || r > 0xff
		i += n
	}
	return beyondLatin
}

// plausible: a declared encoding that fails at more than a tenth of what it was
// to explain isn't the one.
func plausible(t Text, high int) bool { return t.Replaced*10 <= high }

// decodeAs reads bytes in a named encoding.
func decodeAs(b []byte, cs, by string) Text {
	t := Text{Charset: cs, By: by}
	switch cs {
	case "utf-8":
		t.UTF8, t.Replaced = cleanUTF8(b)
	case "utf-16le", "utf-16be":
		t.UTF8, t.Replaced = fromUTF16(b, cs == "utf-16be")
	default:
		out, err := encodingOf(cs).NewDecoder().Bytes(b)
		if err != nil { // the decoders replace, they don't fail; kept for those that may
			out = bytes.ToValidUTF8(b, []byte("\ufffd"))
		}
		t.Replaced = bytes.Count(out, []byte("\ufffd"))
		var more int
		t.UTF8, more = cleanUTF8(out)
		t.Replaced += more
	}
	return t
}

func encodingOf(cs string) encoding.Encoding {
	switch cs {
	case "gb18030":
		return simplifiedchinese.GB18030
	case "big5":
		return traditionalchinese.Big5
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	}
	if e, err := htmlindex.Get(cs); err == nil && e != nil {
		return e
	}
	return simplifiedchinese.GB18030
}

// cleanUTF8 replaces U+0000 and invalid bytes. Text that needs nothing is
// returned as it is.
func cleanUTF8(b []byte) ([]byte, int) {
	if utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 {
		return b, 0
	}
	out := make([]byte, 0, len(b)+len(b)/8+16)
	replaced := 0
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == 0 || r == utf8.RuneError && n == 1 {
			replaced++
			r = utf8.RuneError
		}
		out = utf8.AppendRune(out, r)
		i += n
	}
	return out, replaced
}

func fromUTF16(b []byte, big bool) ([]byte, int) {
	unit := func(i int) rune {
		if big {
			return rune(b[i])<<8 | rune(b[i+1])
		}
		return rune(b[i+1])<<8 | rune(b[i])
	}
	out := make([]byte, 0, len(b)+len(b)/2)
	replaced := 0
	for i := 0; i < len(b); i += 2 {
		r := rune(utf8.RuneError)
		switch {
		case i+1 >= len(b):
			replaced++
		case unit(i) == 0:
			replaced++
		case !utf16.IsSurrogate(unit(i)):
			r = unit(i)
		case i+3 < len(b) && utf16.DecodeRune(unit(i), unit(i+2)) != utf8.RuneError:
			r = utf16.DecodeRune(unit(i), unit(i+2))
			i += 2
		default:
			replaced++
		}
		out = utf8.AppendRune(out, r)
	}
	return out, replaced
}
