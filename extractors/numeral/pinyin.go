package numeral

// sounds are the words of sums as people spell them in Latin letters.
var sounds = map[string]rune{
	"ling": '零', "yi": '一', "yao": '一', "er": '二', "liang": '两', "san": '三', "si": '四', "wu": '五', "liu": '六', "qi": '七', "ba": '八', "jiu": '九', "shi": '十', "bai": '百', "qian": '千', "wan": '万', "ban": '半',
	"kuai": '块', "mao": '毛', "yuan": '元', "jiao": '角', "fen": '份', "tiao": '条', "ge": '个', "shou": '手',
}

// anchors are the sounds that make a row of sounds a sum.
func anchor(c rune) bool { return c == '块' || c == '毛' || c == '元' || c == '角' }

// longNumber is how many digits in a row are a number of somebody, whatever
// stands around them.
const longNumber = 6

// spell turns rows of spelled-out sums (liang kuai yi fen) and long numbers
// (liu-san-ba-yi-wu-ling) into characters. A shorter row without a word for money
// stays: yi and er are names as well.
func (v *View) spell() {
	type piece struct {
		start, end int
		r          rune
	}
	var few [12]piece
	row := few[:0]
	var found []piece
	flush := func() {
		ok, digits, alone := false, false, 0
		for i, p := range row {
			if Digit(p.r) >= 0 {
				alone++
			}
			ok = ok || anchor(p.r) && i > 0 && (Digit(row[i-1].r) > 0 || place(row[i-1].r) > 0)
			digits = digits || Digit(p.r) >= 0
		}
		if ok && digits || alone >= longNumber && alone == len(row) {
			found = append(found, row...)
		}
		row = row[:0]
	}
	for i := 0; i < len(v.R); {
		c := v.R[i]
		if !latin(c) {
			if c != ' ' && c != '-' && Digit(c) < 0 {
				flush()
			} else if Digit(c) >= 0 && !arabic(c) {
				row = append(row, piece{i, i + 1, c})
			} else if c != ' ' && c != '-' {
				flush()
			}
			i++
			continue
		}
		j := i
		for j < len(v.R) && latin(v.R[j]) {
			j++
		}
		r := rune(0)
		if j-i <= 5 {
			r = sounds[string(v.R[i:j])]
		}
		if r == 0 {
			flush()
		} else {
			row = append(row, piece{i, j, r})
		}
		i = j
	}
	flush()
	if len(found) == 0 {
		return
	}
	w, k := 0, 0
	for i := 0; i < len(v.R); {
		if k < len(found) && found[k].start == i {
			v.R[w], v.from[w], v.to[w] = found[k].r, v.from[i], v.to[found[k].end-1]
			w++
			i = found[k].end
			k++
			// the space before the next sound goes
			if k < len(found) && found[k].start == i+1 && (v.R[i] == ' ' || v.R[i] == '-') {
				i++
			}
			continue
		}
		v.R[w], v.from[w], v.to[w] = v.R[i], v.from[i], v.to[i]
		w++
		i++
	}
	v.R, v.from, v.to = v.R[:w], v.from[:w], v.to[:w]
}
