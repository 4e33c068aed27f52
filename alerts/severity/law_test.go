package severity

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/market"
)

func TestLaw(t *testing.T) {
	stock := []market.Stock{{Quantity: 300, Unit: market.UnitItem}, {Quantity: 30_000, Unit: market.UnitItem}, {Quantity: 90_000, Unit: market.UnitAccount}}
	figures := func(goods string, shown Evidence) [][2]string {
		var out [][2]string
		for _, f := range Law([]string{goods}, stock, shown, 0.9) {
			if f.Article == "" || f.Threshold == "" || f.Confidence != 0.9 {
				t.Errorf("%+v", f)
			}
			out = append(out, [2]string{f.Kind, f.Figure})
		}
		return out
	}
	for _, c := range []struct {
		goods string
		shown Evidence
		want  [][2]string
	}{
		{market.GoodsResumeData, Evidence{}, [][2]string{{Claimed, "30000 条"}}},
		{market.GoodsDownloadService, Evidence{People: 7}, [][2]string{{Claimed, "30000 条"}, {Evidenced, "7 人（样品中去重后）"}}},
		{market.GoodsResumeData, Evidence{People: 7, AtLeast: true}, [][2]string{{Claimed, "30000 条"}, {Evidenced, "至少 7 人（样品中去重后）"}}},
		{market.GoodsRecruiterAccount, Evidence{People: 7}, nil},
	} {
		if diff := cmp.Diff(c.want, figures(c.goods, c.shown)); diff != "" {
			t.Errorf("%s %+v (-want +got)\n%s", c.goods, c.shown, diff)
		}
	}
	if got := Law([]string{market.GoodsResumeData}, nil, Evidence{}, 1); len(got) != 0 {
		t.Errorf("nothing said, nothing shown: %+v", got)
	}
}
