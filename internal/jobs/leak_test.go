package jobs

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"resumewatch/extractors"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
)

// The plain forms, found in another way than by the program.
var (
	plainPhone = regexp.MustCompile(`1[3-9][0-9]{9}`)
	plainID    = regexp.MustCompile(`[1-9][0-9]{5}(19|20)[0-9]{9}[0-9Xx]`)
	plainMail  = regexp.MustCompile(`(?i)[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}`)
	gaps       = regexp.MustCompile(`[ \-.·_]`)
)

// undisguised is a text without the commonest disguises.
func undisguised(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r >= '①' && r <= '⑨':
			return r - '①' + '1'
		case r == '＠':
			return '@'
		case r == '\u200b':
			return -1
		}
		return r
	}, s)
	return s
}

// left are the personal values that a stored text still shows, the listing's own
// contacts taken out.
func left(stored string, contacts []market.Contact) []string {
	var out []string
	for _, text := range []string{undisguised(stored), gaps.ReplaceAllString(undisguised(stored), "")} {
		for _, form := range []*regexp.Regexp{plainPhone, plainID, plainMail} {
			for _, v := range form.FindAllString(text, -1) {
				own := slices.ContainsFunc(contacts, func(c market.Contact) bool {
					// A seller's QQ number may hold what looks like a phone, and the other way round.
					return c.Value != "" && (strings.Contains(strings.ToLower(v), c.Value) || strings.Contains(c.Value, strings.ToLower(v)))
				})
				if !own {
					out = append(out, v)
				}
			}
		}
	}
	return out
}

func workshop(t testing.TB) *Workshop {
	t.Helper()
	x, err := extractors.New()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := privacy.OpenKeyring(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	blind, err := keys.OpenBlind(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &Workshop{Extractor: x, DigestKey: []byte("key of text digests"), Blind: blind}
}

// TestCorporaStoreNoValue: of no listing of the labelled corpora a phone, an identity
// number or a mailbox of somebody else is stored.
func TestCorporaStoreNoValue(t *testing.T) {
	w := workshop(t)
	files, err := filepath.Glob("../../extractors/testdata/*.jsonl")
	if err != nil || len(files) < 3 {
		t.Fatalf("corpora: %v, %v", files, err)
	}
	listings, withPeople := 0, 0
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var m struct {
				ID, Text string
			}
			if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			p := &market.Post{Text: m.Text, Title: "标题"}
			found, ok := w.read(p)
			if !ok {
				continue
			}
			listings++
			if len(found.People) > 0 {
				withPeople++
			}
			if whole, _ := ListingText(p); len(found.Masked) != len(whole) {
				t.Errorf("%s: %d bytes became %d", m.ID, len(whole), len(found.Masked))
			}
			for _, stored := range []string{found.Masked, found.Title} {
				if l := left(stored, found.Reading.Contacts); len(l) > 0 {
					t.Errorf("%s: %q in %s", m.ID, l, stored)
				}
			}
			for _, r := range found.Reading.Reasons {
				if l := left(r.Text, found.Reading.Contacts); len(l) > 0 {
					t.Errorf("%s: %q in reason %s", m.ID, l, r.Text)
				}
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	if listings < 100 || withPeople < 3 {
		t.Errorf("only %d listings, %d with people: the test sees too little", listings, withPeople)
	}
}

// TestSampleStoresNoValue writes people in any layout and disguise behind an offer:
// none of their numbers is stored, each is counted, and the seller's contact stays.
func TestSampleStoresNoValue(t *testing.T) {
	w := workshop(t)
	rapid.Check(t, func(t *rapid.T) {
		wide := func(s string) string {
			return strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' {
					return r - '0' + '０'
				}
				return r
			}, s)
		}
		disguise := func(s string) string {
			switch rapid.IntRange(0, 5).Draw(t, "disguise") {
			case 1:
				return wide(s)
			case 2:
				return s[:3] + "-" + s[3:7] + "-" + s[7:]
			case 3:
				return strings.Join(strings.Split(s, ""), "\u200b")
			case 4:
				return s[:3] + " " + s[3:7] + " " + s[7:]
			case 5:
				return "+86" + s
			}
			return s
		}
		var text strings.Builder
		text.WriteString("出售智联简历 2元一份 量大从优 加QQ1000012345\n样本：\n")
		var phones []string
		for i := range rapid.IntRange(1, 6).Draw(t, "people") {
			phone := fmt.Sprintf("1380013%04d", 8000+100*i+rapid.IntRange(0, 99).Draw(t, "phone"))
			phones = append(phones, phone)
			sep := rapid.SampledFrom([]string{" ", "|", "\t", "，", "/"}).Draw(t, "sep")
			text.WriteString(strings.Join([]string{"张三", "男", "28岁", disguise(phone), fmt.Sprintf("p%d.%s@example.com", i, phone[7:]), "本科"}, sep))
			text.WriteString("\n")
		}
		found, ok := w.read(&market.Post{Text: text.String()})
		if !ok {
			t.Fatalf("no listing: %s", text.String())
		}
		if l := left(found.Masked, found.Reading.Contacts); len(l) > 0 {
			t.Fatalf("%q left of\n%s\nin\n%s", l, text.String(), found.Masked)
		}
		for _, phone := range phones {
			if strings.Contains(found.Masked, phone[7:]) {
				t.Fatalf("digits of %s left in\n%s", phone, found.Masked)
			}
			counted := slices.ContainsFunc(found.People, func(p []market.BlindValue) bool {
				return slices.Contains(p, market.BlindValue{Kind: "phone", Digest: w.Blind.Digest("phone", phone)})
			})
			if !counted {
				t.Fatalf("%s is not counted in\n%s", phone, text.String())
			}
		}
		if !strings.Contains(found.Masked, "1000012345") {
			t.Fatalf("the seller's contact is gone: %s", found.Masked)
		}
	})
}
