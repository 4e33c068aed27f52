package suggest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// trade is a message that sells a word at the place of goods.
func trade(word string, i int) Message {
	text := fmt.Sprintf("出%s，%d块，加我%c", word, i, 'a'+rune(i%26))
	return Message{
		Folded: text, Trades: true, Marks: []Mark{{0, 3, Side}}, Shown: strings.ReplaceAll(text, "加我", "＊＊"),
		At: func(at int) int { return at },
	}
}

func mined(n int) *Miner {
	m := New()
	for i := range n {
		m.Add(trade("莲子", i))
		m.Add(Message{Folded: fmt.Sprintf("今天吃饭第%d次，大家一起", i)})
	}
	return m
}

func never(string) bool     { return false }
func nothing(string) string { return "" }

func TestCandidates(t *testing.T) {
	all := mined(40).Candidates(3, never, nothing)
	if len(all) == 0 || all[0].Text != "莲子" {
		t.Fatalf("candidates %+v", all)
	}
	c := all[0]
	if c.Count != 26 || c.Elsewhere != 0 || c.Slots != 26 || c.Kind != "goods" || len(c.Contexts) == 0 || len(c.Contexts) > maxContexts {
		t.Errorf("candidate %+v", c)
	}
	for _, s := range c.Contexts {
		if strings.Contains(s, "加我") || !strings.Contains(s, "莲子") {
			t.Errorf("context %q", s)
		}
	}
	if slices.ContainsFunc(all, func(c Candidate) bool { return c.Text == "吃饭" }) {
		t.Error("a word of ordinary talk is suggested")
	}
	known := mined(40).Candidates(3, func(s string) bool { return s == "莲子" }, nothing)
	if slices.ContainsFunc(known, func(c Candidate) bool { return c.Text == "莲子" }) {
		t.Error("a known word is suggested")
	}
}

func TestRepeatedAdvertsCountOnce(t *testing.T) {
	m := New()
	for range 100 {
		m.Add(trade("莲子", 1))
	}
	if n, _ := m.Counts(); n != 1 {
		t.Errorf("%d messages", n)
	}
	if all := m.Candidates(2, never, nothing); len(all) != 0 {
		t.Errorf("candidates %+v", all)
	}
}

func TestRoomIsBounded(t *testing.T) {
	m := New()
	long := strings.Repeat("甲乙丙丁戊己庚辛", 500)
	for i := range mostText/mostEach + 50 {
		m.Add(trade(long+fmt.Sprint(i, "号"), i))
		if i == 5 && m.bytes == 0 {
			t.Fatal("nothing is kept")
		}
	}
	if m.bytes > mostText {
		t.Errorf("%d bytes are kept", m.bytes)
	}
}

func TestSameInSameOut(t *testing.T) {
	a, b := mined(30).Candidates(2, never, nothing), mined(30).Candidates(2, never, nothing)
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Error("two runs differ")
	}
}

func TestEntryIsYAML(t *testing.T) {
	for _, c := range []Candidate{{Text: "莲子", Kind: "goods"}, {Text: "智l", Kind: "platform"}, {Text: "abc", Kind: "grade"}} {
		var out []struct {
			ID      string
			Forms   []string
			Yes, No []string
		}
		if err := yaml.Unmarshal([]byte(c.Entry("莲藕: 好吃")), &out); err != nil || len(out) != 1 || out[0].Forms[0] != c.Text || out[0].No[0] != "莲藕: 好吃" {
			t.Errorf("%s: %+v, %v", c.Text, out, err)
		}
	}
}

func TestUnlike(t *testing.T) {
	lines := []string{"今天下雨", "莲藕汤很好喝", "莲子羹"}
	if got := Unlike("莲子", lines); got != "莲藕汤很好喝" {
		t.Errorf("%q", got)
	}
	if got := Unlike("某某", lines); got == "" || strings.Contains(got, "某") {
		t.Errorf("%q", got)
	}
}

func FuzzMiner(f *testing.F) {
	f.Add("出莲子，2块", 0, 3)
	f.Fuzz(func(t *testing.T, s string, a, b int) {
		m := New()
		for range 3 {
			m.Add(Message{Folded: strings.ToValidUTF8(s, "?"), Trades: true, Marks: []Mark{{a, b, Side}}, Shown: s, At: func(at int) int { return min(at, len(s)) }})
			m.Add(Message{Folded: s})
			s += "。"
		}
		m.Candidates(2, never, nothing)
	})
}
