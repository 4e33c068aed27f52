package main

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"html"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Encodings within encodings are undone so deep.
const deepest = 3

// biggest bounds what a compressed stream may unfold to.
const biggest = 64 << 20

var (
	escape   = regexp.MustCompile(`\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\[0-7]{3}`)
	percent  = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	quoted   = regexp.MustCompile(`=[0-9A-F]{2}`)
	entity   = regexp.MustCompile(`&#?\w{2,8};`)
	base64s  = regexp.MustCompile(`[A-Za-z0-9+/_-]{16,}={0,2}`)
	hexes    = regexp.MustCompile(`(?:[0-9a-f]{2}){8,}|(?:[0-9A-F]{2}){8,}`)
	gzipHead = []byte{0x1f, 0x8b, 8}
)

// each calls do with the bytes and with what each encoding in them gives, and so on.
func each(b []byte, how string, depth int, do func(b []byte, how string)) {
	do(b, how)
	if depth == deepest {
		return
	}
	all, ways := b, ""
	for _, e := range encodings {
		if !e.in(b) {
			continue
		}
		do(e.undo(b), join(how, e.name))
		if e.sure {
			all, ways = e.undo(all), join(ways, e.name)
		}
	}
	if ways != "" {
		each(all, join(how, ways), depth+1, do) // what was encoded twice
	}
	// Most of what looks so is none: it is not taken apart further than once.
	once := max(depth+1, deepest-1)
	for _, e := range []struct {
		data []byte
		name string
	}{{runs(b, base64s, unbase64), "base64"}, {runs(b, hexes, unhex), "hex"}} {
		if len(e.data) > 0 {
			each(e.data, join(how, e.name), once, do)
		}
	}
	for _, stream := range inflated(b) {
		each(stream, join(how, "compressed"), depth+1, do)
	}
}

// encodings are those of text within text. sure ones do no harm to other text.
var encodings = []struct {
	name string
	in   func([]byte) bool
	undo func([]byte) []byte
	sure bool
}{
	{"escapes", escape.Match, func(b []byte) []byte { return escape.ReplaceAllFunc(b, unescape) }, true},
	{"percent", percent.Match, func(b []byte) []byte {
		return percent.ReplaceAllFunc(b, func(m []byte) []byte { return unhex(m[1:]) })
	}, true},
	{"quoted-printable", quoted.Match, func(b []byte) []byte {
		return quoted.ReplaceAllFunc(b, func(m []byte) []byte { return unhex(m[1:]) })
	}, false},
	{"entities", func(b []byte) bool { return entity.Match(b) }, func(b []byte) []byte { return []byte(html.UnescapeString(string(b))) }, true},
	{"without zeros", func(b []byte) bool { return bytes.IndexByte(b, 0) >= 0 }, func(b []byte) []byte { return bytes.ReplaceAll(b, []byte{0}, nil) }, false},
}

// runs joins what the decoder makes of each match, a line each.
func runs(b []byte, of *regexp.Regexp, decode func([]byte) []byte) []byte {
	var out []byte
	for _, m := range of.FindAll(b, -1) {
		if d := decode(m); len(d) > 0 {
			out = append(append(out, d...), '\n')
		}
	}
	return out
}

func unescape(m []byte) []byte {
	switch m[1] {
	case 'u', 'x':
		n, err := strconv.ParseUint(string(m[2:]), 16, 32)
		if err != nil {
			return m
		}
		if m[1] == 'x' {
			return []byte{byte(n)}
		}
		return utf8.AppendRune(nil, rune(n))
	}
	n, err := strconv.ParseUint(string(m[1:]), 8, 8)
	if err != nil {
		return m
	}
	return []byte{byte(n)}
}

func unhex(m []byte) []byte {
	out := make([]byte, len(m)/2)
	n, err := hex.Decode(out, m[:len(m)/2*2])
	if err != nil {
		return nil
	}
	return out[:n]
}

// unbase64 decodes a run from each of four beginnings: what stands before it may
// be a part of the run by chance.
func unbase64(m []byte) []byte {
	s := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(string(m), "="))
	var out []byte
	for skip := range min(4, len(s)) {
		t := s[skip:]
		if len(t)%4 == 1 {
			t = t[:len(t)-1]
		}
		d, err := base64.RawStdEncoding.DecodeString(t)
		if err == nil {
			out = append(append(out, d...), '\n')
		}
	}
	return out
}

// inflated are the compressed streams within bytes.
func inflated(b []byte) [][]byte {
	var out [][]byte
	for i := 0; i+3 < len(b); i++ {
		var r io.Reader
		var err error
		switch {
		case bytes.HasPrefix(b[i:], gzipHead):
			r, err = gzip.NewReader(bytes.NewReader(b[i:]))
		case b[i] == 0x78 && (b[i+1] == 0x01 || b[i+1] == 0x9c || b[i+1] == 0xda):
			r, err = zlib.NewReader(bytes.NewReader(b[i:]))
		default:
			continue
		}
		if err != nil {
			continue
		}
		plain, _ := io.ReadAll(io.LimitReader(r, biggest)) // what is cut off may still tell
		if len(plain) > 8 {
			out = append(out, plain)
		}
	}
	return out
}

// lower is text in small plain letters without signs in between that don't show.
func lower(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		c, n := utf8.DecodeRune(b[i:])
		switch {
		case c == utf8.RuneError:
			out = append(out, b[i:i+n]...)
		case c >= 0xff01 && c <= 0xff5e:
			out = utf8.AppendRune(out, unicode.ToLower(c-0xfee0))
		case unicode.Is(unicode.Cf, c):
		default:
			out = utf8.AppendRune(out, unicode.ToLower(c))
		}
		i += n
	}
	return out
}

// digit is the digit that a character stands for, or -1. It is written apart from
// the program's own tables, so that both can't miss the same.
func digit(c rune, alike bool) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case c < utf8.RuneSelf && alike && (c == 'o' || c == 'O'):
		return 0
	case c < utf8.RuneSelf && alike && (c == 'l' || c == 'I' || c == 'i' || c == '|'):
		return 1
	case c < utf8.RuneSelf:
		return -1
	case c >= '０' && c <= '９':
		return int(c - '０')
	case c >= '①' && c <= '⑨':
		return int(c-'①') + 1
	case c >= 0x1d7ce && c <= 0x1d7ff:
		return int(c-0x1d7ce) % 10
	case c == '⁰', c == '⓪':
		return 0
	case c >= '⁴' && c <= '⁹':
		return int(c-'⁴') + 4
	}
	if i := strings.IndexRune("零一二三四五六七八九", c); i >= 0 {
		return i / 3
	}
	if i := strings.IndexRune("〇壹贰叁肆伍陆柒捌玖", c); i >= 0 {
		return i / 3
	}
	switch c {
	case '¹':
		return 1
	case '²':
		return 2
	case '³':
		return 3
	}
	return -1
}

// Signs that may stand between two digits of one number.
const gap = 3

// eachNumber calls do with each run of digits, and where each of them stands.
func eachNumber(b []byte, alike bool, do func(digits []byte, at []int)) {
	var digits []byte
	var at []int
	since := 0 // signs since the last digit
	flush := func() {
		if len(digits) >= 11 {
			do(digits, at)
		}
		digits, at, since = digits[:0], at[:0], 0
	}
	for i := 0; i < len(b); {
		c, n := rune(b[i]), 1
		if c >= utf8.RuneSelf {
			c, n = utf8.DecodeRune(b[i:])
		}
		d := -1
		if c >= utf8.RuneSelf || alike || '0' <= c && c <= '9' {
			d = digit(c, alike)
		}
		switch {
		case d >= 0:
			digits, at, since = append(digits, byte('0'+d)), append(at, i), 0
		case len(digits) == 0:
		case unicode.IsLetter(c) && c != utf8.RuneError:
			flush()
		default:
			if since++; since > gap {
				flush()
			}
		}
		i += n
	}
	flush()
}
