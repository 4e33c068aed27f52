package extractors_test

import (
	"testing"
	"unicode/utf8"

	"resumewatch/extractors"
)

func FuzzExtract(f *testing.F) {
	x, err := extractors.New()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{
		"出智联簡*歷 2元一份，100份起 QQ 1000012345", "张*|男|28|138****8021|本科\n一手", "收 5 1 j o b 号\xff\xfe", "智/猎/前 ①②③", "简历模板\u200b免费",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, o := range []extractors.Options{{}, {AssumeListing: true}} {
			r := x.Extract(s, o)
			if r.Listing.Listing && (r.Side == "" || len(r.Goods) == 0) {
				t.Errorf("a listing without side or goods: %+v", r.Listing)
			}
			if !r.Listing.Listing && (r.Side != "" || len(r.Goods)+len(r.Platforms)+len(r.Prices)+len(r.Contacts) > 0) {
				t.Errorf("no listing, yet %+v", r.Listing)
			}
			for _, p := range append(r.Spans, r.Masks...) {
				if p.Start < 0 || p.Start > p.End || p.End > len(s) {
					t.Fatalf("span %+v of %d bytes", p, len(s))
				}
				if utf8.ValidString(s) && !utf8.ValidString(s[p.Start:p.End]) {
					t.Fatalf("span %+v cuts a rune", p)
				}
			}
		}
	})
}
