package console

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"resumewatch/internal/market"
	"resumewatch/internal/query"
	"resumewatch/internal/queue"
)

func TestPieces(t *testing.T) {
	text := "出智联简*历 2元一条"
	l := &market.Listing{Platforms: []string{"zhaopin"}, Goods: []string{market.GoodsResumeData}, Prices: []market.Price{{Amount: "2", Currency: market.CurrencyCNY, Per: market.PerItem}}}
	at := func(part string) (int, int) { i := strings.Index(text, part); return i, i + len(part) }
	span := func(field, part string) market.Span {
		start, end := at(part)
		return market.Span{Field: field, Start: start, End: end}
	}
	start, end := at("简*历")
	got := pieces(text, []query.Mark{{Start: start, End: end}}, readings(chinese, l, []market.Span{
		span("/prices/0", "2元一条"), span("/platforms/0", "智联"), span("/goods/0", "智联简*历"), span("/goods/7", "出"), {Field: "/prices/0", Start: 1, End: 2}, {Field: "/prices/0", Start: 5, End: 1 << 40},
	}, text))
	want := []piece{
		{Text: "出"}, {Text: "智联", Kind: "platform", Label: "智联招聘"}, {Text: "简*历", Hit: true, Kind: "goods", Label: "简历数据"}, {Text: " "},
		{Text: "2元一条", Kind: "price", Label: "2 元/条"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func FuzzPieces(f *testing.F) {
	f.Add("出智联简*历 2元一条", "简历", 3, 9, 0, 100)
	f.Add("\xff\xfe简", "a", -1, 1, 2, 2)
	f.Fuzz(func(t *testing.T, text, q string, a, b, c, d int) {
		tree, err := query.Parse(q, time.Time{}, nil)
		if err != nil {
			return
		}
		l := &market.Listing{Prices: []market.Price{{Amount: "1"}}, Goods: []string{"x"}}
		marks := query.Highlight(tree, text)
		read := readings(english, l, []market.Span{{Field: "/prices/0", Start: a, End: b}, {Field: "/goods/0", Start: c, End: d}}, text)
		all := pieces(text, marks, read)
		if got := joinPieces(all); got != text {
			t.Fatalf("%q became %q", text, got)
		}
		open, rest := unfold(all)
		if joinPieces(open)+joinPieces(rest) != text || utf8.RuneCountInString(joinPieces(open)) > openRunes {
			t.Fatal("folding away changes the text")
		}
		cut := cutExcerpt(text, marks)
		if part := joinPieces(cut.Pieces); !strings.Contains(text, part) || utf8.RuneCountInString(part) > excerptRunes || !cut.Before && !strings.HasPrefix(text, part) {
			t.Fatalf("excerpt %q of %q", part, text)
		}
		if hit := slices.ContainsFunc(cut.Pieces, func(p piece) bool { return p.Hit }); !hit && len(marks) > 0 {
			t.Fatalf("the excerpt of %q shows no hit of %q", text, q)
		}
		if s := tame(text); utf8.RuneCountInString(s) > tamedRunes+1 || strings.ContainsAny(s, "\n\u202e\x1b") {
			t.Fatalf("%q is wild", s)
		}
	})
}

func joinPieces(all []piece) string {
	var b strings.Builder
	for _, p := range all {
		b.WriteString(p.Text)
	}
	return b.String()
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		price  market.Price
		zh, en string
	}{
		{market.Price{Amount: "2", AmountMax: "3", Currency: "CNY", Per: "item", MinQuantity: 100}, "2–3 元/条，100 起", "2–3 CNY each, from 100"},
		{market.Price{Amount: "3000", Currency: "CNY", Per: "lot"}, "3000 元 整批", "3000 CNY for the lot"},
		{market.Price{Amount: "50", Currency: "USDT", Per: "lot", MinQuantity: 20000}, "50 USDT 买 2 万", "50 USDT for 20,000"},
		{market.Price{Amount: "1", Currency: "CNY", Per: "unknown"}, "1 元", "1 CNY"},
	} {
		if zh, en := chinese.price(c.price), english.price(c.price); zh != c.zh || en != c.en {
			t.Errorf("%q, %q", zh, en)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 10_000: "1 万", 305_000: "30.5 万", 12_345: "12,345", 1_234_567: "1,234,567", -1234: "-1,234"} {
		if got := chinese.number(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
	// Every word of the closed sets has a name in both languages.
	sets := map[string][]string{
		"side": {market.SideSell, market.SideBuy}, "currency": {market.CurrencyCNY, market.CurrencyUSDT},
		"goods":          {market.GoodsResumeData, market.GoodsDownloadService, market.GoodsRecruiterAccount, market.GoodsAccountRegistration, market.GoodsScrapingTool},
		"grade":          {market.GradeFirstHand, market.GradeSecondHand},
		"platform":       strings.Fields("zhaopin 51job liepin boss 58 ganji lagou maimai linkedin chinahr doumi yupao kanzhun dajie yjs other"),
		"contact":        {market.ContactQQ, market.ContactQQGroup, market.ContactWeChat, market.ContactPhone, market.ContactTelegram, market.ContactEmail, market.ContactURL},
		"unit":           {market.PerItem, market.PerThousandItems, market.PerTenThousandItems, market.PerAccount, market.PerDay, market.PerWeek, market.PerMonth, market.PerYear, market.PerSet, market.PerLot, market.PerUnknown},
		"state":          {market.PostThere, market.PostChanged, market.PostGone, market.PostVerifiedGone, market.PostUnknown},
		"alert_severity": severities, "alert_state": alertStates, "alert_kind": alertKinds,
		"sample_field": strings.Fields("name gender age birth_date phone email id_number photo region address education school work_experience employer position salary marital_status resume_id active_time wechat qq"),
		"flag": {market.FlagTZAssumed, market.FlagTZSuspect, market.FlagPlaceAssumed, market.FlagYearAssumed, market.FlagDateAssumed, market.FlagNestedSuspect, market.FlagTruncated, market.FlagBadBytes, market.FlagForwarded,
			market.FlagNameOnly, market.FlagHidden, market.FlagEdited, market.FlagTimeRelative, market.FlagTimeUnknown, market.FlagPrecisionMin, market.FlagPrecisionHour, market.FlagPrecisionDay},
		"health":     {healthOK, healthOnDemand, healthPaused, healthEnded, healthSilent, healthNever, healthLoginWall, healthBlocked, healthRobots, healthError, healthUnread},
		"health.why": {healthOK, healthOnDemand, healthPaused, healthEnded, healthSilent, healthNever, healthLoginWall, healthBlocked, healthRobots, healthError, healthUnread},
		"task":       {string(queue.StateActive), string(queue.StatePending), string(queue.StateScheduled)},
	}
	for _, o := range market.Outcomes {
		sets["outcome"] = append(sets["outcome"], string(o))
	}
	for set, values := range sets {
		for _, v := range values {
			for _, l := range languages {
				if l.named(set, v) == "" {
					t.Errorf("%s.%s has no name in %s", set, v, l)
				}
			}
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, ok := range []string{"https://bbs.example.com/thread-1-1-1.html#pid7", "http://127.0.0.1:8080/"} {
		if webAddress(ok) != ok {
			t.Errorf("%s is none", ok)
		}
	}
	for _, bad := range []string{"javascript:alert(1)", "JAVASCRIPT://x/%0aalert(1)", " https://x", "data:text/html,x", "//x/y", "/x", "", "https://u:p@x/", "https://", "file:///etc/passwd", "https://x/" + strings.Repeat("a", 3000)} {
		if got := webAddress(bad); got != "" {
			t.Errorf("%q may be a link: %q", bad, got)
		}
	}
	for value, want := range map[string]string{"1000012345": "qq:1000012345", "人 事": `qq:"人 事"`, `a"b`: "", "": "", "a(b": `qq:"a(b"`, "x\ny": ""} {
		if got := field("qq", value); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}

// TestQueueThatHangs: nobody waits for a Redis that neither answers nor refuses, and
// those who come again don't pile up behind it.
func TestQueueThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		let := make(chan struct{})
		asked := 0
		c := &Console{Options: Options{Log: slog.New(slog.DiscardHandler), Rooms: Rooms{Queue: func(context.Context, int) (queue.View, error) {
			asked++
			<-let
			return queue.View{}, nil
		}}}}
		room := newQueueRoom(c)
		for range 3 {
			began := time.Now()
			if _, err := room.look(t.Context()); !errors.Is(err, errAway) || time.Since(began) > queuePatience {
				t.Errorf("%v after %s", err, time.Since(began))
			}
		}
		synctest.Wait() // also for the race detector: the asker has written
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
		close(let)
		synctest.Wait()
		if _, err := room.look(t.Context()); err != nil {
			t.Errorf("when it is back: %v", err)
		}
	})
}

// TestQueueThatPanics: nothing that lies in a Redis ends the console.
func TestQueueThatPanics(t *testing.T) {
	c := &Console{Options: Options{Log: slog.New(slog.DiscardHandler), Rooms: Rooms{Queue: func(context.Context, int) (queue.View, error) { panic("odd") }}}}
	room := newQueueRoom(c)
	for range 2 {
		if _, err := room.look(t.Context()); err == nil || errors.Is(err, errAway) {
			t.Error(err)
		}
	}
}

// TestMistakesInChinese: every mistake that the query language can word has Chinese words.
func TestMistakesInChinese(t *testing.T) {
	for _, q := range []string{
		strings.Repeat("x", query.MaxLength+1), "a)", "(a", "(", "()", `"a`, "a OR", "OR a", "(OR a)", "( a OR )", "-", strings.Repeat("(", 40) + "a" + strings.Repeat(")", 40), "★", "nofield:x", "qq:(a OR b)", "qq:", "price:..",
		"price:x", "price:1" + strings.Repeat("0", 400), "price:3..1", "posted:x", "posted:..", "posted:2026-03..2026-01", "qq:abc", "side:neither", `platform:"no\nline"`, "posted:2026-01..x", "stock:1..x",
		"seller:a seller:b seller:c seller:d seller:e seller:f seller:g seller:h seller:i seller:j seller:k seller:l seller:m seller:n seller:o seller:p seller:q seller:r seller:s seller:t seller:u",
	} {
		n, err := query.Parse(q, time.Time{}, nil)
		if err == nil {
			_, err = query.Resolve(n, func(string, string) ([]string, error) { return nil, nil })
		}
		bad, ok := errors.AsType[*query.Error](err)
		if !ok {
			t.Errorf("%.40q is no mistake: %v", q, err)
			continue
		}
		if zh := chinese.mistakeText(bad.Message); zh == bad.Message || !strings.ContainsFunc(zh, func(r rune) bool { return r > 0x4e00 }) {
			t.Errorf("%.40q: %s", q, zh)
		}
		if english.mistakeText(bad.Message) != bad.Message {
			t.Error("the English changes")
		}
	}
}
