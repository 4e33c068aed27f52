// Command gen writes the tables of package fold:
//
//	table.txt   one folding a line, FROM TAB TO (TO empty: the rune is dropped)
//	pinyin.txt  one syllable a line, SYLLABLE TAB CHARACTERS
//
// Sources: compatibility decompositions of golang.org/x/text (Unicode data);
// TSCharacters.txt of OpenCC (Apache-2.0, https://github.com/BYVoid/OpenCC, also
// in the PyPI package opencc-purepy); the dictionary of github.com/mozillazg/go-pinyin
// (MIT). See NOTICE beside the tables.
//
//	go run ./extractors/fold/gen -opencc TSCharacters.txt -pinyin pinyin_dict.go -to extractors/fold
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func main() {
	opencc := flag.String("opencc", "", "TSCharacters.txt of OpenCC")
	pinyin := flag.String("pinyin", "", "pinyin_dict.go of go-pinyin")
	to := flag.String("to", ".", "folder of the tables")
	flag.Parse()
	if err := run(*opencc, *pinyin, *to); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(opencc, pinyin, to string) error {
	if opencc == "" || pinyin == "" {
		return errors.New("both -opencc and -pinyin are needed")
	}
	simple, err := readOpenCC(opencc)
	if err != nil {
		return err
	}
	if err := writeFoldings(filepath.Join(to, "table.txt"), simple); err != nil {
		return err
	}
	return writePinyin(pinyin, filepath.Join(to, "pinyin.txt"))
}

// readOpenCC reads "簡 TAB 简 variants…" lines; the first variant counts.
func readOpenCC(name string) (map[rune]rune, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	simple := map[rune]rune{}
	for line := range strings.Lines(string(b)) {
		from, rest, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		f, _ := utf8.DecodeRuneInString(from)
		t, _ := utf8.DecodeRuneInString(rest)
		if f != t {
			simple[f] = t
		}
	}
	return simple, nil
}

// keep are runes whose compatibility form would say something else in a price
// or a sentence than the rune itself does.
const keep = "，、。；｡"

func writeFoldings(name string, simple map[rune]rune) error {
	var out strings.Builder
	for r := rune(0x80); r <= 0x2FFFF; r++ {
		if to, changed := folding(r, simple); changed {
			fmt.Fprintf(&out, "%c\t%s\n", r, to)
		}
	}
	return os.WriteFile(name, []byte(out.String()), 0o644)
}

func folding(r rune, simple map[rune]rune) (string, bool) {
	if !utf8.ValidRune(r) || !unicode.IsGraphic(r) || unicode.Is(unicode.Mn, r) || strings.ContainsRune(keep, r) || unicode.Is(unicode.Hangul, r) {
		return "", false // dropped runes are ranges in the code
	}
	s := compat(r)
	var b strings.Builder
	for _, c := range s {
		if unicode.Is(unicode.Mn, c) {
			continue
		}
		c = unicode.ToLower(c)
		if t, ok := simple[c]; ok {
			c = t
		}
		b.WriteRune(c)
	}
	s = b.String()
	return s, s != "" && s != string(r)
}

// compat is the compatibility form where it is a word, a number or one rune:
// ⑩ → 10, ⑴ → 1, ⒈ → 1, ㊟ → 注, ：→ :, but … stays.
func compat(r rune) string {
	s := norm.NFKD.String(string(r))
	if unicode.Is(unicode.Hiragana, r) || unicode.Is(unicode.Katakana, r) {
		return norm.NFKC.String(string(r)) // が stays
	}
	if utf8.RuneCountInString(s) == 1 {
		return s
	}
	trimmed := strings.Trim(s, "(). ,〔〕")
	for _, c := range trimmed {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.Is(unicode.Mn, c) {
			return string(r)
		}
	}
	if trimmed == "" {
		return string(r)
	}
	return trimmed
}

var dictLine = regexp.MustCompile(`^\s*0x([0-9a-fA-F]+):\s*"([^",]+)`)

// writePinyin groups the characters of GB 2312 and a few beyond by their first
// reading without tone.
func writePinyin(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	chars := map[string][]rune{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		m := dictLine.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		n, err := strconv.ParseInt(m[1], 16, 32)
		if err != nil {
			return err
		}
		r := rune(n)
		if r < 0x4E00 || r > 0x9FA5 {
			continue
		}
		chars[toneless(m[2])] = append(chars[toneless(m[2])], r)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	names := make([]string, 0, len(chars))
	for s := range chars {
		names = append(names, s)
	}
	slices.Sort(names)
	var out strings.Builder
	for _, s := range names {
		slices.Sort(chars[s])
		fmt.Fprintf(&out, "%s\t%s\n", s, string(chars[s]))
	}
	return os.WriteFile(to, []byte(out.String()), 0o644)
}

func toneless(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case r == 0x308: // ü is written v
			t := b.String()
			b.Reset()
			b.WriteString(strings.TrimSuffix(t, "u") + "v")
		case !unicode.Is(unicode.Mn, r):
			b.WriteRune(r)
		}
	}
	return b.String()
}
