package sieve

import (
	"math"
	"strings"
	"testing"

	"resumewatch/extractors/fold"
	"resumewatch/extractors/lexicon"
)

func load(t *testing.T) (*Sieve, *lexicon.Lexicon) {
	t.Helper()
	words, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(words, new(fold.Folder))
	if err != nil {
		t.Fatal(err)
	}
	return s, words
}

func TestHolds(t *testing.T) {
	s, _ := load(t)
	for text, want := range map[string]bool{
		"早上好，今天吃什么": true, "这题用动态规划，状态是前i个物品容量j的最大价值，转移自己推": true, "": true,
		"出智联简历，一手2元一份": false, "出 智*聯 間.歷 ，②块⑤一份": false, "收boss企业号": false,
		"智\n联\n简\n历\n两\n块": false, "历简的联智，块两份一": false,
		strings.Repeat("早上好，今天吃什么", 100): false, // too long to be held back
	} {
		if got := s.Holds(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestHoldsDoesNotAllocate(t *testing.T) {
	s, _ := load(t)
	for _, text := range []string{"早上好，今天吃什么", "今天（周三）开会：别迟到！", "ＯＫ，回头见～"} {
		if n := testing.AllocsPerRun(20, func() { s.Holds(text) }); n > 0 {
			t.Errorf("%q: %v allocations", text, n)
		}
	}
}

// A word that came after the training is never held back.
func TestWordsOfAUser(t *testing.T) {
	own := lexicon.Entry{ID: "goods.own", Value: "resume_data", Forms: []string{"今天吃"}, Yes: []string{"今天吃"}, No: []string{"吃"}}
	words, err := lexicon.LoadWith(lexicon.Settings{Entries: []lexicon.Entry{own}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(words, new(fold.Folder))
	if err != nil {
		t.Fatal(err)
	}
	if s.Holds("早上好，今天吃什么") {
		t.Error("held back")
	}
}

func TestRows(t *testing.T) {
	for s, want := range map[string]bool{
		"13800138000\n13800138001": true, "13800138000 13800138001": false, "1234567\n123456": false, "138****8000\n1******\n": true, "": false,
	} {
		if Rows(s) != want {
			t.Errorf("%q", s)
		}
	}
}

func TestLineIsWrittenAndRead(t *testing.T) {
	want, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(string(want.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if got.Weights.Pairs != want.Weights.Pairs || got.Weights.Sounds != want.Weights.Sounds || math.Abs(got.Bound-want.Bound) > 0 || got.Marks != want.Marks || len(got.Weights.Words) != len(want.Weights.Words) {
		t.Error("what is read isn't what was written")
	}
	for _, bad := range []string{"", "line 1", "line 1 2 3 4 x", "line 1 2 3 4 5\npairs 1:x", "line 1 2 3 4 5\npairs 99999:1", "line 1 2 3 4 5\nsounds 1:999", "line 1 2 3 4 5\nword\ta", "line 1 2 3 4 5\nmarks x", "what"} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%q is taken for weights", bad)
		}
	}
}
