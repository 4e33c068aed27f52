package sample

import (
	"strings"
	"unicode/utf8"

	"resumewatch/extractors/numeral"
)

// cell is one value of a record.
type cell struct {
	start, end int // runes
	text       []rune
	field      string // what it shows; empty when it is nothing that we know
	also       string // what it shows besides
	anchor     bool   // a name with a mask: the start of a record
	strong     bool   // a phone, an identity number, a mailbox
	masked     bool
	titled     bool // a surname and a title: 陈先生, who may be the seller
}

func mask(c rune) bool {
	switch c {
	case '*', '＊', '○', '〇', '●', 'x', '_', '-', '#', '□', '✱', '×', '零':
		return true
	}
	return false
}

// anchorName reports whether s is a name with something left out: 张某, 李*, 王xx,
// 林〇〇, zhou**, fu某.
func anchorName(r []rune) bool {
	if len(r) < 2 || len(r) > 12 {
		return false
	}
	n := 0
	if numeral.Han(r[0]) && r[0] != '某' {
		n = 1
		if len(r) > 2 && !mask(r[1]) && r[1] != '某' && numeral.Han(r[1]) {
			n = 2
		}
		if !family(r[0]) {
			return false
		}
	} else if latin(r[0]) {
		for n < len(r) && (latin(r[n]) || r[n] == '@') {
			n++
		}
		for n > 2 && r[n-1] == 'x' {
			n--
		}
		if n < 2 || n == len(r) || r[n] != '*' && r[n] != '某' {
			return false
		}
	} else {
		return false
	}
	rest := r[n:]
	if len(rest) == 0 || len(rest) > 5 {
		return false
	}
	if len(rest) == 1 && rest[0] > 0x2000 && !numeral.Word(rest[0]) {
		return true // 倪★
	}
	for i, c := range rest {
		switch {
		case c == '某' || mask(c):
		case i > 0 && (c == '先' || c == '女' || c == '同' || c == '生' || c == '士' || c == '学' || c == '小' || c == '姐'):
		case i == len(rest)-1 && len(rest) > 1 && numeral.Han(c): // 李*强
		default:
			return false
		}
	}
	return true
}

func latin(c rune) bool { return 'a' <= c && c <= 'z' }
func ascii(c rune) bool { return '0' <= c && c <= '9' }

// digitOf is the digit that c stands for within a number, o and l included, or -1.
func digitOf(c rune) int {
	switch c {
	case 'o':
		return 0
	case 'l':
		return 1
	}
	return numeral.Digit(c)
}

// phone reports whether r is a mobile number, whole or with a part hidden.
func phone(r []rune) (ok, masked bool) {
	digits, masks, n := 0, 0, 0
	for i, c := range r {
		switch {
		case c == ' ' || c == '-' && masks == 0 && i+1 < len(r) && r[i+1] != '-':
			continue
		case digitOf(c) >= 0 && !(c == '零' && masks > 0 && i+1 < len(r) && r[i+1] == '零'):
			if n == 0 && digitOf(c) != 1 {
				return false, false
			}
			digits++
		case mask(c):
			masks++
		default:
			return false, false
		}
		n++
	}
	if masks == 0 {
		return digits == 11, false
	}
	return digits >= 4 && n >= 9 && n <= 13 && masks >= 3, true
}

// identity reports whether r is an identity number, whole or with a part hidden.
func identity(r []rune) bool {
	digits, n := 0, 0
	for _, c := range r {
		if ascii(c) {
			digits++
		} else if !mask(c) {
			return false
		}
		n++
	}
	return n >= 15 && n <= 20 && digits >= 6 && ascii(r[0])
}

func number(r []rune) int {
	n := 0
	if len(r) == 0 || len(r) > 9 {
		return -1
	}
	for _, c := range r {
		if !ascii(c) {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// phoneLabels may have grown together with a number.
var phoneLabels = [...]string{"联系电话", "手机号", "电话", "手机", "tel"}

// classify tells what a value shows.
func classify(r []rune) (c cell) {
	c.text = r
	m := marksOf(r)
	word, place := m&blank != 0, m&blank != 0 // what may be one
	if len(r) > 0 {
		head := marked.of(r[0])
		word, place = word || head&headsWord != 0, place || head&headsRegion != 0
	}
	s := ""
	if word || place || m&inWords != 0 {
		s = string(r)
	}
	switch {
	case word && genders[s]:
		c.field = "gender"
	case word && (degrees[strings.ReplaceAll(s, "_", "")] || graded(r)):
		c.field = "education"
	case word && marital[s]:
		c.field = "marital_status"
	case place && regional(strings.ReplaceAll(s, "_", "")):
		c.field = "region"
	case word && photos[s]:
		c.field = "photo"
	case anchorName(r):
		c.field, c.anchor = "name", true
	case titledName(r):
		c.field, c.titled = "name", true
	}
	if c.field != "" {
		return c
	}
	if ok, m := phone(r); ok {
		c.field, c.strong, c.masked = "phone", true, m
		return c
	}
	if m&headsPhone != 0 {
		for _, l := range phoneLabels {
			if t := strings.TrimPrefix(s, l); t != s {
				if ok, m := phone([]rune(t)); ok {
					c.field, c.strong, c.masked = "phone", true, m
					return c
				}
			}
		}
	}
	if identity(r) {
		c.field, c.strong = "id_number", true
		return c
	}
	if i := strings.IndexByte(s, '@'); i > 0 && strings.ContainsAny(s[i:], ".。") {
		c.field, c.strong = "email", true
		return c
	}
	if f, also, n := told(r); n > 0 {
		c.field, c.also = f, also
		return c
	}
	if n := number(r); n >= 16 && n <= 66 || spokenAge(r) {
		c.field = "age"
		return c
	}
	if m&ofActive != 0 && has(s, "活跃", "登录", "在线", "刷新", "更新") && has(s, "天", "时", "刚", "日", "周", "月") {
		c.field = "active_time"
		return c
	}
	if f := birth(r); f != "" {
		c.field = f
		return c
	}
	if salary(r, m) {
		c.field = "salary"
		return c
	}
	if years(r) {
		c.field = "work_experience"
		// 5年java开发, 8年采购: also what they did
		if i := strings.Index(s, "年"); i >= 0 {
			rest := strings.Trim(strings.TrimPrefix(s[i+len("年"):], "工作"), "驾工龄从业经验以上+")
			if rest != "" && ascii(r[0]) {
				c.also = "position"
			}
		}
		return c
	}
	if m&ofSchool != 0 && len(r) >= 3 && len(r) <= 8 && allHan(r) {
		for _, end := range [...]string{"师大", "理工", "工大", "科大", "财大", "农大", "交大", "医大", "师范", "职院", "邮电", "财经"} {
			if strings.HasSuffix(s, end) {
				c.field = "school"
				return c
			}
		}
	}
	if m&ofSchool != 0 && has(s, "大学", "学院", "学校", "院校", "中专", "技校") && len(r) >= 4 {
		c.field = "school"
		return c
	}
	if m&hides != 0 {
		if f := certain(r); f != "" && !(f == "employer" && employer(s) > 0) {
			c.field = f
			return c
		}
	}
	if m&ofAddress != 0 && has(s, "街道", "路", "村", "小区", "镇") && has(s, "号", "村", "室", "栋", "区", "县") && len(r) >= 6 {
		c.field = "address"
		return c
	}
	if m&ofFirm != 0 {
		if e := employer(s); e > 0 {
			c.field = "employer"
			if e < len(s) {
				c.also = "position"
			}
		}
	}
	return c
}

func has(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// provinces are the single characters that stand for them on number plates.
const provinces = "京津沪渝冀豫辽黑湘皖鲁苏浙赣鄂桂晋陕闽粤琼川"

// regional reports whether s is a place: 杭州, 河北石家庄, 浙江省杭州市.
func regional(s string) bool {
	if first, _ := utf8.DecodeRuneInString(s); marked.of(first)&headsRegion == 0 {
		return false
	}
	trim := func(s string) string {
		for _, suffix := range []string{"市", "省", "区", "县", "人"} {
			if t := strings.TrimSuffix(s, suffix); t != "" && t != s {
				return t
			}
		}
		return s
	}
	if regions[s] || regions[trim(s)] || utf8.RuneCountInString(s) == 1 && strings.Contains(provinces, s) {
		return true
	}
	for i := range s {
		if i > 0 && i <= 12 && (regions[s[:i]] || regions[trim(s[:i])]) {
			rest := s[i:]
			rest = strings.TrimPrefix(rest, "-")
			if n := utf8.RuneCountInString(rest); n == 2 && !has(rest, "员", "工", "师", "手", "某", "人", "厂", "长", "理", "管", "大", "学", "院", "路", "村", "镇", "街") {
				return true // 扬州邗江
			}
			if regions[rest] || regions[trim(rest)] || strings.HasSuffix(rest, "区") || strings.HasSuffix(rest, "县") {
				return true
			}
		}
	}
	return false
}

// employer gives the length of the part of s that names a firm: 某物流|分拣; 0 for none.
func employer(s string) int {
	if !strings.ContainsFunc(s, func(c rune) bool { return marked.of(c)&ofFirm != 0 }) {
		return 0
	}
	if has(s, " co.", " ltd", " inc", " corp", " group", " company", " tech") && s[0] < 0x80 {
		return len(s)
	}
	for _, w := range []string{"有限公司", "公司", "集团", "工厂", "厂", "药房", "银行", "医院", "酒店", "物流", "超市", "传媒", "科技", "事务所", "连锁", "商行", "餐饮", "电子", "地产", "建筑", "外企"} {
		if i := strings.Index(s, w); i > 0 || i == 0 && w == "外企" {
			if strings.HasPrefix(s, "某") || w == "有限公司" || w == "公司" || w == "集团" || w == "外企" {
				e := i + len(w)
				if strings.HasPrefix(s[e:], "公司") {
					e += len("公司")
				}
				return e
			}
		}
	}
	return 0
}

// birth reads 1992年3月, 1990-07-12, 92年, and 28岁 (an age).
func birth(r []rune) string {
	s := string(r)
	n := 0
	for n < len(r) && ascii(r[n]) {
		n++
	}
	if n == 0 {
		return ""
	}
	v := number(r[:n])
	rest := string(r[n:])
	switch {
	case strings.HasPrefix(rest, "岁") && v >= 14 && v <= 75:
		return "age"
	case n == 4 && v >= 1940 && v <= 2015 && (strings.HasPrefix(rest, "年") || len(s) >= 6 && (rest[0] == '-' || rest[0] == '.' || rest[0] == '/')):
		return "birth_date"
	case n == 4 && v >= 1950 && v <= 2009 && rest == "":
		return "birth_date"
	case n == 2 && v >= 50 && (rest == "年" || rest == "后"):
		return "birth_date"
	}
	return ""
}

// salary reads 5-8k, 期望6000, 现月薪13000, 8千-1万.
func salary(r []rune, m marks) bool {
	if s := string(r); m&ofPay != 0 && has(s, "期望", "月薪", "薪资", "年薪", "薪水", "工资", "底薪", "年入", "月入", "年包", "月钱", "月俸", "年俸", "工钱", "薪") {
		for _, c := range r {
			if ascii(c) || numeral.Digit(c) >= 0 || c == '十' {
				return true
			}
		}
		return has(s, "面议")
	}
	n := 0
	for n < len(r) && (ascii(r[n]) || r[n] == '-' || r[n] == '.' || r[n] == 'k' || r[n] == '~') {
		n++
	}
	return n >= 2 && n == len(r) && r[n-1] == 'k'
}

// years reads 6年, 10年经验, 三年, 外企7年, 5年java开发.
func years(r []rune) bool {
	for i, c := range r {
		if c != '年' || i == 0 {
			continue
		}
		d := 0
		for j := i - 1; j >= 0 && numeral.Digit(r[j]) >= 0; j-- {
			d++
		}
		if i > 1 && r[i-1] == '十' {
			return true
		}
		return d >= 1 && d <= 2
	}
	return false
}
