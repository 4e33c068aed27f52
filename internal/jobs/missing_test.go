package jobs

import (
	"math"
	"testing"

	"resumewatch/crawlers/forum"
	"resumewatch/internal/market"
)

func TestStretchOf(t *testing.T) {
	page := func(no, last int, next string, ids ...string) forum.Reading {
		r := forum.Reading{PageNo: no, LastPage: last, Next: next}
		for _, id := range ids {
			r.Posts = append(r.Posts, market.Post{NativeID: id})
		}
		return r
	}
	for name, c := range map[string]struct {
		r             forum.Reading
		after, before int64
		ok            bool
	}{
		"alone":           {page(1, 0, "", "pid:5", "pid:9"), 0, math.MaxInt64, true},
		"first":           {page(1, 3, "p2", "pid:5", "comment:5:x", "pid:9"), 0, 9, true},
		"middle":          {page(2, 3, "p3", "pid:12", "pid:19"), 12, 19, true},
		"last":            {page(3, 3, "", "pid:25", "pid:29"), 25, math.MaxInt64, true},
		"not yet last":    {page(2, 3, "", "pid:25", "pid:29"), 25, 29, true},
		"newest first":    {page(1, 1, "", "pid:9", "pid:5"), 0, 0, false},
		"no numbers":      {page(1, 1, "", "pid:x"), 0, 0, false},
		"nothing":         {page(1, 1, ""), 0, 0, false},
		"twice the same":  {page(1, 1, "", "pid:5", "pid:5"), 0, 0, false},
		"beyond counting": {page(1, 1, "", "pid:99999999999999999999"), 0, 0, false},
	} {
		s, ok := stretchOf(c.r)
		if ok != c.ok || ok && (s.after != c.after || s.before != c.before) {
			t.Errorf("%s: %+v %t", name, s, ok)
		}
	}
	broken := page(1, 1, "", "pid:5")
	broken.Problems = []string{"a post without a number"}
	if _, ok := stretchOf(broken); ok {
		t.Error("a page that was not read whole proves nothing")
	}
}
