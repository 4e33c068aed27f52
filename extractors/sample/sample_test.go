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
	v := numeral.NewView(t.Folded, t.Span)
	v.Unlist(text)
	return sample.Read(v)
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
		{"姓名 孙颖\n性别 女\n年龄 26\n手机 15000001122\n学校 江南理工学院\n专业 会计学\n以上为样品", 1, "age education gender name phone school"},
		{"<name>尤丽</name><phone>13800138341</phone><edu>本科</edu><city>成都</city>", 1, "education name phone region"},
		{"曹小姐 - 1993 - 市场专员 - 广州天河 - 15000002211\n严先生 - 1987 - 采购经理 - 佛山禅城 - 15000002212", 2, "birth_date name phone position region"},
		{"样：谢某 138 0013 8405 沪 硕 算法\n邹某 138 0013 8406 京 本 产品", 2, "education name phone position region"},
		{"1.喻明 本科 13800138411 2.柏霞 大专 13800138412 3.水生 高中 13800138413", 3, "education name phone"},
		{"施某 身份证110101199001010011 电话13800138381 本科 3年经验", 1, "education id_number name phone work_experience"},
		{"样品 窦*宇 年龄31 学历硕士 手机138****8421 所在地武汉", 1, "age education name phone region"},
		{"字段顺序：姓名,性别,生日,邮箱,城市,期望\n黎小满,女,1999-08-12,li@example.com,长沙,7000\n沈大川,男,1993-02-27,shen@example.cn,株洲,9000", 2, "birth_date email gender name region salary"},
		{"①老周｜46｜绵阳｜木工｜138****8123\n②陈*兵｜38｜达州｜钢筋｜150****0457", 2, "age name phone position region"},
		{"🍏陶可欣·东岭师大·汉语言·138**8**2\n🍏尹博文·南屿理工·自动化·150**0**6", 2, "education name phone school"},
		{"姓名：孙晓 性别：女 手机：13800138764\n本科/市场营销 临江大学 现公司：澄光广告", 1, "education employer gender name phone school"},
		{`{"name":"刘*","expect":"产品经理","years":"6年","salary":"25-35K","wechat":"lx_prod88","active":"刚刚活跃"}`, 1, "active_time name position salary wechat work_experience"},
		{"闻人雅 | 证号 3601**********0021 | 13800138811\n司徒亮 | 证号 3601**********0034 | 13800138812", 2, "id_number name phone"},
		{"姓 : 魏 *　性 : 男　岁 : 3 6　职 : 焊 工　电 : 1 3 8 * * * * 8 1 2 1　城 : 沧 州", 1, "age gender name phone position region"},
		{"孙※梅｜女｜31｜13800138333｜合肥｜月嫂｜8000", 1, "age gender name phone position region salary"},
		{"毛驴本 45，58本 55，二十本起订", 0, ""},
		{"姓名 电话 邮箱 年龄都有，100份起2元一份", 0, ""},
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
