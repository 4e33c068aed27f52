package fold

import (
	"sort"
	"unicode/utf8"
)

// Text is a folded text with a way back to the bytes of the original.
// The zero value is the empty text. A Text is immutable.
type Text struct {
	Original string // as given, possibly invalid UTF-8
	Folded   string // valid UTF-8
	// runs is the offset map: ascending, gapless in Folded, ascending in
	// Original. nil means that Folded is Original.
	runs []run
	// scattered: the runs of Original don't ascend; see Riddles and Reversed.
	scattered bool
}

// run maps the folded bytes from f up to the next run's f. A linear run is the
// same bytes in the original from o; another one is a unit that was made from
// the n original bytes at o.
type run struct {
	f, o, n uint32
	linear  bool
}

// Changed reports whether folding changed anything.
func (t *Text) Changed() bool { return t.runs != nil }

// Span maps the folded byte range [start, end) to the smallest range of whole
// original runes that it was made from. Offsets are clamped to the text, an
// empty range maps to an empty one. Larger folded ranges never map to smaller
// original ones.
func (t *Text) Span(start, end int) (int, int) {
	start = min(max(start, 0), len(t.Folded))
	end = min(max(end, start), len(t.Folded))
	if start == end {
		at := t.left(start)
		return at, at
	}
	for start > 0 && !utf8.RuneStart(t.Folded[start]) {
		start--
	}
	for end < len(t.Folded) && !utf8.RuneStart(t.Folded[end]) {
		end++
	}
	if t.scattered {
		return t.around(start, end)
	}
	return t.left(start), t.right(end)
}

// around is the smallest range of the original that holds all that [start, end) was made
// from, whatever its order.
func (t *Text) around(start, end int) (int, int) {
	from, to := len(t.Original), 0
	for i := t.find(start); i < len(t.runs) && int(t.runs[i].f) < end; i++ {
		r := t.runs[i]
		from, to = min(from, int(r.o)), max(to, int(r.o)+int(r.n))
	}
	return from, to
}

// left is the original offset of the rune that begins at the folded offset.
func (t *Text) left(f int) int {
	if t.runs == nil {
		return f
	}
	if f >= len(t.Folded) {
		return len(t.Original)
	}
	r := t.runs[t.find(f)]
	if r.linear {
		return int(r.o) + f - int(r.f)
	}
	return int(r.o)
}

// right is the original offset after the rune that ends at the folded offset.
func (t *Text) right(f int) int {
	if t.runs == nil || f == 0 {
		return f
	}
	r := t.runs[t.find(f-1)]
	if r.linear {
		return int(r.o) + f - int(r.f)
	}
	return int(r.o) + int(r.n)
}

// find is the index of the run that holds the folded byte.
func (t *Text) find(f int) int {
	return sort.Search(len(t.runs), func(i int) bool { return int(t.runs[i].f) > f }) - 1
}

// builder collects folded text with its map. It starts to allocate at the
// first difference.
type builder struct {
	original string
	out      []byte
	runs     []run
	changed  bool
	last     rune // last rune written, 0 when none may be joined with the next
	lastAt   int  // folded offset of last
}

// begin leaves the fast path: original[:at] was copied as it is.
func (b *builder) begin(at int) {
	b.changed = true
	b.out = make([]byte, 0, len(b.original)+len(b.original)/16)
	b.out = append(b.out, b.original[:at]...)
	if at > 0 {
		b.runs = append(b.runs, run{linear: true})
		b.last, _ = utf8.DecodeLastRuneInString(b.original[:at])
		b.lastAt = at - utf8.RuneLen(b.last)
	}
}

// same writes the original bytes [o, o+n) as they are; n is one rune.
func (b *builder) same(r rune, o, n int) {
	f := len(b.out)
	if k := len(b.runs); k == 0 || !b.runs[k-1].linear || int(b.runs[k-1].o)+f-int(b.runs[k-1].f) != o {
		b.runs = append(b.runs, run{f: uint32(f), o: uint32(o), linear: true})
	}
	b.out = append(b.out, b.original[o:o+n]...)
	b.last, b.lastAt = r, f
}

// unit writes s, made from the original bytes [o, o+n).
func (b *builder) unit(s string, o, n int) {
	f := len(b.out)
	b.runs = append(b.runs, run{f: uint32(f), o: uint32(o), n: uint32(n)})
	b.out = append(b.out, s...)
	b.last, _ = utf8.DecodeLastRuneInString(s)
	b.lastAt = f + len(s) - utf8.RuneLen(b.last)
}

func (b *builder) text() Text {
	if !b.changed {
		return Text{Original: b.original, Folded: b.original}
	}
	if b.runs == nil {
		b.runs = []run{}
	}
	return Text{Original: b.original, Folded: string(b.out), runs: b.runs}
}
