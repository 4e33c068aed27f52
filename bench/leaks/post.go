package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// planted is one value or marker that stands somewhere in what is read.
type planted struct {
	kind    string // of a person's value; "" for a marker of a text
	norm    string // as it would be stored if somebody took it for that value
	written string // as it stands there
	how     string // disguise
	where   string // layout or place
	post    *post  // nil: in no post
	found   bool   // a record that the extractor found is this person's
}

// post is one message of the archive or the board.
type post struct {
	title, text string
	nick        string // of its author
	uin         int
	shows       int  // people whose records it shows as a sample
	form        bool // the layout is one that extractors/sample reads
	values      []*planted

	listing, found bool // what the extractor says of it
}

// layout writes records as sellers do.
type layout struct {
	name  string
	form  bool     // has a form: rows, labels, a document
	kinds []string // what of each person it shows
	write func(w *writing, people []person) string
}

// writing fills layouts and notes what it wrote.
type writing struct {
	r    *rand.Rand
	post *post
	at   string // where
}

// v writes a value of a person, in one of its disguises.
func (w *writing) v(p person, kind string) string {
	text, how := hide(w.r, kind, p.value(kind))
	return w.note(p.value(kind), kind, text, how)
}

func (w *writing) note(norm, kind, text, how string) string {
	w.post.values = append(w.post.values, &planted{kind: kind, norm: norm, written: text, how: how, where: w.at, post: w.post})
	return text
}

// flat is v in one line: a row of cells can't go over two.
func (w *writing) flat(p person, kind string) string {
	for {
		text, how := hide(w.r, kind, p.value(kind))
		if !strings.ContainsAny(text, "\n") {
			return w.note(p.value(kind), kind, text, how)
		}
	}
}

func (w *writing) age(p person) string { return fmt.Sprint(2024 - p.born.Year()) }

func (w *writing) degree() string { return degrees[w.r.IntN(len(degrees))] }
func (w *writing) trade() string  { return trades[w.r.IntN(len(trades))] }

func rows(sep string, extra bool) func(*writing, []person) string {
	return func(w *writing, people []person) string {
		var lines []string
		for _, p := range people {
			cells := []string{w.v(p, name), p.gender, w.age(p), w.flat(p, phone), w.flat(p, mailbox), w.degree(), w.v(p, school), w.v(p, employer), w.trade()}
			if extra {
				cells = append(cells, w.flat(p, identity), w.v(p, address))
			}
			lines = append(lines, strings.Join(cells, sep))
		}
		return strings.Join(lines, "\n")
	}
}

var layouts = []layout{
	{"tabs", true, nil, rows("\t", true)},
	{"pipes", true, nil, rows("|", false)},
	{"slashes", true, nil, rows("/", false)},
	{"commas", true, nil, rows("，", true)},
	{"spaces", true, nil, rows("  ", false)},
	{"labelled lines", true, nil, func(w *writing, people []person) string {
		var out []string
		for _, p := range people {
			out = append(out, "姓名："+w.v(p, name)+"\n性别："+p.gender+"\n出生日期："+w.v(p, birthday)+"\n手机："+w.v(p, phone)+"\n邮箱："+w.v(p, mailbox)+
				"\n身份证号："+w.v(p, identity)+"\n毕业院校："+w.v(p, school)+"\n工作单位："+w.v(p, employer)+"\n现住址："+w.v(p, address)+"\n")
		}
		return strings.Join(out, "\n")
	}},
	{"labels in a line", true, nil, func(w *writing, people []person) string {
		var out []string
		for _, p := range people {
			out = append(out, "姓名:"+w.v(p, name)+" 性别:"+p.gender+" 年龄:"+w.age(p)+" 电话:"+w.flat(p, phone)+" 学历:"+w.degree()+" 学校:"+w.v(p, school)+" 公司:"+w.v(p, employer))
		}
		return strings.Join(out, "\n")
	}},
	{"table", true, nil, func(w *writing, people []person) string {
		out := []string{"姓名\t性别\t年龄\t手机号\t邮箱\t学校\t公司\t住址\t银行卡"}
		for _, p := range people {
			out = append(out, strings.Join([]string{w.v(p, name), p.gender, w.age(p), w.flat(p, phone), w.flat(p, mailbox), w.v(p, school), w.v(p, employer), w.v(p, address), w.flat(p, card)}, "\t"))
		}
		return strings.Join(out, "\n")
	}},
	{"document", true, nil, func(w *writing, people []person) string {
		var out []string
		for _, p := range people {
			b, err := json.Marshal(map[string]string{"name": w.v(p, name), "gender": p.gender, "phone": w.note(p.phone, phone, p.phone, "plain"), "email": w.note(p.mail, mailbox, p.mail, "plain"), "school": w.v(p, school), "company": w.v(p, employer)})
			if err != nil {
				panic(err) // a map of strings
			}
			out = append(out, string(b))
		}
		return strings.Join(out, "\n")
	}},
	{"masked rows", true, nil, func(w *writing, people []person) string {
		var out []string
		for _, p := range people {
			half := p.phone[:3] + "****" + p.phone[7:]
			out = append(out, strings.Join([]string{string([]rune(p.name)[:1]) + "**", p.gender, w.age(p), w.note(half, "masked", half, "masked by the seller"), w.degree(), w.v(p, school), w.v(p, employer)}, " | "))
		}
		return strings.Join(out, "\n")
	}},
	{"grown together", true, nil, func(w *writing, people []person) string {
		var out []string
		for _, p := range people {
			out = append(out, w.v(p, name)+" "+p.gender+w.age(p)+"岁 "+w.note(p.phone, phone, p.phone, "plain")+" "+w.v(p, school))
		}
		return strings.Join(out, "\n")
	}},
	{"prose", false, nil, func(w *writing, people []person) string {
		var out []string
		for _, p := range people {
			out = append(out, "比如"+w.v(p, name)+"，"+w.v(p, school)+"毕业，在"+w.v(p, employer)+"做"+w.trade()+"，家住"+w.v(p, address)+"，手机是"+w.v(p, phone)+"，信箱"+w.v(p, mailbox)+"。")
		}
		return strings.Join(out, "\n")
	}},
	{"names alone", false, nil, func(w *writing, people []person) string {
		var out []string
		for _, p := range people {
			out = append(out, w.v(p, name)+"（"+w.v(p, school)+"）")
		}
		return strings.Join(out, "、")
	}},
	{"numbers alone", false, nil, func(w *writing, people []person) string {
		var out []string
		for _, p := range people {
			out = append(out, w.v(p, phone), w.v(p, identity), w.v(p, card))
		}
		return strings.Join(out, "\n")
	}},
	{"a column", false, nil, func(w *writing, people []person) string {
		var out []string
		for _, p := range people {
			out = append(out, w.v(p, name)+"\n"+p.gender+"\n"+w.v(p, phone)+"\n"+w.v(p, employer)+"\n"+w.v(p, mailbox)+"\n"+w.v(p, card))
		}
		return strings.Join(out, "\n\n")
	}},
	{"quoted marks", false, nil, func(w *writing, people []person) string {
		var out []string
		for _, p := range people {
			out = append(out, "「"+w.v(p, name)+"」「"+w.v(p, phone)+"」“"+w.v(p, mailbox)+"”《"+w.v(p, school)+"》")
		}
		return strings.Join(out, "\n")
	}},
}

var heads = []string{
	"出售智联简历，一手，2元一份，100份起，量大从优", "出猎聘简历数据 3万条 打包2000", "长期出招聘网简历，前程无忧 58都有，当天更新\n价格：0.5元/份，1000以上0.3元",
	"代下智联简历，1.5元一份，秒出", "BOSS直聘简历 一毛五一条 日更", "有智联内部渠道，实时简历，日更300，2块一条，包月500",
}

// offer is a listing that shows people.
func offer(r *rand.Rand, l layout, people []person, seller int) *post {
	p := &post{uin: seller, shows: len(people), form: l.form, nick: "卖家" + fmt.Sprint(seller%1000)}
	w := &writing{r: r, post: p, at: l.name}
	p.text = heads[r.IntN(len(heads))] + "\n样本：\n" + l.write(w, people) + "\n" + contactOf(seller)
	return p
}

// contactOf is how a seller can be reached; sellers' numbers are nobody's value.
func contactOf(seller int) string {
	switch n := seller % 10000; seller % 4 {
	case 0:
		return fmt.Sprintf("微信 demo_jl%04d", n)
	case 1:
		return fmt.Sprintf("电话%d微信同号", 13800138000+seller%1000)
	case 2:
		return fmt.Sprintf("邮箱 demo%04d@example.cn 加QQ%d", n, seller)
	}
	return fmt.Sprintf("加QQ%d", seller)
}

// talk is a post that offers nothing: its marker must be found nowhere.
func talk(r *rand.Rand, marker string, p *person, member int) *post {
	q := &post{uin: member, nick: "路人" + fmt.Sprint(member%1000)}
	w := &writing{r: r, post: q, at: "talk"}
	w.note(marker, "", marker, "plain")
	switch {
	case p == nil:
		q.text = []string{"昨天看到" + marker + "了，好漂亮", marker + "有人一起去看吗", "大家周末都去" + marker + "那边吧", "笑死，" + marker + "哈哈哈", "楼上说的" + marker + "是真的"}[r.IntN(5)]
	case r.IntN(2) == 0:
		q.text = "个人求职\n姓名：" + w.v(*p, name) + "\n学历：" + w.degree() + "\n学校：" + w.v(*p, school) + "\n求职意向：" + w.trade() + "，" + marker + "那边也行\n电话：" + w.v(*p, phone) + "\n邮箱：" + w.v(*p, mailbox) + "\n随时到岗，谢谢各位"
	default:
		q.text = marker + "的事情可以问" + w.v(*p, name) + "，他电话" + w.v(*p, phone) + "，在" + w.v(*p, employer) + "上班"
	}
	return q
}
