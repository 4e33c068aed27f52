package console

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

var (
	templateKey = regexp.MustCompile(`\bt "([a-z_.A-Z-]+)"`)
	verb        = regexp.MustCompile(`%(\[\d+\])?[a-z%]`)
)

// Every key has both languages, said with the same arguments, in one place.
func TestMessages(t *testing.T) {
	for key := range layoutMessages {
		if _, twice := pageMessages[key]; twice {
			t.Errorf("%s is said twice", key)
		}
	}
	all := maps.Clone(layoutMessages)
	maps.Copy(all, pageMessages)
	for key, m := range all {
		if m.zh == "" || m.en == "" {
			t.Errorf("%s lacks a language: %+v", key, m)
		}
		want := verbs(m.zh)
		for _, form := range strings.Split(m.en, "|") {
			if got := verbs(form); got != want {
				t.Errorf("%s: %q has arguments %s, %q has %s", key, m.zh, want, form, got)
			}
		}
		if han := count(m.en, unicode.Han); han > count(m.en, unicode.Latin) && !strings.HasPrefix(key, "language.") {
			t.Errorf("%s: Chinese as English: %q", key, m.en)
		}
		if count(m.zh, unicode.Han) == 0 && m.zh == m.en && count(m.zh, unicode.Latin) > 20 {
			t.Errorf("%s: English as Chinese: %q", key, m.zh)
		}
	}
}

func count(s string, of *unicode.RangeTable) (n int) {
	for _, r := range s {
		if unicode.Is(of, r) {
			n++
		}
	}
	return n
}

// verbs are the arguments that a text takes, whatever their order.
func verbs(s string) string {
	used := map[int]string{}
	next := 0
	for _, m := range verb.FindAllString(s, -1) {
		if m == "%%" {
			continue
		}
		at := next
		if i, j := strings.Index(m, "["), strings.Index(m, "]"); i >= 0 {
			n, _ := strconv.Atoi(m[i+1 : j])
			at = n - 1
		}
		used[at] = m[len(m)-1:]
		next = at + 1
	}
	var b strings.Builder
	for i := range len(used) {
		b.WriteString(used[i] + " ")
	}
	return b.String()
}

// Every key that a template or the code names is there.
func TestKeysInUse(t *testing.T) {
	used := map[string]string{}
	err := fs.WalkDir(templateFiles, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := templateFiles.ReadFile(file)
		for _, m := range templateKey.FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = file
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, file := range keysOfCode(t) {
		used[key] = file
	}
	if len(used) < 40 {
		t.Fatalf("only %d keys found", len(used))
	}
	for key, file := range used {
		if strings.HasSuffix(key, ".") { // the rest is computed
			continue
		}
		if _, ok := chinese.find(key); !ok {
			t.Errorf("%s: no message %q", file, key)
		}
	}
	for _, m := range rooms {
		if _, ok := chinese.find(m.Key); !ok {
			t.Errorf("no message %q", m.Key)
		}
	}
	for role := range grants {
		if _, ok := chinese.find("role." + role); !ok {
			t.Errorf("no name of role %q", role)
		}
	}
}

// keysOfCode are the keys that the code asks for by name: v.t("…"), l.message("…"), problem{…}.
func keysOfCode(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	set := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	note := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if key, err := strconv.Unquote(lit.Value); err == nil {
				out[key] = set.Position(lit.Pos()).String()
			}
		}
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "t" || f.Sel.Name == "message") && len(n.Args) > 0 {
					note(n.Args[0])
				}
			case *ast.CompositeLit:
				if name, ok := n.Type.(*ast.Ident); ok && name.Name == "problem" {
					for i, e := range n.Elts {
						if kv, ok := e.(*ast.KeyValueExpr); ok {
							if k, ok := kv.Key.(*ast.Ident); ok && k.Name == "key" {
								note(kv.Value)
							}
						} else if i == 1 {
							note(e)
						}
					}
				}
			}
			return true
		})
	}
	return out
}

func TestMessage(t *testing.T) {
	for _, c := range []struct {
		lang language
		key  string
		args []any
		want string
	}{
		{chinese, "login.wait", []any{1}, "尝试次数过多，请 1 分钟后再试。"},
		{english, "login.wait", []any{1}, "Too many attempts. Try again in 1 minute."},
		{english, "login.wait", []any{2}, "Too many attempts. Try again in 2 minutes."},
		{english, "login.title", nil, "Sign in"},
		{english, "no.such.key", nil, "no.such.key"},
	} {
		if got := c.lang.message(c.key, c.args...); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.lang, c.key, got, c.want)
		}
	}
}

func TestAcceptedLanguage(t *testing.T) {
	for header, want := range map[string]language{
		"": chinese, "en": english, "en-GB,en;q=0.9": english, "zh-TW": chinese, "fr, en;q=0.5, zh;q=0.4": english, "fr, en;q=0.4, zh-CN;q=0.5": chinese,
		"en;q=0": chinese, "en;q=x": chinese, "en;q=7": chinese, "*": chinese, "EN": english, strings.Repeat("en,", 1000): chinese, ";;,,=": chinese, "english": chinese,
		"zh-CN,zh;q=0.9,en;q=0.8": chinese, "en;q=NaN": chinese,
	} {
		if got := acceptedLanguage(header); got != want {
			t.Errorf("%.40q: %s, want %s", header, got, want)
		}
	}
}

func FuzzAcceptedLanguage(f *testing.F) {
	f.Add("zh-CN,zh;q=0.9,en;q=0.8")
	f.Fuzz(func(t *testing.T, header string) {
		if !acceptedLanguage(header).known() {
			t.Fatal(header)
		}
	})
}
