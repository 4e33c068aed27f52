package archive

import "bytes"

// maxHead is the longest line in bytes that may be a head, a blank line or part of a frame.
// Longer ones are text, whatever they say, so that nobody needs a whole line in memory.
const maxHead = 4096

// lineFinder finds where lines of a buffer end: at LF, CRLF or a lone CR. It
// remembers what it has searched, so that a buffer without one kind of break
// is not searched for it again at every line. A new or moved buffer needs a new finder.
type lineFinder struct {
	enc    string
	lf, cr int // next LF and CR at or after the last start; len(buf) when there is none
	known  bool
}

// next finds the end of the line that begins at pos. end excludes the break,
// after follows it. Without a break in the buffer, or with a CR as the last
// byte whose LF may follow, ok is false, unless final says that the buffer is all there is.
func (f *lineFinder) next(buf []byte, pos int, final bool) (end, after int, ok bool) {
	if wide(f.enc) {
		return f.nextWide(buf, pos, final)
	}
	if !f.known {
		f.known = true
		f.lf, f.cr = pos-1, pos-1
	}
	if f.lf < pos {
		f.lf = index(buf, pos, '\n')
	}
	if f.cr < pos {
		f.cr = index(buf, pos, '\r')
	}
	switch {
	case f.lf < len(buf) && f.cr+1 == f.lf:
		return f.cr, f.lf + 1, true
	case f.cr < f.lf && f.cr+1 == len(buf) && !final:
		return 0, 0, false
	case f.cr < f.lf:
		return f.cr, f.cr + 1, true
	case f.lf < len(buf):
		return f.lf, f.lf + 1, true
	}
	return len(buf), len(buf), final
}

func index(buf []byte, pos int, c byte) int {
	if i := bytes.IndexByte(buf[pos:], c); i >= 0 {
		return pos + i
	}
	return len(buf)
}

func (f *lineFinder) nextWide(buf []byte, pos int, final bool) (end, after int, ok bool) {
	lo, hi := 0, 1
	if f.enc == encUTF16BE {
		lo, hi = 1, 0
	}
	for i := pos; i+1 < len(buf); i += 2 {
		if buf[i+hi] != 0 || (buf[i+lo] != '\n' && buf[i+lo] != '\r') {
			continue
		}
		if buf[i+lo] == '\n' {
			return i, i + 2, true
		}
		if i+3 < len(buf) {
			if buf[i+2+hi] == 0 && buf[i+2+lo] == '\n' {
				return i, i + 4, true
			}
			return i, i + 2, true
		}
		if !final {
			return 0, 0, false
		}
		return i, i + 2, true
	}
	return len(buf), len(buf), final
}

// blankLine reports whether a line (without its break) shows nothing.
func blankLine(line []byte, enc string) bool {
	if len(line) > maxHead {
		return false
	}
	if wide(enc) {
		lo, hi := 0, 1
		if enc == encUTF16BE {
			lo, hi = 1, 0
		}
		for i := 0; i+1 < len(line); i += 2 {
			if c := line[i+lo]; line[i+hi] != 0 || c != ' ' && c != '\t' {
				return false
			}
		}
		return len(line)%2 == 0
	}
	for _, c := range line {
		if c != ' ' && c != '\t' {
			return false
		}
	}
	return true
}
