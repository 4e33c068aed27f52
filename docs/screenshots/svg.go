package main

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Measures of the drawing, in pixels. A cell is 0.6 of the font size wide, as in
// the common monospaced fonts.
const (
	fontSize   = 13
	wideSize   = 14 // of Han characters: they fill their two cells better so
	cellWidth  = 7.8
	lineHeight = 19
	margin     = 16
	titleBar   = 34
)

// style is how a run of characters looks.
type style struct {
	colour    string
	bold, dim bool
}

// Colours of SGR codes on the drawing's dark ground.
var colours = map[int]string{31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff", 35: "#d2a8ff", 36: "#56d4dd", 90: "#8b949e"}

// draw makes an SVG of terminal lines with SGR escapes. Each run of narrow
// characters is a piece of text that is told where it begins and how long it is,
// each wide character one in the middle of its two cells: columns stay in line
// whatever fonts there are.
func draw(lines []string, columns int) []byte {
	var rows [][]piece
	for _, l := range lines {
		rows = append(rows, wrap(parse(l), columns)...)
	}
	w, h := 2*margin+float64(columns)*cellWidth, titleBar+margin+lineHeight*len(rows)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" viewBox="0 0 %.0f %d" role="img" aria-label="resumewatch in a terminal">`+"\n", w, h, w, h)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="#0d1117"/>`+"\n")
	for i, c := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="17" r="6" fill="%s"/>`+"\n", 22+20*i, c)
	}
	fmt.Fprintf(&b, `<g font-family="'DejaVu Sans Mono','SF Mono',Menlo,Consolas,'Noto Sans Mono CJK SC','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',monospace" font-size="%d" fill="#c9d1d9" xml:space="preserve">`+"\n", fontSize)
	for i, row := range rows {
		y, x := titleBar+lineHeight*i+14, 0
		for _, p := range row {
			left := margin + float64(x)*cellWidth
			x += p.cells
			if strings.TrimSpace(p.text) == "" {
				continue
			}
			if !p.wide {
				fmt.Fprintf(&b, `<text x="%s" y="%d" textLength="%s"%s>%s</text>`+"\n", number(left), y, number(float64(p.cells)*cellWidth), p.style.attributes(), escape(p.text))
				continue
			}
			for _, r := range p.text {
				fmt.Fprintf(&b, `<text x="%s" y="%d" font-size="%d" text-anchor="middle"%s>%c</text>`+"\n", number(left+cellWidth), y, wideSize, p.style.attributes(), r)
				left += 2 * cellWidth
			}
		}
	}
	b.WriteString("</g>\n</svg>\n")
	return []byte(b.String())
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

func (s style) attributes() string {
	out := ""
	if s.colour != "" {
		out += ` fill="` + s.colour + `"`
	}
	if s.bold {
		out += ` font-weight="bold"`
	}
	if s.dim {
		out += ` fill-opacity="0.55"`
	}
	return out
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// piece is a run of characters of one style and one width.
type piece struct {
	text  string
	cells int
	wide  bool
	style style
}

// cells is how many columns a character takes.
func cells(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// parse cuts a line into pieces; escapes other than SGR are dropped.
func parse(line string) []piece {
	var out []piece
	var now style
	for len(line) > 0 {
		if rest, ok := strings.CutPrefix(line, "\x1b["); ok {
			end := strings.IndexFunc(rest, func(r rune) bool { return r >= '@' && r <= '~' })
			if end < 0 {
				break
			}
			if rest[end] == 'm' {
				now = now.with(rest[:end])
			}
			line = rest[end+1:]
			continue
		}
		r, n := utf8.DecodeRuneInString(line)
		line = line[n:]
		out = appendRune(out, r, now)
	}
	return out
}

func appendRune(row []piece, r rune, s style) []piece {
	n := cells(r)
	if k := len(row) - 1; k >= 0 && row[k].style == s && row[k].wide == (n == 2) && (r == ' ') == (row[k].text == strings.Repeat(" ", len(row[k].text))) {
		row[k].text += string(r)
		row[k].cells += n
		return row
	}
	return append(row, piece{string(r), n, n == 2, s})
}

func (s style) with(codes string) style {
	for _, code := range strings.Split(codes, ";") {
		n, _ := strconv.Atoi(code) // an empty code is 0
		switch {
		case n == 0:
			s = style{}
		case n == 1:
			s.bold = true
		case n == 2:
			s.dim = true
		case colours[n] != "":
			s.colour = colours[n]
		}
	}
	return s
}

// wrap breaks a row at the right edge, as a terminal does, with what follows
// set in by two cells.
func wrap(row []piece, columns int) [][]piece {
	var out [][]piece
	var line []piece
	used := 0
	for _, p := range row {
		for _, r := range p.text {
			if used+cells(r) > columns {
				out, line, used = append(out, line), appendRune(appendRune(nil, ' ', style{}), ' ', style{}), 2
			}
			line = appendRune(line, r, p.style)
			used += cells(r)
		}
	}
	return append(out, line)
}
