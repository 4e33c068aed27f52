package price

import "slices"

// column is what the cells of a table's column hold.
type column uint8

const (
	cellPlain column = iota // no table, or nothing of ours
	cellPrice
	cellStock
	cellLeast
	cellOther // of a table with a column of prices
)

// cell is a stretch of a table's line.
type cell struct {
	start, end int
	role       column
}

// columns finds the cells of tables drawn with | or tabs whose head names a column of
// prices: | 平台 | 类型 | 价 |.
func columns(r []rune) []cell {
	if !slices.Contains(r, '|') && !slices.Contains(r, '\t') {
		return nil
	}
	var out []cell
	var heads []column
	var cells []cell // of one line
	for i := 0; i < len(r); {
		j := i
		for j < len(r) && r[j] != '\n' {
			j++
		}
		cells = split(r, i, j, cells[:0])
		i = j + 1
		switch {
		case len(cells) < 2:
			heads = nil
		case len(heads) == len(cells):
			for n, c := range cells {
				c.role = heads[n]
				out = append(out, c)
			}
		default:
			heads = nil
			for _, c := range cells {
				heads = append(heads, headOf(r[c.start:c.end]))
			}
			if !slices.Contains(heads, cellPrice) {
				heads = nil
			}
		}
	}
	return out
}

// split cuts the line r[i:j] at | and tabs, outer ones aside, and adds the pieces to cells.
func split(r []rune, i, j int, cells []cell) []cell {
	for i < j && (r[i] == ' ' || r[i] == '|') {
		i++
	}
	for j > i && (r[j-1] == ' ' || r[j-1] == '|' || r[j-1] == '\r') {
		j--
	}
	s := i
	for k := i; k <= j && len(cells) < 20; k++ {
		if k == j || r[k] == '|' || r[k] == '\t' {
			cells = append(cells, cell{start: s, end: k})
			s = k + 1
		}
	}
	return cells
}

// headOf is the role of a column by the text of its head.
func headOf(head []rune) column {
	for _, c := range head {
		switch {
		case c >= '0' && c <= '9':
			return cellOther
		case c == '价' || c == '费' || c == '元':
			return cellPrice
		case c == '起':
			return cellLeast
		case c == '量' || c == '存' || c == '数':
			return cellStock
		}
	}
	return cellOther
}

// role is that of the column in which the token k stands.
func (rd *reader) role(k int) column {
	if len(rd.cells) == 0 {
		return cellPlain
	}
	t := &rd.toks[k]
	n, ok := slices.BinarySearchFunc(rd.cells, t.start, func(c cell, at int) int { return c.end - 1 - at })
	if !ok && (n >= len(rd.cells) || rd.cells[n].start > t.start) {
		return cellPlain
	}
	return rd.cells[n].role
}

// tabled takes the numbers of tables for what the head of their column says, before
// anything else reads them; the least numbers hold for the sum of their line.
func (rd *reader) tabled() {
	for k := range rd.toks {
		t := &rd.toks[k]
		if t.kind != tSum && t.kind != tQty || t.used {
			continue
		}
		switch rd.role(k) {
		case cellOther, cellStock:
			t.used = t.kind == tSum && t.currency == ""
			if rd.role(k) == cellStock && t.lo > 0 && t.hi == 0 && t.currency == "" {
				t.used = true
				rd.listed = append(rd.listed, k)
			}
		case cellLeast:
			if t.currency == "" && t.lo > 0 {
				t.used = true
				rd.addLeast(k, k, false)
			}
		}
	}
}
