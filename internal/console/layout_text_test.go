package console

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

func TestPostText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "出简*历 1元/条", "出简*历 1元/条"},
		{"lines and tabs", "a\r\nb\nc\td", "a\nb\nc\td"},
		{"markup", `<script>alert("1")</script>&amp;'`, "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;&amp;amp;&#39;"},
		{"bidi", "a\u202egnp.exe", `a<span class="ctl">U+202E</span>gnp.exe`},
		{"flood", "简" + strings.Repeat("\u200b", 300) + "历", `简<span class="ctl">U+200B×300</span>历`},
		{"two floods", "\u200b\u200b\u200c", `<span class="ctl">U+200B×2</span><span class="ctl">U+200C</span>`},
		{"ansi", "\x1b[31mred", `<span class="ctl">U+001B</span>[31mred`},
		{"c1", "\u009b31m", `<span class="ctl">U+009B</span>31m`},
		{"lone return", "a\rb", `a<span class="ctl">U+000D</span>b`},
		{"separators", "a\u2028b\u2029", `a<span class="ctl">U+2028</span>b<span class="ctl">U+2029</span>`},
		{"filler", "\u3164\u2800", `<span class="ctl">U+3164</span><span class="ctl">U+2800</span>`},
		{"tags", "\U000e0041", `<span class="ctl">U+E0041</span>`},
		{"accents", "e\u0301 ô\u0323\u0301", "e\u0301 ô\u0323\u0301"},
		{"zalgo", "x" + strings.Repeat("\u0335", 60) + "y\u0301", "x\u0335\u0335\u0335" + `<span class="ctl">+57</span>y` + "\u0301"},
		{"emoji", "👨\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3", "👨\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3"},
		{"joiner between letters", "简\u200d历", `简<span class="ctl">U+200D</span>历`},
		{"selectors", "❤\ufe0f\ufe0f", "❤\ufe0f" + `<span class="ctl">U+FE0F</span>`},
		{"broken", "a\xffb", "a\ufffdb"},
	} {
		if got := string(postText(c.in)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got, want := string(lineText("a\nb<")), `<bdi>a<span class="ctl">U+000A</span>b&lt;</bdi>`; got != want {
		t.Errorf("a name of two lines: %s, want %s", got, want)
	}
}

// Whatever is written, a browser finds text and our spans, and no hidden character
// alone.
func FuzzPostText(f *testing.F) {
	for _, s := range []string{"<svg onload=x>", "\u202e\u200b\u200b", "x\u0335\u0335\u0335\u0335", "👨\u200d👩", "]]><!--", "&lt;\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, out := range []string{string(postText(s)), string(lineText(s))} {
			if !utf8.ValidString(out) {
				t.Fatalf("%q became no UTF-8", s)
			}
			text := strings.Builder{}
			z := html.NewTokenizer(strings.NewReader(out))
			for z.Next() != html.ErrorToken {
				tok := z.Token()
				switch tok.Type {
				case html.TextToken:
					text.WriteString(tok.Data)
				case html.StartTagToken, html.EndTagToken:
					ours := tok.Data == "bdi" && len(tok.Attr) == 0 || tok.Data == "span" && (len(tok.Attr) == 0 || len(tok.Attr) == 1 && tok.Attr[0].Val == "ctl")
					if !ours {
						t.Fatalf("%q made <%s>", s, tok.Data)
					}
				default:
					t.Fatalf("%q made %v", s, tok)
				}
			}
			runes := []rune(text.String())
			for i, r := range runes {
				if r != '\n' && r != '\t' && hidden(r) && !joins(runes, i) {
					t.Fatalf("%q shows U+%04X as nothing: %q", s, r, out)
				}
			}
		}
		if !hasHidden(s) && !strings.Contains(string(postText(s)), "ctl") {
			if got := html.UnescapeString(string(postText(s))); got != strings.ToValidUTF8(s, "\ufffd") && utf8.ValidString(s) {
				t.Fatalf("%q became %q", s, got)
			}
		}
	})
}

func hasHidden(s string) bool { return strings.ContainsFunc(s, hidden) }
