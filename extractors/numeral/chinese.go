package numeral

func readChinese(r []rune, i int, counts func(int) bool) (Number, bool) {
	n := Number{Start: i, Chinese: true}
	// 一四零八: digits without places
	if d, end, ok := positional(r, i, counts); ok {
		n.Lo, n.End = d, end
		return n, true
	}
	// 七八毛, 一两百, 三五千: two neighbours
	if a, b := Digit(at(r, i)), Digit(at(r, i+1)); a > 0 && b > a && b-a <= 2 && (a != 1 || b == 2) && !arabic(at(r, i)) && !arabic(at(r, i+1)) && Digit(at(r, i+2)) < 0 {
		j, m := i+2, Unit
		for j < i+5 && place(at(r, j)) != 0 && m < maxDec/1e6 {
			m *= place(r[j])
			n.Big = n.Big || place(r[j]) >= 1000
			j++
		}
		n.Lo, n.Hi, n.End = Dec(a)*m, Dec(b)*m, j
		return n, true
	}
	var total, section Dec // section: below 万
	last := Dec(0)         // the last place word
	j, any := i, false
	if at(r, j) == '廿' || at(r, j) == '卅' {
		section, last, any = 20, 10, true
		if r[j] == '卅' {
			section = 30
		}
		j++
	}
	for j < len(r) && j-i < 24 {
		c := r[j]
		if p := place(c); p != 0 {
			if !any && (p != 10 && !bareplace(r, j, counts)) { // 百份, 万条; not 百货
				return Number{}, false
			}
			if any && last == p && total == 0 { // 四十|五十
				break
			}
			if p >= 10000 {
				if section == 0 {
					section = 1
				}
				if section > maxDec/p/Unit {
					break
				}
				total, section = total+section*p, 0
			} else {
				section += p // 十五; 百 alone
			}
			last, any = p, true
			j++
			j = skipOdd(r, j)
			continue
		}
		d := Digit(c)
		if d < 0 {
			break
		}
		if d == 0 && !arabic(c) {
			if !any { // 零点五
				if at(r, j+1) != '点' {
					break
				}
			} else {
				if Digit(at(r, j+1)) < 0 {
					break
				}
				j++ // 一百零五, 两千零五十
				continue
			}
		}
		p := place(at(r, j+1))
		if p != 0 && (last == 0 || p < last || p >= 10000) {
			if d == 1 && any && last > 0 && p >= 1000 && !(p < last) {
				break
			}
			// 十后面跟着 N十: 四十五十 are two sums
			if last == 10 && p == 10 {
				break
			}
			if p >= 10000 {
				section += Dec(d)
				if section > maxDec/p/Unit {
					break
				}
				total, section = total+section*p, 0
			} else {
				section += Dec(d) * p
			}
			last, any = p, true
			j += 2
			j = skipOdd(r, j)
			continue
		}
		if p != 0 {
			break // 四十|五十
		}
		// the last digit
		if any && last > 10 && c == '两' {
			break // 两百|两块六
		}
		if any && d == 1 && counts(j+1) && last != 0 {
			break // 一百五|一个 and 贰佰|壹月
		}
		if arabic(c) && !arabic(at(r, i)) && any && arabic(at(r, j+1)) {
			break
		}
		switch {
		case !any:
			section, any = Dec(d), true
			if d == 0 {
				section = 0
			}
		case last > 10 && at(r, j-1) != '零':
			if last >= 10000 {
				total += Dec(d) * last / 10
			} else {
				section += Dec(d) * last / 10
			}
		case last == 10 || at(r, j-1) == '零':
			section += Dec(d)
			// 十七八
			if e := Digit(at(r, j+1)); e == d+1 && !arabic(at(r, j+1)) && !counts(j+1) {
				n.Lo, n.Hi, n.End = (total+section)*Unit, (total+section+1)*Unit, j+2
				return n, true
			}
		}
		j++
		break
	}
	if !any {
		return Number{}, false
	}
	v := (total + section) * Unit
	n.Big = total != 0 || last >= 1000
	// 二点五, 零点三
	if point := pointAt(r, i, j); point > 0 && last <= 10 {
		k, f := j+point, Unit/10
		for k < len(r) && f > 0 && Digit(r[k]) >= 0 && place(at(r, k+1)) == 0 && !(Digit(r[k]) == 1 && counts(k+1) && k > j+1) {
			v += Dec(Digit(r[k])) * f
			f /= 10
			k++
		}
		j = k
		if p := place(at(r, j)); p >= 10000 && v < maxDec/p {
			v *= p
			n.Big = true
			j++
		}
	}
	if c := at(r, j); (c == 'k' || c == 'w') && !latin(at(r, j+1)) && last < 1000 {
		m := Dec(1000)
		if c == 'w' {
			m = 10000
		}
		v *= m
		n.Big = true
		j++
	}
	j = more(r, j, &v, &n)
	n.Lo, n.End = v, j
	return n, true
}

// pointAt is the length of the decimal point at j of a number that begins at i: 二点五,
// 二点儿五, 贰·伍; 0 for none.
func pointAt(r []rune, i, j int) int {
	switch c := at(r, j); {
	case c == '点' && at(r, j+1) == '儿' && Digit(at(r, j+2)) >= 0:
		return 2
	case c == '点', c == '.' && !arabic(at(r, j-1)) && !arabic(at(r, j+1)):
		if Digit(at(r, j+1)) >= 0 {
			return 1
		}
	case c == '·' && j == i+1 && at(r, i-1) != '·' && Digit(at(r, j+1)) > 0 && !arabic(at(r, j+1)) && Digit(at(r, j+2)) < 0 && at(r, j+2) != '·' && place(at(r, j+2)) == 0:
		return 1
	}
	return 0
}

// skipOdd steps over 多, 来, 几, 余, 把 between place words (七十多万, 百来块).
func skipOdd(r []rune, j int) int {
	if c := at(r, j); (c == '多' || c == '来' || c == '几' || c == '余') && place(at(r, j+1)) >= 10000 {
		return j + 1
	}
	return j
}

// bareplace reports whether the place word at j stands for one of it: 百份起,
// 千把块, 万条, 一仟.
func bareplace(r []rune, j int, counts func(int) bool) bool {
	switch at(r, j+1) {
	case '起', '把', '来', '十':
		return true
	}
	return counts(j + 1)
}

// positional reads digits of mixed systems without place words (肆5零, 四八零).
func positional(r []rune, i int, counts func(int) bool) (Dec, int, bool) {
	j, zero, mixed := i, false, false
	var v Dec
	for j < len(r) && j-i < 10 && Digit(r[j]) >= 0 {
		if place(at(r, j+1)) != 0 || j > i+1 && Digit(r[j]) == 1 && counts(j+1) {
			break
		}
		zero = zero || !arabic(r[j]) && Digit(r[j]) == 0
		mixed = mixed || arabic(r[j])
		v = v*10 + Dec(Digit(r[j]))*Unit
		j++
	}
	if place(at(r, j)) != 0 {
		return 0, 0, false
	}
	if j-i >= 3 || j-i == 2 && (zero || mixed) && Digit(r[i]) != 0 && !(Digit(r[i]) == 1 && counts(i+1)) {
		return v, j, true
	}
	return 0, 0, false
}
