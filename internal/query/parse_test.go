package query

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	testZone = time.FixedZone("CST", 8*3600)
	testNow  = time.Date(2026, 11, 21, 12, 0, 0, 0, testZone)
)

// show writes a tree so that tests can read it.
func show(n Node) string {
	list := func(nodes []Node) string {
		var parts []string
		for _, c := range nodes {
			parts = append(parts, show(c))
		}
		return strings.Join(parts, " ")
	}
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(testZone).Format("2006-01-02T15:04:05")
	}
	switch n := n.(type) {
	case All:
		return "all"
	case And:
		return "(and " + list(n.Nodes) + ")"
	case Or:
		return "(or " + list(n.Nodes) + ")"
	case Not:
		return "(not " + show(n.Node) + ")"
	case Phrase:
		s := "[" + strings.Join(n.Tokens, " ")
		if n.Prefix {
			s += "*"
		}
		return s + "]"
	case Field:
		return n.Name + "=" + n.Value
	case Number:
		return fmt.Sprintf("%s=%v..%v", n.Field, n.Min, n.Max)
	case Period:
		return "posted=" + day(n.From) + ".." + day(n.Before)
	case IDs:
		return "ids=" + strings.Join(n.IDs, ",")
	}
	return fmt.Sprintf("unknown %T", n)
}

func TestParse(t *testing.T) {
	f := func(query, want string) {
		t.Helper()
		n, err := Parse(query, testNow, testZone)
		if err != nil {
			t.Errorf("Parse(%q): %v", query, err)
			return
		}
		if got := show(n); got != want {
			t.Errorf("Parse(%q) = %s, want %s", query, got, want)
		}
	}
	f("", "all")
	f(" \t\u3000", "all")
	f("简历", "[简历]")
	f("历", "[历*]")
	f("简*历", "[简历]")
	f("簡歷", "[简历]")
	f("一手简历", "[一手 手简 简历]")
	f("qq加", "[qq 加*]")
	f("加qq", "[加 qq]")
	f("简历qq", "[简历 历 qq]")
	f(`"简历，历"`, "[简历 历 历*]")
	f("a b", "(and [a] [b])")
	f("a AND", "(and [a] [and])")
	f("a b OR c", "(or (and [a] [b]) [c])")
	f("a (b OR c)", "(and [a] (or [b] [c]))")
	f("a OR b OR c", "(or [a] [b] [c])")
	f("(a OR b) OR c", "(or [a] [b] [c])")
	f("(a b) c", "(and [a] [b] [c])")
	f("-a", "(not [a])")
	f("--a", "[a]")
	f("a -(b OR c)", "(and [a] (not (or [b] [c])))")
	f(`-"一手 简历"`, "(not [一手 手简 简历])")
	f("a - b", "(and [a] [b])")
	f("★ 简历 ！！", "[简历]")
	f("ORDER or", "(and [order] [or])")
	f("“一手简历”（a OR b）", "(and [一手 手简 简历] (or [a] [b]))")
	f("「出售」", "[出售]")
	f("“出售\"", "[出售]")
	f(`a"b"c`, "(and [a] [b] [c])")
	f("platform:BOSS", "platform=boss")
	f("Platform:zhaopin side:sell", "(and platform=zhaopin side=sell)")
	f("qq：1000012345", "qq=1000012345")
	f("微信：abc", "[微信 信 abc]")
	f("微信:abc", "[微信 信 abc]")
	f("qq:10000-12345", "qq=1000012345")
	f("phone:+86-138-0013-8000", "phone=13800138000")
	f("wechat:@Wx_Ab-1", "wechat=wx_ab-1")
	f("telegram:https://t.me/Some_Name", "telegram=some_name")
	f("email:A@Example.COM", "email=a@example.com")
	f("author:\"老 王\"", "author=老 王")
	f("place:https://bbs.example.com/forum-2-1.html", "place=https://bbs.example.com/forum-2-1.html")
	f("https://example/aa", "[https example aa]")
	f("12:30", "[12 30]")
	f("seller:S-12", "seller=S-12")
	f("-alert:A-1", "(not alert=A-1)")
	f("price:1..3", "price=1..3")
	f("price:0.30", "price=0.3..0.3")
	f("price:..2.5", "price=-Inf..2.5")
	f("stock:10000..", "stock=10000..+Inf")
	f("price:１..３", "price=1..3")
	f("posted:2026-01..2026-03-15", "posted=2026-01-01T00:00:00..2026-03-16T00:00:00")
	f("posted:2026-02", "posted=2026-02-01T00:00:00..2026-03-01T00:00:00")
	f("posted:2026", "posted=2026-01-01T00:00:00..2027-01-01T00:00:00")
	f("posted:..2026-01-01", "posted=..2026-01-02T00:00:00")
	f("posted:2026-01-01T00:00:00Z..", "posted=2026-01-01T08:00:00..")
	f("posted:2026-01-01T08:30..2026-01-01T08:30", "posted=2026-01-01T08:30:00..2026-01-01T08:31:00")
	f("posted:7d", "posted=2026-11-14T12:00:00..")
	f("posted:..2w", "posted=..2026-11-07T12:00:00")
}

func TestParseMistakes(t *testing.T) {
	f := func(query string, column int, part string) {
		t.Helper()
		n, err := Parse(query, testNow, testZone)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("Parse(%q) = %v, %v; want a mistake", query, n, err)
			return
		}
		if e.Column != column || !strings.Contains(e.Message, part) {
			t.Errorf("Parse(%q): column %d, %q; want column %d, %q", query, e.Column, e.Message, column, part)
		}
	}
	f("(a", 1, "not closed")
	f("简历 (a", 4, "not closed")
	f("(", 1, "not closed")
	f("a)", 2, "closes nothing")
	f(")", 1, "closes nothing")
	f("a ()", 3, "empty")
	f("OR a", 1, "before OR")
	f("a OR", 3, "after OR")
	f("a OR OR b", 6, "before OR")
	f("(a OR)", 4, "after OR")
	f("(OR a)", 2, "before OR")
	f(`简历 "出售`, 4, "not closed")
	f("“出售", 1, "not closed")
	f("★", 1, "no letter")
	f("a OR ★", 6, "no letter")
	f(`""`, 1, "no letter")
	f("a foo:bar", 3, `no field "foo"`)
	f("side:", 1, "no value")
	f("a side: b", 3, "no value")
	f("side:(sell OR buy)", 6, "side:a OR side:b")
	f("side:sel", 6, "sell, buy")
	f("goods:cv", 7, "resume_data")
	f("platform:foo", 10, "zhaopin")
	f("grade:third", 7, "first_hand")
	f("qq:abc", 4, "no value")
	f("price:a", 7, "no number")
	f("price:1-3", 7, "price:1..3")
	f("price:3..1", 7, "behind its end")
	f("price:..", 7, "no end")
	f("price:-1", 7, "no number")
	f("price:0x10", 7, "no number")
	f("price:1e3", 7, "no number")
	f("price:1.2.3", 7, "no number")
	f("stock:"+strings.Repeat("9", 400), 7, "too large")
	f("posted:2026-13", 8, "no time")
	f("posted:2026-02-30", 8, "no time")
	f("posted:yesterday", 8, "no time")
	f("posted:2026-03..2026-01", 8, "behind its end")
	f("posted:99999999999d", 8, "no time")
	f(strings.Repeat("(", 100)+"a"+strings.Repeat(")", 100), 33, "inside each other")
	f("a"+strings.Repeat(" b", MaxLength), MaxLength+1, "longer than")
}

func TestParseTime(t *testing.T) {
	day := time.Date(2026, 3, 15, 0, 0, 0, 0, testZone)
	start, end, err := ParseTime("2026-03-15", testNow, testZone)
	if err != nil || !start.Equal(day) || !end.Equal(day.AddDate(0, 0, 1)) {
		t.Errorf("a date: %v %v %v", start, end, err)
	}
	start, end, err = ParseTime("36h", testNow, testZone)
	if want := testNow.Add(-36 * time.Hour); err != nil || !start.Equal(want) || !end.Equal(want) {
		t.Errorf("a span: %v %v %v", start, end, err)
	}
}

func TestResolve(t *testing.T) {
	n, err := Parse("简历 -(seller:S-1 OR alert:A-2) qq:1000012345", testNow, testZone)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Resolve(n, func(field, value string) ([]string, error) {
		return []string{field, value, field}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "(and [简历] (not (or ids=S-1,seller ids=A-2,alert)) qq=1000012345)"
	if diff := cmp.Diff(want, show(got)); diff != "" {
		t.Error(diff)
	}
	broken := errors.New("no casebook")
	if _, err := Resolve(n, func(string, string) ([]string, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("the error of the casebook is lost: %v", err)
	}
	_, err = Resolve(n, func(string, string) ([]string, error) { return nil, &Error{Message: "there is no seller S-1"} })
	if err == nil || err.Error() != "query column 6: there is no seller S-1" {
		t.Errorf("a value that means nothing: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"简*历 OR -\"一手 简历\" (a b) platform:boss", "price:1..3 stock:10000.. posted:2026-01..7d", "“（”）", "-(-(-a))", "qq：1 ★", "a OR (b", "\xff:\xfe",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := Parse(s, testNow, testZone)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Column < 1 || e.Column > len([]rune(s))+1 || e.Message == "" {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		checkTree(t, s, n, 0)
		for _, m := range Highlight(n, s) {
			if m.Start < 0 || m.End <= m.Start || m.End > len(s) {
				t.Fatalf("%q: mark %v", s, m)
			}
		}
	})
}

func checkTree(t *testing.T, s string, n Node, depth int) {
	if depth > 2*MaxDepth+2 {
		t.Fatalf("%q: too deep", s)
	}
	switch n := n.(type) {
	case And:
		checkNodes(t, s, n.Nodes, depth)
	case Or:
		checkNodes(t, s, n.Nodes, depth)
	case Not:
		checkTree(t, s, n.Node, depth+1)
	case Phrase:
		if len(n.Tokens) == 0 {
			t.Fatalf("%q: a phrase without tokens", s)
		}
	case Field:
		if n.Value == "" {
			t.Fatalf("%q: a field without value", s)
		}
	case Number:
		if math.IsNaN(n.Min) || math.IsNaN(n.Max) || n.Min > n.Max {
			t.Fatalf("%q: range %v", s, n)
		}
	case Period, All:
	default:
		t.Fatalf("%q: a part of type %T", s, n)
	}
}

func checkNodes(t *testing.T, s string, nodes []Node, depth int) {
	if len(nodes) < 2 {
		t.Fatalf("%q: %d parts", s, len(nodes))
	}
	for _, c := range nodes {
		checkTree(t, s, c, depth+1)
	}
}
