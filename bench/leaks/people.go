package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// Kinds of personal values. Those with a shape can be told from other text by their
// form alone; names of all others carry their meaning in words.
const (
	phone    = "phone"
	identity = "id_number"
	mailbox  = "mailbox"
	card     = "bank_card"

	name     = "name"
	school   = "school"
	employer = "employer"
	address  = "address"
	birthday = "birthday"
)

func shaped(kind string) bool {
	return kind == phone || kind == identity || kind == mailbox || kind == card
}

// person is somebody who is nobody: each value occurs once in a world, and none of
// the pairs of characters in the names stands anywhere else.
type person struct {
	name, phone, mail, id, card       string
	school, employer, address, gender string
	born                              time.Time
}

func (p person) value(kind string) string {
	switch kind {
	case phone:
		return p.phone
	case identity:
		return p.id
	case mailbox:
		return p.mail
	case card:
		return p.card
	case name:
		return p.name
	case school:
		return p.school
	case employer:
		return p.employer
	case address:
		return p.address
	}
	return p.born.Format("2006-01-02")
}

// Characters that are in no other text of a world, a pool for each use.
var pools = map[string][]rune{
	name:     []rune("溟岫霁蘅湉珩昶翮舸珞琬祺筠芊苡荇菡萱葭蓁"),
	school:   []rune("榕桐梓楠楹榆槿樱橡檀"),
	employer: []rune("鑫铎锴镕钰铭铠锃镝鋆"),
	address:  []rune("澧沅潇湄渌沣洮浔滇濮"),
	"chat":   []rune("蜻蜓蝌蚪蟋蟀螳螂蜈蚣蝙蝠鹦鹉鹧鸪鸳鸯麒麟貔貅蚯蚓蜥蜴蚱蜢"),
}

// pair is the nth pair of different characters of a pool, in an order of its own.
type pairs struct {
	pool  []rune
	order []int
	next  int
}

func newPairs(r *rand.Rand, use string) *pairs {
	pool := pools[use]
	return &pairs{pool: pool, order: r.Perm(len(pool) * (len(pool) - 1))}
}

func (p *pairs) take() string {
	n := p.order[p.next%len(p.order)]
	p.next++
	i, j := n/(len(p.pool)-1), n%(len(p.pool)-1)
	if j >= i {
		j++
	}
	return string([]rune{p.pool[i], p.pool[j]})
}

var (
	surnames = []string{"张", "王", "李", "赵", "刘", "陈", "杨", "黄", "周", "吴", "徐", "孙", "朱", "胡", "林", "郭", "何", "高", "罗"}
	cities   = []string{"上海", "北京", "广州", "深圳", "杭州", "苏州", "成都", "武汉", "西安", "南京"}
	degrees  = []string{"大专", "本科", "硕士"}
	trades   = []string{"销售", "客服", "会计", "前台", "店长", "出纳", "产品经理", "护士", "文员"}
)

// invent makes so many people. Phones are 15000000000–15000009999, mails at
// example.com, example.cn and qq.example; identity numbers have a wrong check
// character and card numbers a bank that is none.
func invent(r *rand.Rand, n int) []person {
	names, schools, employers, streets := newPairs(r, name), newPairs(r, school), newPairs(r, employer), newPairs(r, address)
	tails := r.Perm(10000)[:n]
	out := make([]person, n)
	for i := range out {
		p := &out[i]
		p.name = surnames[r.IntN(len(surnames))] + names.take()
		p.phone = fmt.Sprintf("1500000%04d", tails[i])
		p.mail = fmt.Sprintf("u%sz%d@%s", strconv.FormatUint(r.Uint64()>>28, 36), i, []string{"example.com", "example.cn", "qq.example"}[i%3])
		p.gender = []string{"男", "女"}[r.IntN(2)]
		p.born = time.Date(1966, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i*29+r.IntN(29))
		p.id = wrongID(fmt.Sprintf("110101%s%03d", p.born.Format("20060102"), r.IntN(1000)))
		p.card = luhn(fmt.Sprintf("62000000%010d", r.IntN(1e9)*7+i))
		// Pairs of a small pool come round again: a number tells those apart.
		p.school = schools.take() + "第" + strconv.Itoa(i+1) + "大学"
		p.employer = employers.take() + strconv.Itoa(i+1) + "科技有限公司"
		p.address = cities[r.IntN(len(cities))] + "市" + streets.take() + "路" + strconv.Itoa(i+1) + "号"
	}
	return out
}

// wrongID adds a check character that can't be.
func wrongID(s string) string {
	weights := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return s + string("10X98765432"[(sum+1)%11])
}

// luhn adds the check digit.
func luhn(s string) string {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return s + strconv.Itoa((10-sum%10)%10)
}
