package contact_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resumewatch/extractors/contact"
	"resumewatch/extractors/fold"
	"resumewatch/extractors/numeral"
)

func read(text string) contact.Result {
	t := fold.Fold(text)
	return contact.Read(numeral.NewView(t.Folded, t.Span), text, nil)
}

func TestRead(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"QQ:1000012345", "qq:1000012345"},
		{"扣扣 100001234", "qq:100001234"},
		{"企鹅号１００００１２３４", "qq:100001234"},
		{"🐧100 001 234", "qq:100001234"},
		{"加Q一零零零零一二三四", "qq:100001234"},
		{"q1️⃣0️⃣0️⃣0️⃣0️⃣7️⃣", "qq:100007"},
		{"100001234扣我", "qq:100001234"},
		{"Q1ooo0l234", "qq:100001234"},
		{"Q：1.0.0.0.0.5.6.7.8（去点）", "qq:100005678"},
		{"我的Q倒着看：432100001", "qq:100001234"},
		{"备用Q 1000012346，主Q 1000012347", "qq:1000012346 qq:1000012347"},
		{"QQ群100007654", "qq_group:100007654"},
		{"进裙 一零零零零七六五四", "qq_group:100007654"},
		{"QQ 1000055 群 100007654", "qq:1000055 qq_group:100007654"},
		{"微信:demo_seller", "wechat:demo_seller"},
		{"薇❤：Demo_Seller9", "wechat:demo_seller9"},
		{"卫星 demo_seller", "wechat:demo_seller"},
		{"demo(下划线)seller 微", "wechat:demo_seller"},
		{"薇：de星mo星88（星不要）", "wechat:demo88"},
		{"vx：demo◇seller（菱形换下划线）", "wechat:demo_seller"},
		{"微信号abc12", ""},
		{"联系QQ：前五位10000，后五位12345", "qq:1000012345"},
		{"加我Q 10000，后面接上12345", "qq:1000012345"},
		{"Q 一亿零一万二千三百四十五", "qq:100012345"},
		{"Q10a00b01c23d45 去掉英文字母", "qq:1000012345"},
		{"QQ号是1000三个1零零23", "qq:10001110023"},
		{"Q号从右往左读 543210001", "qq:100012345"},
		{"微信倒过来写：98_relles", "wechat:seller_89"},
		{"电话一三八，零零一三，八一一一", "phone:13800138111"},
		{"不会扣扣，电话13800138111", "phone:13800138111"},
		{"kk 1000012345", "qq:1000012345"},
		{"加群 1000 076 54", "qq_group:100007654"},
		{"t 点 me 斜杠 demo_shop1", "telegram:demo_shop1"},
		{"纸鸢：demo_shop1", "telegram:demo_shop1"},
		{"demo_shop at example dot com", "email:demo_shop@example.com"},
		{"VX（去掉空格）demo shop88", "wechat:demoshop88"},
		{"微信1demo2024", ""},
		{"电话138-0013-8111", "phone:13800138111"},
		{"+86 138 0013 8111", "phone:13800138111"},
		{"0086-13800138111", "phone:13800138111"},
		{"幺三八洞洞幺三八幺幺幺", "phone:13800138111"},
		{"手机l38OOl38lll", "phone:13800138111"},
		{"13800138111/15000001111", "phone:13800138111 phone:15000001111"},
		{"电话微信同号 13800138111", "phone:13800138111 wechat:13800138111"},
		{"手机13800138111（微信同号）", "phone:13800138111 wechat:13800138111"},
		{"QQ同微信 1000012345", "qq:1000012345 wechat:1000012345"},
		{"TG @demo_seller", "telegram:demo_seller"},
		{"t点me斜杠demo_seller", "telegram:demo_seller"},
		{"https://t.me/demo_seller", "telegram:demo_seller"},
		{"纸✈️ demo_seller", "telegram:demo_seller"},
		{"邮箱 demo-seller（at）example（dot）cn", "email:demo-seller@example.cn"},
		{"demo_seller#example.com（#换成@）", "email:demo_seller@example.com"},
		{"看 https://Demo.example.com/buy?a=1 下单", "url:https://Demo.example.com/buy?a=1"},
		{"王某 男 15000000222 司机", ""},
		{"张某 138****8000 本科", ""},
		{"单号20231111123456", ""},
		{"110101199001011234", ""},
		{"固话010-12345678", ""},
		{"QQ音乐12345首", ""},
		{"私信我，滴滴", ""},
		{"价格12000，10个起", ""},
		{"群里498人，2021年", ""},
	} {
		var got []string
		for _, c := range read(tt.text).Contacts {
			got = append(got, c.Key())
		}
		if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, d)
		}
	}
}

func TestSpansPointAtTheText(t *testing.T) {
	text := "出数据，加Ｑ１０００ ０１２３４，价好"
	r := read(text)
	if len(r.Spans) != 1 || text[r.Spans[0].Start:r.Spans[0].End] != "１０００ ０１２３４" {
		t.Fatalf("spans %v", r.Spans)
	}
}

func TestTakenIsLeftOut(t *testing.T) {
	text := "微信:demo_seller QQ:1000012345"
	v := numeral.NewView(text, nil)
	r := contact.Read(v, text, []numeral.Range{{Start: 0, End: 14}})
	if len(r.Contacts) != 1 || r.Contacts[0].Key() != "qq:1000012345" {
		t.Fatalf("got %v", r.Contacts)
	}
}

func TestHostileSizes(t *testing.T) {
	for _, unit := range []string{"q", "qq ", "微信", "倒着12345 ", "去掉*", "a*", "@", "a@a.", "1-", "1 ", "同", "t.me/", "http://", "(下划线)", "一", "加我", "o", "l1"} {
		start := time.Now()
		r := read(strings.Repeat(unit, 100_000/len(unit)))
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%q repeated: %v", unit, took)
		}
		if len(r.Contacts) > 64 {
			t.Errorf("%q repeated: %d contacts", unit, len(r.Contacts))
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"加Q一零零零零一二三四", "薇：de星mo星88（星不要）", "t点me斜杠demo_seller", "a@b.cn#去掉*倒着", "\xff@\xfe.com", "http://", "+86 138 0013 8111"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := read(text)
		if len(r.Spans) != len(r.Contacts) {
			t.Fatalf("%d spans for %d contacts", len(r.Spans), len(r.Contacts))
		}
		for i, s := range r.Spans {
			if s.Start < 0 || s.End > len(text) || s.Start >= s.End {
				t.Fatalf("span %v of %d bytes", s, len(text))
			}
			if r.Contacts[i].Value == "" || r.Contacts[i].Kind == "" {
				t.Fatalf("contact %+v", r.Contacts[i])
			}
		}
	})
}
