package price

import "resumewatch/extractors/numeral"

// coin is a word for a sum.
type coin struct {
	name  name
	value numeral.Dec
}

// name is a word of up to three runes.
type name struct {
	runes [3]rune
	n     int
}

func named(r []rune) (w name) {
	w.n = copy(w.runes[:], r)
	return w
}

// bankNotes are the coins of everybody: 一张红的.
var bankNotes = []coin{{named([]rune("张红的")), 100 * numeral.Unit}, {named([]rune("张红票")), 100 * numeral.Unit}, {named([]rune("张大红")), 100 * numeral.Unit}}

// worth is the value of one of the author's words; 0 for another.
func (l *lexer) worth(r []rune) numeral.Dec {
	if len(r) > len(name{}.runes) {
		return 0
	}
	w := named(r)
	for k := range l.coins {
		if l.custom[k].name == w {
			return l.custom[k].value
		}
	}
	return 0
}

// valued reports whether a word has a value above nothing.
func (l *lexer) valued(r []rune) bool { return l.worth(r) > 0 }

// define reads the author's own words for money: (一张=100), 一个🍊就是一百.
func (l *lexer) define() {
	r := l.r
	for i := 1; i < len(r); i++ {
		n := 0
		switch {
		case r[i] == '=' || r[i] == '≈':
			n = 1
		case r[i] == '就' && at(r, i+1) == '是', r[i] == '等' && at(r, i+1) == '于', r[i] == '代' && at(r, i+1) == '表':
			n = 2
		default:
			continue
		}
		s := i
		for s > 0 && i-s < 5 && r[s-1] != ' ' && r[s-1] != '(' && r[s-1] != ',' && r[s-1] != '\n' && r[s-1] != '。' && !l.busy[s-1] {
			s--
		}
		for s > 0 && i-s < 5 && r[s-1] == ' ' {
			s--
		}
		name := r[s:i]
		if len(name) < 2 || name[0] != '一' && name[0] != '1' {
			continue
		}
		name = name[1:]
		if len(name) > 1 && name[0] == '个' {
			name = name[1:]
		}
		if len(name) == 0 || len(name) > 3 || l.worth(name) != 0 || string(name) == "w" || string(name) == "k" || string(name) == "万" || string(name) == "千" || string(name) == "份" || string(name) == "条" {
			continue
		}
		j := skipSpace(r, i+n)
		if j == len(r) { // a definition that ends the text
			continue
		}
		t, ok := l.sum(j)
		if !ok || t.kind != tSum || t.hi != 0 || t.lo == 0 || l.coins > 16 {
			continue
		}
		l.custom[l.coins] = coin{named(name), t.lo}
		l.coins++
		for k := s; k < t.end; k++ {
			l.busy[k] = true
		}
	}
}

// customAt reads one of the author's own words for money at i.
func (l *lexer) customAt(i int) (numeral.Dec, int) {
	if l.coins == 0 {
		return 0, 0
	}
	j := skipSpace(l.r, i)
	if at(l.r, j) == '个' || at(l.r, j) == '颗' {
		j++
	}
	for k := 3; k >= 1; k-- {
		if j+k > len(l.r) {
			continue
		}
		if v := l.worth(l.r[j : j+k]); v != 0 {
			e := j + k
			if at(l.r, e) == '子' {
				e++
			}
			return v, e - i
		}
	}
	return 0, 0
}
