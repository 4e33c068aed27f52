package lexicon

import (
	"slices"
	"testing"

	"resumewatch/extractors/fold"
)

// Each way of disguise is found by its channel, in words that no data file has.
func TestChannels(t *testing.T) {
	l := load(t)
	for _, c := range []struct {
		text, id string
		channel  Channel
	}{
		{"矢口日 耳关 的 竹间 厂力", "platform.zhaopin", Split},
		{"犭昔 耳甹 的简历", "platform.liepin", Split},
		{"收 猎*简*", "platform.liepin", Masked},
		{"收 猎*简*", "goods.resume", Masked},
		{"猎苹的简历", "platform.liepin", Dialect},
		{"伍捌的简历", "platform.58", Plain},
		{"nipeil 企业号", "platform.liepin", Turned},
		{"智府的简历", "platform.zhaopin", Plain},
	} {
		x := fold.Fold(c.text)
		hits := l.Find(&x)
		if !slices.ContainsFunc(hits, func(h Hit) bool { return h.Entry.ID == c.id && h.Channel == c.channel }) {
			t.Errorf("%q: no %s by channel %d in %v", c.text, c.id, c.channel, hits)
		}
	}
}

// What is only nearly heard, or half hidden, says nothing by itself.
func TestFarChannelsNeedCompany(t *testing.T) {
	l := load(t)
	for _, text := range []string{"猎苹树", "某联大学", "质量不错", "拿了奖励", "今天认真干活"} {
		x := fold.Fold(text)
		for _, h := range l.Find(&x) {
			if h.Channel == Dialect || h.Channel == Masked {
				t.Errorf("%q: %s by channel %d", text, h.Entry.ID, h.Channel)
			}
		}
	}
}

func TestGistKnowsBackwardAndHidden(t *testing.T) {
	l := load(t)
	if g := l.Gist("历简联智"); !g.Has(MarkBack) {
		t.Error("a text from its end is not noticed")
	}
	if g := l.Gist("智*的简*"); !g.Has(MarkGoods) || !g.Has(MarkVague) {
		t.Errorf("hidden words are not noticed: %b", g.Marks)
	}
}
