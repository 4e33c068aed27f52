package classify

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFilter(t *testing.T) {
	for expr, want := range map[string]bool{
		`没(有)?人(用|动)过`: true, `(卖|转)了?过?(两|三|\d)(手|次)|旧(货|料)`: true, `a*`: false, `(没)?`: false, `[^没]`: false, `.{0,2}不要`: true, `x|`: false,
	} {
		if f := filter(expr); (f.words != nil) != want {
			t.Errorf("%s: words %v", expr, f.words)
		}
	}
}

// What the expression finds is found with its words first, too.
func TestFilterLosesNothing(t *testing.T) {
	all := figures()
	open := openFigures()
	sets := []*filtered{all.first, all.second, all.refused, open.reputation, open.refused, open.fresh, open.worn, filter(`(从没|未)(出|翻){1,2}(事)?过?`), filter(`二?手+[^，]{0,3}料`)}
	parts := strings.Split("没 未 冇 从没 还 有 人 给 过 用 卖 转 打 两 三 2 手 次 遍 旧 料 货 的 不要 不收 二手 出 事 首 批 头 道 回锅 隔夜 剩 别人 老 封 第二 他人 ， x 了 一 到", " ")
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 12).Draw(t, "text"), "")
		for _, f := range sets {
			if f.in(s) != f.re.MatchString(s) || f.without(s) != f.re.ReplaceAllString(s, "") {
				t.Fatalf("%q: %s", s, f.re)
			}
		}
	})
}
