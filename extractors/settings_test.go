package extractors_test

import (
	"strings"
	"testing"

	"resumewatch/extractors"
)

// Each channel reads a text that nothing else reads: without it, the text says less.
func TestChannels(t *testing.T) {
	texts := map[string]string{
		"invisible":   "出智联简\u200b\u200b\u200b\u200b\u200b\u200b历，2元一份",
		"forms":       "出ｂｏｓｓ企业号，加QQ 1000012345",
		"traditional": "出脈脈企业号，加QQ 1000012345",
		"lookalikes":  "出bоss企业号，加QQ 1000012345",
		"components":  "出智联简历，2元一份，彳艮新，微亻言 abc10000",
		"separators":  "出智*联简*历，一手2元一份",
		"split":       "矢口日 耳关 的 竹间 厂力，2元一份，出",
		"initials":    "出zl的jl，一手2元一份",
		"mixed":       "出智l简l，一手2元一份",
		"leet":        "出zh1lian的j1anli，2元一份",
		"sounds":      "出志莲间里，一手2元一份",
		"dialect":     "出自联简历，一手2元一份",
		"masked":      "收 猎*简*，2元一份",
		"nicknames":   "出智府的简历，一手2元一份",
		"figures":     "出伍捌的简历，2元一份",
		"reversed":    "出nipeil的简历，2元一份",
		"vertical":    "出\n斗\n米\n采\n集\n器\n8\n8\n8",
		"acrostic":    "智者乐山\n联系老友\n简简单单\n历历在目\n一手2元一份加QQ 1000012345",
		"brackets":    "好（智）人们（联）天天（简）在（历）这里，一手2元一份",
		"woven":       "智x联x简x历x一x手，2元一份",
		"numerals":    "出智联简历，一手凉块一粉",
		"model":       "谁有智联简历",
	}
	whole, err := extractors.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range extractors.Channels() {
		text, ok := texts[c.Name]
		if !ok {
			t.Errorf("%s: no text", c.Name)
			continue
		}
		if c.English == "" || c.Chinese == "" {
			t.Errorf("%s is not described", c.Name)
		}
		less, err := extractors.NewWith(extractors.Settings{Off: []string{c.Name}})
		if err != nil {
			t.Fatal(err)
		}
		a, b := whole.Extract(text, extractors.Options{}), less.Extract(text, extractors.Options{})
		if a.Confidence == b.Confidence && told(a.Listing.Platforms, a.Listing.Goods, len(a.Listing.Contacts), len(a.Listing.Prices)) == told(b.Listing.Platforms, b.Listing.Goods, len(b.Listing.Contacts), len(b.Listing.Prices)) {
			t.Errorf("%s: %q reads the same without it: %+v", c.Name, text, a.Listing)
		}
	}
}

func told(platforms, goods []string, contacts, prices int) string {
	return strings.Join(platforms, " ") + "|" + strings.Join(goods, " ") + strings.Repeat("c", contacts) + strings.Repeat("p", prices)
}

func TestUnknownChannel(t *testing.T) {
	_, err := extractors.NewWith(extractors.Settings{Off: []string{"smell"}})
	if err == nil || !strings.Contains(err.Error(), "smell") {
		t.Errorf("error %v, want one that names the channel", err)
	}
}
