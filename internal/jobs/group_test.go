package jobs_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"resumewatch/crawlers/forum/discuztest"
	"resumewatch/internal/casebook"
)

// adverts of a small world of sellers: some repeat themselves, some say no
// contact, some give two.
func adverts(r *rand.Rand, n int) []message {
	texts := []string{
		"出智联一手简历，%d元一份，100份起，先看样后付款，长期合作，量大从优",
		"代下前程无忧简历，%d块一条，当天出，假一赔十，老客户优先",
		"BOSS企业号出租，%d一个月，带下载点数，非诚勿扰，需要的来",
	}
	contacts := []string{"", "", "，加QQ 1000012345", "，加QQ 1000067890", "，微信 example_wx_01", "，QQ 1000012345 微信 example_wx_02", "，QQ1000023456 或微信 example_wx_01"}
	var out []message
	for i := range n {
		text := fmt.Sprintf(texts[r.IntN(len(texts))], 2+r.IntN(2)) + contacts[r.IntN(len(contacts))]
		out = append(out, message{second: i * 61, who: []string{"1000012345", "1000067890", "1000055555"}[r.IntN(3)], text: text})
	}
	return out
}

// However the listings come, in whatever order and however many at a time, the
// offers and alerts are those of all of them at once.
func TestGroupOrder(t *testing.T) {
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 7))
		all := adverts(r, 24)
		at := func(name string) []byte { return exported(chat{"一群", all}) }
		once := newWorld(t)
		run := once.run()
		once.order(run, "all.txt", at("all.txt"))
		once.finish(run)
		want := once.dump()
		if strings.Count(want, `"kind":"offer"`) < 3 || strings.Count(want, `"kind":"offer"`) == len(all) {
			t.Fatalf("a world without groups:\n%s", want)
		}
		for try := range 2 {
			w := newWorld(t)
			order := r.Perm(len(all))
			for i := 0; len(order) > 0; i++ {
				n := min(3+r.IntN(8), len(order))
				some := slices.Sorted(slices.Values(order[:n]))
				order = order[n:]
				var part []message
				for _, j := range some {
					part = append(part, all[j])
				}
				run := w.run()
				w.order(run, fmt.Sprintf("part-%d.txt", i), exported(chat{"一群", part}))
				for w.progress(run).Open > 0 {
					_, errs := w.once(run)
					for _, err := range errs {
						t.Fatal(err)
					}
				}
				if r.IntN(2) == 0 {
					w.consume()
				}
			}
			w.consume()
			w.same(fmt.Sprintf("seed %d, try %d: dump", seed, try), want, w.dump())
		}
	}
}

// A listing without contacts that stood between two sellers joins the one that
// is left when the other's advert is taken away.
func TestGroupAfterWithdrawal(t *testing.T) {
	w := newWorld(t)
	const near = "出智联一手简历，%s一份，100份起，先看样后付款，长期合作，量大从优，诚信第一，非诚勿扰"
	bare := fmt.Sprintf(near, "2元")
	run := w.run()
	w.order(run, "chat.txt", exported(chat{"一群", []message{{0, seller, bare}}}))
	w.finish(run)
	s := w.site(discuztest.Style{})
	s.AddBoard(discuztest.Board{ID: 2, Name: "资源"})
	like := fmt.Sprintf(near, "3元") + "\nQQ " + seller + " 微信 example_wx_01"
	agrees := "智联简历现货，每条2元，100条起卖，要的联系 QQ " + seller + " 或者微信 example_wx_02"
	for i, text := range []string{like, agrees} {
		s.AddThread(discuztest.Thread{Board: 2, Title: "看看", Posts: []*discuztest.Post{{Author: discuztest.User{ID: 50 + i, Name: "卖家"}, At: w.Now().Add(-time.Hour), Text: text}}})
	}
	src := w.source(s, s.boardURL(), nil)
	w.crawl(src)
	offers := func() map[string]string {
		out := map[string]string{}
		for text, r := range w.rows() {
			if !r.Live {
				continue
			}
			switch {
			case strings.Contains(text, "example_wx_01"):
				out["like"] = r.OfferID
			case strings.Contains(text, "example_wx_02"):
				out["agrees"] = r.OfferID
			default:
				out["bare"] = r.OfferID
			}
		}
		return out
	}
	o := offers()
	if len(o) != 3 || o["bare"] == o["like"] || o["bare"] == o["agrees"] || o["like"] == o["agrees"] {
		t.Fatalf("offers before: %v", o)
	}
	w.must(s.Change(2, func(p *discuztest.Post) { p.Text = "已处理" }))
	w.clock.add(time.Minute)
	run = w.begin(src, true)
	w.finish(run)
	o = offers()
	if len(o) != 2 || o["bare"] != o["like"] || o["bare"] == "" {
		t.Errorf("offers after the withdrawal: %v", o)
	}
	w.must(s.Change(2, func(p *discuztest.Post) { p.Text = agrees }))
	w.clock.add(time.Minute)
	run = w.begin(src, true)
	w.finish(run)
	o = offers()
	if len(o) != 3 || o["bare"] == o["like"] {
		t.Errorf("offers when it is back: %v", o)
	}
	if n := w.progress(run).Counts[casebook.CountOffers]; n < 0 {
		t.Errorf("%d new offers", n)
	}
}

// Guests of a forum are not one seller because they agree on goods and price.
func TestGroupGuests(t *testing.T) {
	w := newWorld(t)
	s := w.site(discuztest.Style{})
	s.AddBoard(discuztest.Board{ID: 2, Name: "资源"})
	for i, text := range []string{"出智联一手简历，2元一份，100份起，先看样后付款，长期合作，诚信第一", "智联简历现货转让：每条2元，100条起卖，老客户可以先发货，私聊我"} {
		s.AddThread(discuztest.Thread{Board: 2, Title: "看看", Posts: []*discuztest.Post{{Author: discuztest.User{Name: "匿名"}, At: w.Now().Add(-time.Duration(i+1) * time.Hour), Text: text}}})
	}
	w.crawl(w.source(s, s.boardURL(), nil))
	offers := map[string]bool{}
	for _, r := range w.rows() {
		offers[r.OfferID] = true
		if r.Author.ID != "" {
			t.Errorf("a guest has the id %s", r.Author.ID)
		}
	}
	w.same("offers", 2, len(offers))
}
