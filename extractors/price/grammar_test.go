package price_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// grammar lists invented terms of sale by the rule that reads them.
var grammar = []struct {
	rule, text    string
	goods         []string
	prices, stock []string
}{
	{"bound from above", "不满50份按3元，满50份按2.5，满200份按2", []string{"resume_data"}, []string{"3||CNY|item|0", "2.5||CNY|item|50", "2||CNY|item|200"}, nil},
	{"bound from above", "1000份以下2.0，1000-5000份1.8，5000份以上1.5", []string{"resume_data"}, []string{"2||CNY|item|0", "1.8||CNY|item|1000", "1.5||CNY|item|5000"}, nil},
	{"less is refused", "2块一份 少于100不卖", []string{"resume_data"}, []string{"2||CNY|item|100"}, nil},
	{"range with two units", "一百条以下两块五，一百条到一千条两块二，一千条以上一块九", []string{"resume_data"}, []string{"2.5||CNY|item|0", "2.2||CNY|item|100", "1.9||CNY|item|1000"}, nil},
	{"least behind its word", "出简历 $0.5/条 起订200", []string{"resume_data"}, []string{"0.5||USDT|item|200"}, nil},
	{"least before its word", "0.5 USDT/row, 200 min", []string{"resume_data"}, []string{"0.5||USDT|item|200"}, nil},
	{"tier in brackets", "散拿3块，走量2块（500+）", []string{"resume_data"}, []string{"3||CNY|item|0", "2||CNY|item|500"}, nil},
	{"sum by the time", "猎聘会员号，每月200", []string{"recruiter_account"}, []string{"200||CNY|month|0"}, nil},
	{"sum by head and time", "拼车，每人每月120，还剩3个位置", []string{"recruiter_account"}, []string{"120||CNY|month|0"}, []string{"3|account"}},
	{"times beside each other", "猎聘会员半年1500一年2800", []string{"recruiter_account"}, []string{"1500||CNY|unknown|0", "2800||CNY|year|0"}, nil},
	{"a warranty is no time", "代开认证400，包半年，掉了免费补", []string{"account_registration"}, []string{"400||CNY|set|0"}, nil},
	{"rent said once", "求租智联企业号，只用三天，给150", []string{"recruiter_account"}, []string{"150||CNY|unknown|0"}, nil},
	{"rate of payment", "一天一结，每份2元", []string{"resume_data"}, []string{"2||CNY|item|0"}, nil},
	{"paid trial", "10元试看5份，正常3元一份", []string{"resume_data"}, []string{"10||CNY|lot|5", "3||CNY|item|0"}, nil},
	{"number = sum", "1w=300 5w=1200", []string{"resume_data"}, []string{"300||CNY|ten_thousand_items|0", "1200||CNY|lot|50000"}, nil},
	{"number and sum", "按万条算，一万280", []string{"resume_data"}, []string{"280||CNY|ten_thousand_items|0"}, nil},
	{"per thousand", "$100 per 1000, $700 per 10k", []string{"resume_data"}, []string{"100||USDT|thousand_items|0", "700||USDT|ten_thousand_items|0"}, nil},
	{"per thousand", "80/k 600/w", []string{"resume_data"}, []string{"80||CNY|thousand_items|0", "600||CNY|ten_thousand_items|0"}, nil},
	{"lot and piece", "50万条 8000打包带走 单卖3分", []string{"resume_data"}, []string{"8000||CNY|lot|0", "0.03||CNY|item|0"}, []string{"500000|item"}},
	{"lot of so many", "一万起一毛五，打包一万条含邮箱1200", []string{"resume_data"}, []string{"0.15||CNY|item|10000", "1200||CNY|ten_thousand_items|0"}, nil},
	{"too much for one", "硬盘邮寄，190万条简历，报价2万8，不拆卖", []string{"resume_data"}, []string{"28000||CNY|lot|0"}, []string{"1900000|item"}},
	{"haggled price of one", "出智联企业号，500一口价", []string{"recruiter_account"}, []string{"500||CNY|account|0"}, nil},
	{"mailboxes", "出HR收件箱，一个邮箱500", []string{"resume_data"}, []string{"500||CNY|account|0"}, nil},
	{"notes", "三张十块的一份", []string{"resume_data"}, []string{"30||CNY|item|0"}, nil},
	{"any unit", "六元一卦，30卦起", []string{"resume_data"}, []string{"6||CNY|item|30"}, nil},
	{"homophones", "简历石块一粉", []string{"resume_data"}, []string{"10||CNY|item|0"}, nil},
	{"shares are no money", "你出号我来卖，五五分", []string{"recruiter_account"}, nil, nil},
	{"years are no price", "出2026招聘平台求职者数据，1.2一条", []string{"resume_data"}, []string{"1.2||CNY|item|0"}, nil},
	{"what comes along", "要猎聘号，普通500，带点数的700", []string{"recruiter_account"}, []string{"500||CNY|account|0", "700||CNY|account|0"}, nil},
	{"one and another", "出两个前程无忧账号，一个500一个800", []string{"recruiter_account"}, []string{"500||CNY|account|0", "800||CNY|account|0"}, []string{"2|account"}},
	{"stock by city", "北京5000份 上海8000份 广州3000份 单价2元", []string{"resume_data"}, []string{"2||CNY|item|0"}, []string{"5000|item", "8000|item", "3000|item"}},
}

func TestGrammar(t *testing.T) {
	for _, tt := range grammar {
		prices, stock := short(read(tt.text, tt.goods...))
		if d := cmp.Diff(tt.prices, prices, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: %s: prices (-want +got):\n%s", tt.rule, tt.text, d)
		}
		if d := cmp.Diff(tt.stock, stock, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: %s: stock (-want +got):\n%s", tt.rule, tt.text, d)
		}
	}
}
