package lexicon

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// own reads and proves a file of a user; what is wrong comes back as text.
func own(t *testing.T, text string) ([]Entry, string) {
	t.Helper()
	entries, err := ReadEntries("my.yaml", []byte(text))
	if err == nil {
		err = Prove(entries)
	}
	var m Mistakes
	if err != nil && !errors.As(err, &m) {
		t.Fatalf("error %v is no list of mistakes", err)
	}
	if err == nil {
		return entries, ""
	}
	return entries, err.Error()
}

func TestOwnEntries(t *testing.T) {
	entries, wrong := own(t, `
- id: goods.my_lianzi
  value: resume_data
  strength: 3
  note: 行话：莲子就是简历
  forms: [鲜莲子]
  sounds: [xian lian zi]
  yes: [出鲜莲子, 出仙帘子]
  no: [银耳莲子羹]
- id: platform.zhaopin
  forms: [蓝色大厂]
  except: [蓝色大厂房]
  yes: [出蓝色大厂的]
  no: [蓝色大厂房出租]
- id: frame.my_canteen
  weight: -2.5
  forms: [糖水铺子]
  yes: [糖水铺子开张]
  no: [糖水好喝]
`)
	if wrong != "" {
		t.Fatal(wrong)
	}
	l, err := LoadWith(Settings{Entries: entries})
	if err != nil {
		t.Fatal(err)
	}
	for text, id := range map[string]string{"收鲜*莲*子": "goods.my_lianzi", "蓝色大厂的鲜莲子": "platform.zhaopin", "出智联简历": "platform.zhaopin"} {
		if !l.has(text, id) {
			t.Errorf("%s is not found in %q", id, text)
		}
	}
}

func TestMistakesOfOwnEntries(t *testing.T) {
	texts := "\n  yes: [出鲜莲子]\n  no: [莲藕]"
	for name, c := range map[string]struct{ text, want string }{
		"empty":       {"", "my.yaml: is empty"},
		"no yaml":     {"- id: [", "is no YAML"},
		"a map":       {"id: goods.x", "my.yaml:1: must be a list"},
		"two":         {"- {id: goods.x}\n---\n- {id: goods.y}", "more than one document"},
		"scalar":      {"- 莲子", "my.yaml:1: must hold keys and values"},
		"unknown key": {"- id: goods.x\n  value: resume_data\n  form: [鲜莲子]" + texts, `my.yaml:3: goods.x: "form" is no key`},
		"twice a key": {"- id: goods.x\n  id: goods.y", "id is given twice"},
		"alias":       {"- &a\n  id: goods.x\n- *a", "my.yaml:3: must hold keys"},
		"type":        {"- id: goods.x\n  forms: 莲子", "my.yaml:2: goods.x: "},
		"no id":       {"- forms: [鲜莲子]" + texts, "has no id"},
		"bad id":      {"- id: 莲子\n  forms: [鲜莲子]" + texts, "an id is a kind, a point and a name"},
		"bad kind":    {"- id: fruit.x\n  forms: [鲜莲子]" + texts, `no kind "fruit"; there are context, frame, goods`},
		"a sign":      {"- id: sign.x\n  forms: [鲜莲子]" + texts, "signs are for the learnt part"},
		"bad value":   {"- id: goods.x\n  value: fruit\n  forms: [鲜莲子]" + texts, `value must be one of account_registration, `},
		"no value":    {"- id: platform.x\n  forms: [鲜莲子]" + texts, "value must be one of"},
		"too much":    {"- id: trade.x\n  value: sell\n  forms: [鲜莲子]" + texts, "stands for no value"},
		"no weight":   {"- id: frame.x\n  forms: [鲜莲子]" + texts, "a frame needs a weight"},
		"weight":      {"- id: frame.x\n  weight: .nan\n  forms: [鲜莲子]" + texts, "a frame needs a weight"},
		"strength":    {"- id: goods.x\n  value: resume_data\n  strength: 9\n  forms: [鲜莲子]" + texts, "strength must be 1, 2 or 3"},
		"no forms":    {"- id: goods.x\n  value: resume_data\n  sounds: [lian zi]" + texts, "has no forms"},
		"no yes":      {"- id: goods.x\n  value: resume_data\n  forms: [鲜莲子]\n  no: [莲藕]", "has no text that it must match"},
		"no no":       {"- id: goods.x\n  value: resume_data\n  forms: [鲜莲子]\n  yes: [鲜莲子]", "has no text that it must not match"},
		"twice":       {"- id: goods.x\n  value: resume_data\n  forms: [鲜莲子]" + texts + "\n- id: goods.x\n  value: resume_data\n  forms: [鲜莲子]" + texts, "my.yaml:6: goods.x: stands already in my.yaml:1"},
		"long":        {"- id: goods.x\n  value: resume_data\n  forms: [" + strings.Repeat("鲜", 41) + "]" + texts, "1 to 40 characters, one has 41"},
		"one letter":  {"- id: goods.x\n  value: resume_data\n  forms: [z]" + texts, "must hold a Chinese character or two letters"},
		"ornament":    {"- id: goods.x\n  value: resume_data\n  forms: ['***']" + texts, "must hold a Chinese character"},
		"pinyin":      {"- id: goods.x\n  value: resume_data\n  forms: [鲜莲子]\n  sounds: [xq zz]" + texts, "toneless syllables"},
		"initials":    {"- id: goods.x\n  value: resume_data\n  forms: [鲜莲子]\n  initials: [X]" + texts, "letters a to z"},
		"mixed":       {"- id: goods.x\n  value: resume_data\n  forms: [鲜莲子]\n  mixed: [鲜莲子鲜莲子鲜]" + texts, "2 to 6 Chinese characters"},
		"masked":      {"- id: goods.x\n  value: resume_data\n  forms: [鲜莲子]\n  masked: [鲜莲子]" + texts, "2 Chinese characters"},
		"ours":        {"- id: goods.resume\n  strength: 1\n  forms: [鲜莲子]" + texts, "give it another id"},
		"other value": {"- id: goods.resume\n  value: scraping_tool\n  forms: [鲜莲子]" + texts, `stands for "resume_data"`},
		"not found":   {"- id: goods.x\n  value: resume_data\n  forms: [干莲子]" + texts, `must match "出鲜莲子" but doesn't, because folded it reads "出鲜莲子", and none of its forms stands there`},
		"excepted":    {"- id: goods.x\n  value: resume_data\n  forms: [莲子]\n  except: [鲜莲子]" + texts, `because "莲子" is taken back by the exception "鲜莲子"`},
		"found":       {"- id: goods.x\n  value: resume_data\n  forms: [鲜莲子, 莲藕]" + texts, `must not match "莲藕" but does: "莲藕" stands there`},
		"heard":       {"- id: goods.x\n  value: resume_data\n  forms: [鲜莲子]\n  sounds: [lian ou]" + texts, `but does: "莲藕" stands there, read by sounds`},
		"costly":      {"- id: goods.x\n  value: resume_data\n  forms: [今天, 鲜莲子]" + texts, `goods.x: "今天" would be found in `},
		"breaks ours": {"- id: goods.resume\n  except: [出简历]\n  yes: [间里批发]\n  no: [莲藕]", `goods.resume is no longer found in "出简历"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, wrong := own(t, c.text)
			if !strings.Contains(wrong, c.want) {
				t.Errorf("mistakes\n%s\nwant one with %q", wrong, c.want)
			}
		})
	}
}

func TestOwnEntriesAreBounded(t *testing.T) {
	if _, err := ReadEntries("my.yaml", make([]byte, MaxFile+1)); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a huge file: %v", err)
	}
	var many strings.Builder
	for i := range MaxEntries + 1 {
		fmt.Fprintf(&many, "- {id: goods.x%d, forms: [甲乙丙%d], yes: [甲], no: [乙]}\n", i, i)
	}
	if _, err := ReadEntries("my.yaml", []byte(many.String())); err == nil || !strings.Contains(err.Error(), "5001 entries, more than 5000") {
		t.Errorf("many entries: %v", err)
	}
}

func TestSpellingsAreBounded(t *testing.T) {
	var many strings.Builder
	for i := range 400 {
		fmt.Fprintf(&many, "- {id: goods.x%d, value: resume_data, forms: [甲乙丙], mixed: [甲乙丙丁戊己], yes: [甲], no: [乙]}\n", i)
	}
	if _, wrong := own(t, many.String()); !strings.Contains(wrong, "26000 spellings") {
		t.Errorf("mistakes %.300s", wrong)
	}
}

func TestDigest(t *testing.T) {
	a := []Entry{{ID: "goods.x", Forms: []string{"鲜莲子"}, Yes: []string{"鲜莲子"}}}
	b := []Entry{{ID: "goods.x", Forms: []string{"鲜莲子"}, No: []string{"莲藕"}, Note: "行话"}}
	c := []Entry{{ID: "goods.x", Forms: []string{"干莲子"}}}
	if Digest(nil) != "" || len(Digest(a)) != 8 || Digest(a) != Digest(b) || Digest(a) == Digest(c) {
		t.Errorf("digests %q %q %q %q", Digest(nil), Digest(a), Digest(b), Digest(c))
	}
}

func FuzzReadEntries(f *testing.F) {
	f.Add("- id: goods.x\n  value: resume_data\n  forms: [鲜莲子]\n  yes: [鲜莲子]\n  no: [莲藕]")
	f.Add("- &a [*a, *a]")
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := ReadEntries("my.yaml", []byte(text))
		if err == nil && len(entries) > 0 {
			shape(nil, entries)
		}
	})
}
