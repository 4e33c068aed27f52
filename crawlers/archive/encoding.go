package archive

import (
	"bytes"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// The encodings in which exports are met: QQ writes UTF-8 with a BOM; files that
// a text editor saved again are the others.
const (
	encUTF8    = "utf-8"
	encUTF8BOM = "utf-8-bom"
	encUTF16LE = "utf-16le"
	encUTF16BE = "utf-16be"
	encGB18030 = "gb18030" // a superset of GBK and GB 2312
)

func knownEncoding(enc string) bool {
	switch enc {
	case encUTF8, encUTF8BOM, encUTF16LE, encUTF16BE, encGB18030:
		return true
	}
	return false
}

// wide reports whether a character takes at least two bytes, line breaks included.
func wide(enc string) bool { return enc == encUTF16LE || enc == encUTF16BE }

// decoded is what came of decoding.
type decoded struct {
	bad int  // runs of bytes that are no text, and U+0000: each one U+FFFD in the text
	cut bool // there was more than the cap allows
}

// appendText appends raw to dst as clean text: valid UTF-8, line breaks as LF,
// without C0 controls but TAB and LF. It adds at most limit bytes, never a part of a rune.
// Zero-width and other odd characters stay: undoing disguises is not a reader's work.
func appendText(dst, raw []byte, enc string, limit int) ([]byte, decoded) {
	var d decoded
	end := len(dst) + limit
	switch enc {
	case encGB18030:
		dst = d.gb18030(dst, raw, end)
	case encUTF16LE:
		dst = d.utf16(dst, raw, 0, 1, end)
	case encUTF16BE:
		dst = d.utf16(dst, raw, 1, 0, end)
	default:
		dst = d.utf8(dst, raw, end)
	}
	return dst, d
}

// control appends what becomes of a byte below 0x20; next is the byte after it.
func (d *decoded) control(dst []byte, c, next byte) []byte {
	switch c {
	case '\t', '\n':
		return append(dst, c)
	case '\r':
		if next == '\n' {
			return dst
		}
		return append(dst, '\n')
	case 0:
		return d.invalid(dst)
	}
	return dst
}

// invalid appends one U+FFFD.
func (d *decoded) invalid(dst []byte) []byte {
	d.bad++
	return utf8.AppendRune(dst, utf8.RuneError)
}

func (d *decoded) utf8(dst, raw []byte, end int) []byte {
	for i := 0; i < len(raw); {
		// A run of what needs no change is copied at once.
		j := i
		for j < len(raw) && (raw[j] >= ' ' || raw[j] == '\n' || raw[j] == '\t') {
			j++
		}
		run := raw[i:j]
		for len(run) > 0 {
			n := len(run)
			if !utf8.Valid(run) {
				n = validPrefix(run)
			}
			if len(dst)+n > end {
				d.cut = true
				n = max(end-len(dst), 0)
				for n > 0 && !utf8.RuneStart(run[n]) {
					n--
				}
				return append(dst, run[:n]...)
			}
			dst = append(dst, run[:n]...)
			if run = run[n:]; len(run) == 0 {
				break
			}
			for len(run) > 0 {
				if _, size := utf8.DecodeRune(run); size > 1 || run[0] < utf8.RuneSelf {
					break
				}
				run = run[1:]
			}
			if len(dst)+3 > end {
				d.cut = true
				return dst
			}
			dst = d.invalid(dst)
		}
		if j == len(raw) {
			break
		}
		if len(dst)+3 > end {
			d.cut = true
			return dst
		}
		var next byte
		if j+1 < len(raw) {
			next = raw[j+1]
		}
		dst = d.control(dst, raw[j], next)
		i = j + 1
	}
	return dst
}

// validPrefix is the length of the longest prefix that is valid UTF-8.
func validPrefix(b []byte) int {
	i := 0
	for i < len(b) {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		i += size
	}
	return i
}

func (d *decoded) gb18030(dst, raw []byte, end int) []byte {
	table := gbkTable()
	broken := false // the byte before was no text: runs of such become one U+FFFD
	for i := 0; i < len(raw); {
		if len(dst)+utf8.UTFMax > end {
			d.cut = true
			return dst
		}
		c := raw[i]
		if c < 0x80 {
			broken = false
			if c >= ' ' {
				dst = append(dst, c)
			} else {
				var next byte
				if i+1 < len(raw) {
					next = raw[i+1]
				}
				dst = d.control(dst, c, next)
			}
			i++
			continue
		}
		r, size := gb18030Rune(table, raw[i:])
		if r == utf8.RuneError {
			if !broken {
				dst = d.invalid(dst)
			}
			broken = true
		} else {
			broken = false
			dst = utf8.AppendRune(dst, r)
		}
		i += size
	}
	return dst
}

// gb18030Rune decodes the character at the start of b, which is no ASCII. What is
// none is U+FFFD; then size covers no byte that may begin another character.
func gb18030Rune(table *[gbkCells]uint16, b []byte) (r rune, size int) {
	lead := b[0]
	if lead == 0x80 {
		return '€', 1 // as Windows code page 936 and WHATWG's decoder have it
	}
	if lead == 0xFF || len(b) < 2 {
		return utf8.RuneError, 1
	}
	trail := b[1]
	switch {
	case trail >= 0x40 && trail != 0x7F && trail != 0xFF:
		if r := table[gbkCell(lead, trail)]; r != 0 {
			return rune(r), 2
		}
		if trail < 0x80 {
			return utf8.RuneError, 1
		}
		return utf8.RuneError, 2
	case trail >= '0' && trail <= '9':
		if len(b) < 4 || b[2] < 0x81 || b[2] == 0xFF || b[3] < '0' || b[3] > '9' {
			return utf8.RuneError, 1
		}
		var out [8]byte
		n, _, err := simplifiedchinese.GB18030.NewDecoder().Transform(out[:], b[:4], true)
		if r, w := utf8.DecodeRune(out[:n]); err == nil && w == n && r != 0 && r != utf8.RuneError {
			return r, 4
		}
		return utf8.RuneError, 1
	}
	return utf8.RuneError, 1
}

// gbkCells is the number of two-byte codes: leads 81–FE by trails 40–7E and 80–FE.
const gbkCells = 126 * 190

func gbkCell(lead, trail byte) int {
	t := int(trail) - 0x40
	if trail > 0x7F {
		t--
	}
	return (int(lead)-0x81)*190 + t
}

// gbkTable is x/text's two-byte table, taken out once through its decoder: one
// look-up a character is several times faster than its Transform.
var gbkTable = sync.OnceValue(func() *[gbkCells]uint16 {
	var table [gbkCells]uint16
	dec := simplifiedchinese.GB18030.NewDecoder()
	var out [8]byte
	for lead := 0x81; lead <= 0xFE; lead++ {
		for trail := 0x40; trail <= 0xFE; trail++ {
			if trail == 0x7F {
				continue
			}
			dec.Reset()
			n, _, err := dec.Transform(out[:], []byte{byte(lead), byte(trail)}, true)
			r, w := utf8.DecodeRune(out[:n])
			if err == nil && w == n && r != utf8.RuneError && r <= 0xFFFF {
				table[gbkCell(byte(lead), byte(trail))] = uint16(r)
			}
		}
	}
	return &table
})

// utf16 decodes units whose low and high byte stand at lo and hi.
func (d *decoded) utf16(dst, raw []byte, lo, hi, end int) []byte {
	unit := func(i int) rune { return rune(raw[i+hi])<<8 | rune(raw[i+lo]) }
	broken := false
	for i := 0; i < len(raw); i += 2 {
		if len(dst)+utf8.UTFMax > end {
			d.cut = true
			return dst
		}
		r := utf8.RuneError
		if i+1 < len(raw) {
			r = unit(i)
		}
		switch {
		case r < ' ':
			next := byte(0)
			if i+3 < len(raw) && unit(i+2) == '\n' {
				next = '\n'
			}
			dst = d.control(dst, byte(r), next)
			broken = false
			continue
		case r >= 0xD800 && r < 0xDC00 && i+3 < len(raw) && unit(i+2)&0xFC00 == 0xDC00:
			r = (r-0xD800)<<10 + (unit(i+2) - 0xDC00) + 0x10000
			i += 2
		case r >= 0xD800 && r < 0xE000:
			r = utf8.RuneError
		}
		if r == utf8.RuneError {
			if !broken {
				dst = d.invalid(dst)
			}
			broken = true
			continue
		}
		broken = false
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

var (
	bomUTF8    = []byte("\xEF\xBB\xBF")
	bomUTF16LE = []byte("\xFF\xFE")
	bomUTF16BE = []byte("\xFE\xFF")
)

// detectEncoding says how the first part of a file is encoded. sure is false
// when the bytes are text in no known encoding.
func detectEncoding(first []byte) (enc string, sure bool) {
	switch {
	case bytes.HasPrefix(first, bomUTF8):
		return encUTF8BOM, true
	case bytes.HasPrefix(first, bomUTF16LE):
		return encUTF16LE, true
	case bytes.HasPrefix(first, bomUTF16BE):
		return encUTF16BE, true
	}
	if enc := zeroParity(first); enc != "" {
		return enc, true
	}
	badUTF8, goodUTF8, long := countUTF8(first)
	// A few broken bytes don't make a UTF-8 file another: GBK text is broken
	// UTF-8 in most characters, and hardly ever whole in three bytes in a row.
	if badUTF8 == 0 || badUTF8*50 < goodUTF8 || badUTF8*2 <= long {
		return encUTF8, true
	}
	badGB, goodGB := countGB18030(first)
	if goodGB+badGB == 0 || badGB*10 < goodGB {
		return encGB18030, true
	}
	if goodUTF8 > goodGB-badGB {
		return encUTF8, badUTF8*4 < goodUTF8
	}
	return encGB18030, badGB*4 < goodGB
}

// zeroParity recognises UTF-16 without a BOM: the digits and line breaks of
// heads have a zero byte each, all on the same side.
func zeroParity(b []byte) string {
	b = b[:min(len(b), 64<<10)]
	var zeros [2]int
	for i, c := range b {
		if c == 0 {
			zeros[i&1]++
		}
	}
	half := len(b) / 2
	switch {
	case half >= 8 && zeros[1] > half/6 && zeros[0]*50 < zeros[1]:
		return encUTF16LE
	case half >= 8 && zeros[0] > half/6 && zeros[1]*50 < zeros[0]:
		return encUTF16BE
	}
	return ""
}

// countUTF8 counts broken bytes and whole characters beyond ASCII, of these long
// ones (three bytes and more: all of Chinese). A character that the end of the part cuts is neither.
func countUTF8(b []byte) (bad, good, long int) {
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		if !utf8.FullRune(b[i:]) {
			break
		}
		if _, size := utf8.DecodeRune(b[i:]); size > 1 {
			good++
			if size > 2 {
				long++
			}
			i += size
		} else {
			bad++
			i++
		}
	}
	return bad, good, long
}

func countGB18030(b []byte) (bad, good int) {
	table := gbkTable()
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		if len(b)-i < 4 && (len(b)-i < 2 || b[i+1] < 0x40) {
			break
		}
		r, size := gb18030Rune(table, b[i:])
		if r == utf8.RuneError {
			bad++
		} else {
			good++
		}
		i += size
	}
	return bad, good
}
