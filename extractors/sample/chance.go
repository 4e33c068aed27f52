package sample

// chance reports whether runes s to e may hold a record at all. Each has a number to call,
// an identity number, a mailbox or a name: row accepts nothing else. Most sentences of an
// advert have none of these, and one look at their characters tells.
func chance(r []rune, s, e int) bool {
	digits, masks, n := 0, 0, 0 // of the run of them that ends here
	han, behind := false, false // a name may not begin here: the rune before is a character of the same cell
	for i := s; i < e; i++ {
		c := r[i]
		m := marked.of(c)
		han, behind = behind, common(c) && m&ends == 0
		if common(c) && m&ofDigit == 0 {
			digits, masks, n = 0, 0, 0
			if m&hides != 0 || !han && m&headsName != 0 && mayName(r, i, e) {
				return true
			}
			continue
		}
		switch c {
		case '@', '"', '“', '*', '|', '\t': // a mailbox, a quoted name, zhou**, names of two words
			return true
		case ':', '=': // a label
			if i > s && nameEnds(r[i-1]) {
				return true
			}
		}
		d, hidden := digitOf(c) >= 0, mask(c)
		switch {
		case d || hidden:
			n++
			if d {
				digits++
			}
			if hidden {
				masks++
			}
			if digits >= 11 || masks >= 3 && digits >= 4 && n >= 9 {
				return true
			}
		case c != ' ':
			digits, masks, n = 0, 0, 0
		}
		if !han && m&headsName != 0 && mayName(r, i, e) {
			return true
		}
	}
	return false
}

// inside reports whether no cell begins behind c: it is a character, and none that ends
// one (张三男本科, 28岁本科).
func inside(c rune) bool { return common(c) && marked.of(c)&ends == 0 }

// common reports whether c is of the block of nearly all Chinese characters in use.
func common(c rune) bool { return 0x4E00 <= c && c <= 0x9FFF }

// mayName reports whether a cell that begins at i may be a name: few characters, or one
// of them left out. The character at i must be one with which names begin.
func mayName(r []rune, i, e int) bool {
	n := 1
	for ; n < 5 && i+n < e && inside(r[i+n]); n++ {
		if n < 3 && r[i+n] == '某' {
			return true
		}
	}
	return n < 5
}

// nameEnds reports the characters with which a label of a name ends.
func nameEnds(c rune) bool {
	switch c {
	case '名', '字', '姓', '呼', '称', '人', '者', 'e', 'g':
		return true
	}
	return false
}
