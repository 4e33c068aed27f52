package price_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resumewatch/extractors/contact"
	"resumewatch/extractors/fold"
	"resumewatch/extractors/numeral"
	"resumewatch/extractors/price"
	"resumewatch/extractors/sample"
)

func read(text string, goods ...string) price.Result {
	t := fold.Fold(text)
	v := numeral.NewView(t.Folded, t.Span)
	s := sample.Read(v)
	c := contact.Read(v, text, s.Taken)
	return price.Read(v, price.Context{Goods: goods, Taken: append(s.Taken, c.Taken...)})
}

// short writes a result as "amount|max|currency|per|least" and "quantity|unit".
func short(r price.Result) (prices, stock []string) {
	for _, p := range r.Prices {
		prices = append(prices, fmt.Sprintf("%s|%s|%s|%s|%d", p.Amount, p.AmountMax, p.Currency, p.Per, p.MinQuantity))
	}
	for _, s := range r.Stock {
		stock = append(stock, fmt.Sprintf("%d|%s", s.Quantity, s.Unit))
	}
	return prices, stock
}

// messages are invented adverts with what is to be read from them.
var messages = []struct {
	text          string
	goods         []string
	prices, stock []string
}{
	{"出一批智联跟前程的老简历，两角一份，一千份起走，喜欢的联系企鹅1000012345", []string{"resume_data"}, []string{"0.2||CNY|item|1000"}, []string{}},
	{"前程账号低价出，单个280，五个以上250，十个以上220，微信jobacc_88", []string{"recruiter_account"}, []string{"280||CNY|account|0", "250||CNY|account|5", "220||CNY|account|10"}, []string{}},
	{"BOSS直聘代下，1.5元/条，日单500条以内，超过1000条1.2元/条", []string{"download_service"}, []string{"1.5||CNY|item|0", "1.2||CNY|item|1000"}, []string{}},
	{"猎聘年费会员转让，剩11个月，2800元可小刀，Q1000098765", []string{"recruiter_account"}, []string{"2800||CNY|account|0"}, []string{}},
	{"求购拉勾一手，3块5收，每天能要200份，电话微信13800138123", []string{"resume_data"}, []string{"3.5||CNY|item|0"}, []string{}},
	{"智联导出插件，月付120，季付300，年付900，终身1500", []string{"scraping_tool"}, []string{"120||CNY|month|0", "300||CNY|unknown|0", "900||CNY|year|0", "1500||CNY|set|0"}, []string{}},
	{"现货简历8万条，打包1600元，拆卖3分一条（5000条起），VX: data_seller_9", []string{"resume_data"}, []string{"1600||CNY|lot|0", "0.03||CNY|item|5000"}, []string{"80000|item"}},
	{"企业认证代过 500/个 加急800/个 不过全退 tg:@renzheng_pro", []string{"account_registration"}, []string{"500||CNY|set|0", "800||CNY|set|0"}, []string{}},
	{"收58同城招聘号，老号80新号50，有多少要多少", []string{"recruiter_account"}, []string{"80||CNY|account|0", "50||CNY|account|0"}, []string{}},
	{"简历资源：北京2元，上海2元，深圳1.8元，其它城市1元，均500份起售", []string{"resume_data"}, []string{"2||CNY|item|500", "1.8||CNY|item|500", "1||CNY|item|500"}, []string{}},
	{"智联简历一份贰块伍，拿100份只要200", []string{"resume_data"}, []string{"2.5||CNY|item|0", "200||CNY|lot|100"}, []string{}},
	{"赶集网简历 1万条 300元 5万条 1200元 10万条 2000元", []string{"resume_data"}, []string{"300||CNY|ten_thousand_items|0", "1200||CNY|lot|50000", "2000||CNY|lot|100000"}, []string{}},
	{"共享智联会员，30/天 168/周 588/月，还有2个空位，加扣扣：1000055667", []string{"recruiter_account"}, []string{"30||CNY|day|0", "168||CNY|week|0", "588||CNY|month|0"}, []string{"2|account"}},
	{"本人求一个能导出猎聘通讯录的软件，预算两千以内", []string{"scraping_tool"}, []string{"2000||CNY|set|0"}, []string{}},
	{"老铁们，新货到了，智联一手三千五百份，两块三，前程一手两千份，两块，全拿打八折", []string{"resume_data"}, []string{"2.3||CNY|item|0", "2||CNY|item|0"}, []string{"3500|item", "2000|item"}},
	{"脉脉数据0.8u/条，起订500条，飞机：maimai_data01", []string{"resume_data"}, []string{"0.8||USDT|item|500"}, []string{}},
	{"出售BOSS直聘企业号，价格：150元/个，10个起批120元/个", []string{"recruiter_account"}, []string{"150||CNY|account|0", "120||CNY|account|10"}, []string{}},
	{"代注册智联企业版，收费600元，提供执照的话400元。QQ/微信：1000033221", []string{"account_registration"}, []string{"600||CNY|set|0", "400||CNY|set|0"}, []string{}},
	{"大量出应届生简历，价格五毛到一块，看学校，微信：ying_jie_01，手机号：13800138222", []string{"resume_data"}, []string{"0.5|1|CNY|item|0"}, []string{}},
	{"智联下载点9毛1个，1000点起充，官方2块", []string{"recruiter_account"}, []string{"0.9||CNY|unknown|1000"}, []string{}},
	{"企业邮箱账号密码，里面每天都有新投递，300包月，先付后用", []string{"resume_data"}, []string{"300||CNY|month|0"}, []string{}},
	{"简历 2/份 100份起 500份1.8/份 1000份1.5/份 联系 q:1000011122", []string{"resume_data"}, []string{"2||CNY|item|100", "1.8||CNY|item|500", "1.5||CNY|item|1000"}, []string{}},
	{"出58简历采集软件，598元终身，试用一天10元，QQ1000044455", []string{"scraping_tool"}, []string{"598||CNY|set|0", "10||CNY|day|0"}, []string{}},
	{"收前程无忧账号！带点数的来！三百到八百一个，当场付款，不赊账。扣：一零零零零七七八八九", []string{"recruiter_account"}, []string{"300|800|CNY|account|0"}, []string{}},
	{"简历数据 1.5R 一条，老客户1.2R，起步200条，➕薇：r_data_one", []string{"resume_data"}, []string{"1.5||CNY|item|200", "1.2||CNY|item|200"}, []string{}},
	{"智联、前程、猎聘三网通用下载器，卖1299，不议价。联系方式：邮箱 tool_seller@example.com", []string{"scraping_tool"}, []string{"1299||CNY|set|0"}, []string{}},
	{"买简历的看过来 普通岗位1元 销售岗1.5元 技术岗3元 高管10元 微信同QQ 1000066778", []string{"resume_data"}, []string{"1||CNY|item|0", "1.5||CNY|item|0", "3||CNY|item|0", "10||CNY|item|0"}, []string{}},
	{"boss账号出租 35元一天 押金100 租一周200 租一个月600", []string{"recruiter_account"}, []string{"35||CNY|day|0", "200||CNY|week|0", "600||CNY|month|0"}, []string{}},
	{"要10个猎聘企业号，给到400一个，钱不是问题，V:buy_lp_10", []string{"recruiter_account"}, []string{"400||CNY|account|0"}, []string{"10|account"}},
	{"历史简历库 120G 约500万条 一口价3万 不单卖", []string{"resume_data"}, []string{"30000||CNY|lot|0"}, []string{"5000000|item"}},
	{"求智联简历代下载渠道，单价不超过6元，月需求2000份左右，联系13800138333", []string{"download_service"}, []string{"6||CNY|item|0"}, []string{}},
	{"出猎聘账号 3500包年 独享 也可以拼车 4人拼 每人900", []string{"recruiter_account"}, []string{"3500||CNY|year|0", "900||CNY|account|0"}, []string{}},
	{"全新智联简历，今日更新1500份，2.8一份，打包全要3000", []string{"resume_data"}, []string{"2.8||CNY|item|0", "3000||CNY|lot|0"}, []string{"1500|item"}},
	{"BOSS牛人电话 查一个5块 查十个45 批量私", []string{"download_service"}, []string{"5||CNY|item|0", "45||CNY|lot|10"}, []string{}},
	{"办理直聘企业号（含营业执照），480一套，做过的都说好，联系人王姐 电话：138 0013 8444", []string{"account_registration"}, []string{"480||CNY|set|0"}, []string{}},
	{"J L 数 据 ，智 联 的 ，三 毛 五 一 条 ，一 万 起 ，加 扣 1 0 0 0 0 9 8 7 0 1", []string{"resume_data"}, []string{"0.35||CNY|item|10000"}, []string{}},
	{"智-联-号 4-5-0 一-个 Q-Q 1-0-0-0-0-4-5-6-0-1", []string{"recruiter_account"}, []string{"450||CNY|account|0"}, []string{}},
	{"【招聘数据】②.⑤元/份，企鹅①〇〇〇〇⑧⑧⑨⑨①", []string{"resume_data"}, []string{"2.5||CNY|item|0"}, []string{}},
	{"tg群 @jobdata_group 客服 @jobdata_kefu 0.2U一条 满1w条0.15U", []string{"resume_data"}, []string{"0.2||USDT|item|0", "0.15||USDT|item|10000"}, []string{}},
	{"微信号是拼音加数字：jianli（下划线）2046，去群里问过的优先，QQ群1000077123", []string{"resume_data"}, []string{}, []string{}},
	{"我手机尾号就不发了，扣扣反过来：7654300001", []string{"resume_data"}, []string{}, []string{}},
	{"加V：abc*def*99（*号去掉），或者q：1000-0222-33", []string{"resume_data"}, []string{}, []string{}},
	{"前程简历一手15一份，下载秒回，一次10份以上13", []string{"download_service"}, []string{"15||CNY|item|0", "13||CNY|item|10"}, []string{}},
	{"智联会员号700出，里面还有200个下载，原价5800买的", []string{"recruiter_account"}, []string{"700||CNY|account|0"}, []string{}},
	{"求大神写个爬猎聘简历的脚本，1k起，能跑就给钱", []string{"scraping_tool"}, []string{"1000||CNY|set|0"}, []string{}},
	{"卖号：BOSS 130 智联 380 前程 320 猎聘 600 都是企业认证好的", []string{"recruiter_account"}, []string{"130||CNY|account|0", "380||CNY|account|0", "320||CNY|account|0", "600||CNY|account|0"}, []string{}},
	{"库存清仓 智联6w 前程4w 58 20w 一律5分 量大3分", []string{"resume_data"}, []string{"0.05||CNY|item|0", "0.03||CNY|item|0"}, []string{"60000|item", "40000|item", "200000|item"}},
	{"简历每份1.2元，日供1000份，签月单9毛", []string{"resume_data"}, []string{"1.2||CNY|item|0", "0.9||CNY|item|0"}, []string{}},
	{"收简历（有电话的就行）1毛~3毛 视质量 有货带样来 电邮 buy.cv@example.cn", []string{"resume_data"}, []string{"0.1|0.3|CNY|item|0"}, []string{}},
	{"前程/智联 代下 价格 8-12元 看岗位 vx号：daixia_2023", []string{"download_service"}, []string{"8|12|CNY|item|0"}, []string{}},
	{"猎头离职出手里的猎聘数据，大概6000人，总监以上的占三成，20一个，打包五万", []string{"resume_data"}, []string{"20||CNY|item|0", "50000||CNY|lot|0"}, []string{"6000|item"}},
	{"专业代下，支持站点：智联/51/猎聘/拉勾；价格：6/6/18/10；满100单九折", []string{"download_service"}, []string{"6||CNY|item|0", "18||CNY|item|0", "10||CNY|item|0"}, []string{}},
	{"前程账号租：天20 周90 月280，需押金200，v: qcwy_zu", []string{"recruiter_account"}, []string{"20||CNY|day|0", "90||CNY|week|0", "280||CNY|month|0"}, []string{}},
	{"简历，1.6元/条，每次最少拿300条，QQ1000067890，电话15000002222", []string{"resume_data"}, []string{"1.6||CNY|item|300"}, []string{}},
	{"新注册的智联号白菜价80，认证过的200，带会员的1500", []string{"recruiter_account"}, []string{"80||CNY|account|0", "200||CNY|account|0", "1500||CNY|account|0"}, []string{}},
	{"卖简历，10块钱100条，50块600条，加球球1000078901", []string{"resume_data"}, []string{"10||CNY|lot|100", "50||CNY|lot|600"}, []string{}},
	{"求购：BOSS企业号，要求实名+企业认证，单价 120 元，数量 30 个，支付宝秒付", []string{"recruiter_account"}, []string{"120||CNY|account|0"}, []string{"30|account"}},
	{"招聘网站数据接口按次计费，0.8元/次，充1000送200", []string{"download_service"}, []string{"0.8||CNY|item|0"}, []string{}},
	{"爬虫脚本200块一份，源码800块，包更新一年", []string{"scraping_tool"}, []string{"200||CNY|set|0", "800||CNY|set|0"}, []string{}},
	{"一手简历4毛一条走量3毛5，日更两万条，长期合作", []string{"resume_data"}, []string{"0.4||CNY|item|0", "0.35||CNY|item|0"}, []string{}},
	{"我要500份郑州的文员简历，一块钱一份有的联系13800138321", []string{"resume_data"}, []string{"1||CNY|item|0"}, []string{"500|item"}},
	{"出号 老智500 小猎900 拉钩260 加薇信：hao_jia_1", []string{"recruiter_account"}, []string{"500||CNY|account|0", "900||CNY|account|0", "260||CNY|account|0"}, []string{}},
	{"会员共享号1个月99元，3个月260元，6个月480元，12个月880元", []string{"recruiter_account"}, []string{"99||CNY|month|0", "260||CNY|unknown|0", "480||CNY|unknown|0", "880||CNY|year|0"}, []string{}},
	{"出 58 简历 带电话 200元1000条 1500元1w条", []string{"resume_data"}, []string{"200||CNY|thousand_items|0", "1500||CNY|ten_thousand_items|0"}, []string{}},
	{"企业号认证380，智联直通车550，包教包会，扣1000089012", []string{"account_registration"}, []string{"380||CNY|set|0", "550||CNY|set|0"}, []string{}},
	{"2023年更新的简历库，共计1,200,000条，8000元全部拿走", []string{"resume_data"}, []string{"8000||CNY|lot|0"}, []string{"1200000|item"}},
	{"收智联下载券，10元一张，有多少收多少，微信号 shou_quan88", []string{"recruiter_account"}, []string{"10||CNY|account|0"}, []string{}},
	{"简历 0.5元一份 周末特价0.4元 仅限今天", []string{"resume_data"}, []string{"0.5||CNY|item|0", "0.4||CNY|item|0"}, []string{}},
	{"代查联系方式25一位，三位60", []string{"download_service"}, []string{"25||CNY|item|0", "60||CNY|lot|3"}, []string{}},
	{"数据商招下级，拿货0.6，卖1.5，利润自己算，飞机：t.me/cvdata_boss", []string{"resume_data"}, []string{"0.6||CNY|item|0", "1.5||CNY|item|0"}, []string{}},
}

func TestMessages(t *testing.T) {
	for _, m := range messages {
		r := read(m.text, m.goods...)
		prices, stock := short(r)
		sorted := cmpopts.SortSlices(func(a, b string) bool { return a < b })
		if d := cmp.Diff(m.prices, prices, sorted, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: prices (-want +got):\n%s", m.text, d)
		}
		if d := cmp.Diff(m.stock, stock, sorted, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: stock (-want +got):\n%s", m.text, d)
		}
	}
}

func TestFragments(t *testing.T) {
	for _, tt := range []struct {
		text, want string
	}{
		{"简历三块二一份", "3.2||CNY|item|0"},
		{"四块一一份", "4.1||CNY|item|0"},
		{"块六一条", "1.6||CNY|item|0"},
		{"简历六七毛一条", "0.6|0.7|CNY|item|0"},
		{"企业号两三百一个", "200|300|CNY|account|0"},
		{"号一百八一个", "180||CNY|account|0"},
		{"简历3点5一条", "3.5||CNY|item|0"},
		{"简历４．５元／份", "4.5||CNY|item|0"},
		{"简历20元8条", "20||CNY|lot|8"},
		{"1万条600", "600||CNY|ten_thousand_items|0"},
		{"1000条70块", "70||CNY|thousand_items|0"},
		{"一手3块二手9毛", "3||CNY|item|0 0.9||CNY|item|0"},
		{"一手3二手2", "3||CNY|item|0 2||CNY|item|0"},
		{"智联3 前程2.5 58的1块5", "3||CNY|item|0 2.5||CNY|item|0 1.5||CNY|item|0"},
		{"原价5块现价4块一份简历", "4||CNY|item|0"},
		{"押金300，月租500", "500||CNY|month|0"},
		{"官方一份80，我代下30", "30||CNY|item|0"},
		{"200-999份 3元，1000份以上2.5", "3||CNY|item|200 2.5||CNY|item|1000"},
		{"2块（200+） 1块8（2000+）", "2||CNY|item|200 1.8||CNY|item|2000"},
		{"号五张一个（一张=100）", "500||CNY|account|0"},
		{"$15一万条", "15||USDT|ten_thousand_items|0"},
		{"0.45 u 每份，最低 300 份", "0.45||USDT|item|300"},
		{"san kuai yi fen 简历", "3||CNY|item|0"},
		{"月薪8k-12k·13薪", ""},
		{"注册资本500万", ""},
		{"简历三毛四毛都行", "0.3|0.4|CNY|item|0"},
		{"企业号 四百五 两天出号", "450||CNY|account|0"},
		{"简历3元，不低于200份", "3||CNY|item|200"},
		{"便宜处理900块 会员号", "900||CNY|account|0"},
		{"几块钱一份，看量", ""},
		{"三七分成", ""},
		{"51job 58同城 2022届 985 都有", ""},
		{"现在是2023-05-06 12:30", ""},
	} {
		prices, _ := short(read(tt.text))
		if got := strings.Join(prices, " "); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestStock(t *testing.T) {
	for _, tt := range []struct {
		text, want string
	}{
		{"库存4w+简历", "40000|item"},
		{"库存：智联9万，前程7万", "90000|item 70000|item"},
		{"每天稳定更新3000+简历", ""},
		{"送20份试单", ""},
		{"收50个号", "50|account"},
		{"库存八十多万条简历", "800000|item"},
		{"简历投了200次", ""},
	} {
		_, stock := short(read(tt.text))
		if got := strings.Join(stock, " "); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

// TestHostileSizes reads long repetitions; none may take more than linear time.
func TestHostileSizes(t *testing.T) {
	for _, unit := range []string{"1/", "2块", "100起2块\n", "价", "一", "1万条", "一个", "百", "¥", "倒着12345", "1.", "一张=100", "60/50/40一个", "去掉*", "a:", "@", "张某/男/", "1 ", "块", "半", "剩"} {
		text := strings.Repeat(unit, 100_000/len(unit))
		start := time.Now()
		r := read(text)
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%q repeated: %v", unit, took)
		}
		if len(r.Prices) > 200 || len(r.Stock) > 200 {
			t.Errorf("%q repeated: %d prices, %d numbers of pieces", unit, len(r.Prices), len(r.Stock))
		}
	}
}

func BenchmarkRead(b *testing.B) {
	n := 0
	for _, m := range messages {
		n += len(m.text)
	}
	b.SetBytes(int64(n))
	for b.Loop() {
		for _, m := range messages {
			read(m.text, m.goods...)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, m := range messages {
		f.Add(m.text)
	}
	f.Add("\xff\xfe一\x00块$¥五u")
	f.Fuzz(func(t *testing.T, text string) {
		r := read(text)
		for _, s := range r.Spans {
			if s.Start < 0 || s.End > len(text) || s.Start >= s.End {
				t.Fatalf("span %v of %d bytes", s, len(text))
			}
			if utf8.ValidString(text) && (!utf8.RuneStart(text[s.Start]) || s.End < len(text) && !utf8.RuneStart(text[s.End])) {
				t.Fatalf("span %v cuts a character", s)
			}
		}
		for _, p := range r.Prices {
			if p.Amount == "" || strings.HasPrefix(p.Amount, "-") || p.Currency == "" || p.Per == "" || p.MinQuantity < 0 {
				t.Fatalf("impossible price %+v", p)
			}
		}
		for _, s := range r.Stock {
			if s.Quantity < 1 || s.Unit == "" {
				t.Fatalf("impossible stock %+v", s)
			}
		}
	})
}

// The last rune of a text has no neighbour: callers pass views without a line end.
func TestTextsThatEndAnywhere(t *testing.T) {
	whole := []rune("收51和58的简历100份起2块五一份，日租25，¥3/条 共3万条打包5000，58")
	for i := range whole {
		for j := i + 1; j <= len(whole); j++ {
			price.Read(numeral.NewView(string(whole[i:j]), nil), price.Context{})
		}
	}
}
