package sample

import "unicode/utf8"

// marks say of a character which questions about a value it can decide: a question is
// asked only of values that have a character of which each answer needs one.
type marks uint32

const (
	headsLabel  marks = 1 << iota // a label begins with it
	inLabel                       // it stands in a label
	headsWord                     // a sex, a degree, a marital status, a photo
	headsRegion                   // the name of a place
	headsPhone                    // a label that has grown together with a number
	headsGrown                    // one of grownLabels
	headsName                     // see chance
	surname
	ofActive // 活跃, 登录, 在线, 刷新, 更新
	ofFirm   // see employer
	ofPay    // see salary
	ofSchool
	ofAddress
	hides // 某
	mail  // @
	ofYears
	ofDigit // a numeral, not in ASCII
	ends    // a cell may end behind it: see chance
	blank   // _: it is left out of words
)

// inWords are the marks of what is looked for in words.
const inWords = headsPhone | ofActive | ofFirm | ofSchool | ofAddress | hides | mail | ofYears | blank

// table holds the marks of characters by their upper and lower byte; nil: none has any.
type table [256]*[256]marks

func (t *table) of(c rune) marks {
	if c > 0xFFFF || c < 0 {
		return 0
	}
	if page := t[c>>8]; page != nil {
		return page[c&0xFF]
	}
	return 0
}

func (t *table) add(chars string, m marks) {
	for _, c := range chars {
		page := t[c>>8]
		if page == nil {
			page = new([256]marks)
			t[c>>8] = page
		}
		page[c&0xFF] |= m
	}
}

// first is the first character of a word.
func first(w string) string {
	_, n := utf8.DecodeRuneInString(w)
	return w[:n]
}

var marked = func() *table {
	t := new(table)
	for w := range labels {
		t.add(first(w), headsLabel)
		t.add(w, inLabel)
	}
	for _, words := range []map[string]bool{genders, degrees, marital, photos} {
		for w := range words {
			t.add(first(w), headsWord)
		}
	}
	for w := range regions {
		t.add(first(w), headsRegion)
	}
	t.add(provinces, headsRegion)
	for _, w := range phoneLabels {
		t.add(first(w), headsPhone)
	}
	for _, l := range grownLabels {
		t.add(first(l.word), headsGrown)
	}
	for _, w := range doubles {
		t.add(first(w), headsName)
	}
	t.add("老小", headsName)
	t.add(surnames, headsName|surname)
	t.add("跃录线新", ofActive)
	t.add(" 司团厂房行院店流市媒技所锁饮子产筑企", ofFirm)
	t.add("望薪资入包钱俸", ofPay)
	t.add("学院校专大工范电经", ofSchool) // each a last character
	t.add("道路村区镇", ofAddress)
	t.add("某", hides)
	t.add("@", mail)
	t.add("年", ofYears)
	for c := rune(0x3000); c <= 0x9FFF; c++ {
		if digitOf(c) >= 0 {
			t.add(string(c), ofDigit)
		}
	}
	t.add("男女岁零", ends)
	t.add("_", blank)
	return t
}()

// family reports whether c is a surname.
func family(c rune) bool { return marked.of(c)&surname != 0 }

// marksOf are the marks of all characters of a value.
func marksOf(r []rune) (m marks) {
	for _, c := range r {
		m |= marked.of(c)
	}
	return m
}
