package extractors_test

import (
	"strings"
	"testing"

	"resumewatch/extractors"
	"resumewatch/extractors/lexicon"
)

// What a user's words make a listing is never held back before all readers have seen it:
// adverts with their names put as the user's read the same with the sieve and without.
func TestOwnWordsPassTheSieve(t *testing.T) {
	x, err := extractors.NewWith(extractors.Settings{Entries: []lexicon.Entry{
		{ID: "goods.my_x", Value: "resume_data", Strength: 3, Forms: []string{"鼋鼍"}, Yes: []string{"鼋鼍"}, No: []string{"龟"}},
		{ID: "platform.my_y", Value: "other", Forms: []string{"饕餮"}, Yes: []string{"饕餮"}, No: []string{"饿"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	own := strings.NewReplacer("简历", "鼋鼍", "智联", "饕餮", "前程无忧", "饕餮", "前程", "饕餮", "猎聘", "饕餮", "boss", "饕餮", "BOSS", "饕餮")
	tried, found := 0, 0
	for _, text := range committed(t) {
		mine := own.Replace(text)
		if mine == text {
			continue
		}
		tried++
		whole := x.Extract(mine, extractors.Options{Thorough: true})
		if !whole.Listing.Listing && !whole.Doubt {
			continue
		}
		found++
		if r := x.Extract(mine, extractors.Options{}); r.Listing.Listing != whole.Listing.Listing || r.Doubt != whole.Doubt {
			t.Errorf("%q is held back", mine)
		}
	}
	if found < 300 {
		t.Errorf("only %d of %d texts are listings with words of the user", found, tried)
	}
}
