package sample_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resumewatch/extractors/fold"
	"resumewatch/extractors/numeral"
	"resumewatch/extractors/sample"
	"resumewatch/internal/market"
)

func read(text string) sample.Result {
	t := fold.Fold(text)
	return sample.Read(numeral.NewView(t.Folded, t.Span))
}

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		text    string
		records int
		fields  string
	}{
		{"样：\n赵某\t男\t39\t13800138315\t搬运\n钱某\t女\t47\t13800138327\t保洁", 2, "age gender name phone position"},
		{"孙*|男|28|138****8021|本科|杭州\n一手两块", 1, "age education gender name phone region"},
		{"李某，某省财经大学，会计学，138****8366。Q 1000012345", 1, "education name phone school"},
		{"序号\t姓名\t电话\t学历\n1\t周某\t15000002011\t大专\n2\t吴某\t15000002036\t本科", 2, "education name phone"},
		{"姓名：郑某\n性别：女\n年龄：31\n电话：15000000217\n期望职位：出纳\n8元一份", 1, "age gender name phone position"},
		{"姓名：王某\n电话：13800138412\n学校：某学院\n姓名：冯某\n电话：13800138419\n学校：某大学", 2, "name phone school"},
		{"姓 名 ＝ 陳○\n電 話 ＝ 138----8626", 1, "name phone"},
		{`{"name":"褚某","mobile":"15000006117","city":"长沙"}`, 1, "name phone region"},
		{"sample: wei** / m / 31 / 150****1180 / shanghai ; he** / f / 27 / 150****1192 / suzhou", 2, "age gender name phone region"},
		{"蒋_ 女 23 护理 15000000477 / 沈_ 男 27 电焊 15000000481", 2, "age gender name phone position"},
		{"男 26 河北保定 高中 叉车工 期望6000 2小时前活跃 15000001622", 1, "active_time age education gender phone position region salary"},
		{"看货：\n贺师傅 13800138441 保定 B2 今天在线\n龚师傅 13800138442 沧州 A1 昨天在线", 2, "active_time name phone position region"},
		{"冯★ 囡 13800138443 大专\n汤★ 侽 13800138444 本科", 2, "education gender name phone"},
		{"欧(某) ☎138-0013-8445 ✉ ou@example.com 🏢某芯片厂 💼测试 💰年薪40W 🎓硕士", 1, "education email employer name phone position salary"},
		{"自己打：\n柏青 13800138446\n窦宁 13800138447", 2, "name phone"},
		{"━━━━\n尹先生\n苏州 · 某电商\n运营 · 6年\n某大学 本科\n☎ 13800138448\n━━━━\n样张，5元一张", 1, "education employer name phone position region school work_experience"},
		{"Ann Lin | Suzhou | Supply Chain Lead | some-parts co. | ann.lin@example.com\nBob He | Wuxi | QA Manager | some-chem co. | bob.he@example.com", 2, "email employer name position region"},
		{"姓名：常某\n年龄：28\n学历：本科（某大学）\n手机：13800138449", 1, "age education name phone school"},
		{"史* 35岁 扬州邗江 期望6-8k 13800138450", 1, "age name phone region salary"},
		{"手机、微信同号：13800138451，陈先生", 0, ""},
		{"含姓名、性别、年龄、电话、邮箱、求职意向", 0, ""},
		{"姓名电话邮箱都全，2元一份", 0, ""},
		{"电话：13800138111 / 邮箱 demo@example.cn", 0, ""},
		{"智联 500，58 和赶集 100", 0, ""},
		{"18到45岁，江浙沪的，男女不限", 0, ""},
		{"联系人小陈，电话13800138672", 0, ""},
	} {
		r := read(tt.text)
		var want *market.Sample
		if tt.records > 0 {
			want = &market.Sample{Records: tt.records, Fields: strings.Fields(tt.fields)}
		}
		if d := cmp.Diff(want, r.Sample); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, d)
		}
		if len(r.Masks) != tt.records || len(r.Taken) != tt.records {
			t.Errorf("%s: %d masks, %d taken", tt.text, len(r.Masks), len(r.Taken))
		}
	}
}

func TestMasksCoverTheValues(t *testing.T) {
	text := "出货，看样\n赵某，女，31，１３８００１３８３１５，大专\n两块一份"
	r := read(text)
	if len(r.Masks) != 1 || text[r.Masks[0].Start:r.Masks[0].End] != "赵某，女，31，１３８００１３８３１５，大专" {
		t.Fatalf("masks %v", r.Masks)
	}
}

func TestHostileSizes(t *testing.T) {
	for _, unit := range []string{"张某/", "姓名:", "姓名:a\n", "a:", "男", "男1", "13800138111 ", "\"name\":", "1|", "姓名\t电话\t学历\n", "*", "张*"} {
		start := time.Now()
		read(strings.Repeat(unit, 100_000/len(unit)))
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%q repeated: %v", unit, took)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"赵某\t男\t39\t13800138315", "姓名：郑某\n性别：女\n年龄：31", `{"name":"褚某","mobile":"15000006117","city":"长沙"}`, "wei** / m / 31 / 150****1180", ":", "=", "a:b:c:", "\xff:\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := read(text)
		if (r.Sample == nil) != (len(r.Taken) == 0) {
			t.Fatalf("sample %v, %d taken", r.Sample, len(r.Taken))
		}
		for _, s := range r.Masks {
			if s.Start < 0 || s.End > len(text) || s.Start >= s.End {
				t.Fatalf("mask %v of %d bytes", s, len(text))
			}
		}
	})
}
