package contact_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestForms reads ways to give an id that other authors use, in words of our own.
func TestForms(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"QQ 10000★123★45", "qq:1000012345"},
		{"球球 10000🍀12🍀345", "qq:1000012345"},
		{"Q▲10000▼012▲34", "qq:1000001234"},
		{"群○10000○012○34", "qq_group:1000001234"},
		{"扣 10000 23 456", "qq:1000023456"},
		{"QQ：10-00-05-67-89", "qq:1000056789"},
		{"Q 分两段：10000 + 87654", "qq:1000087654"},
		{"扣/10000/065/11", "qq:1000006511"},
		{"收/智/联/一/手/简/历/两/块/扣/10000/975/31", "qq:1000097531"},
		{"求啊智啊联啊企啊业啊号啊五啊个啊扣啊1啊0啊0啊0啊0啊6啊8啊4啊2啊1啊", "qq:1000068421"},
		{"代代下下智智联联简简历历扣扣11000000006688442211", "qq:1000068421"},
		{"智联一手料2.5，不赊账，老客户直接打钱。1000060606", "qq:1000060606"},
		{"这批编号1000060606", ""},
		{"联系QQ1000012345（备用1000032244）", "qq:1000012345 qq:1000032244"},
		{"骗子QQ1000066655大家小心，我的Q 1000022333", "qq:1000022333"},
		{"q一千万零六万…算了直接 1000060708", "qq:1000060708"},
		{"QQ：壹仟萬零捌仟叁佰捌拾叁？非也。逐字：1 0 0 0 0 8 3 8 3 8", "qq:1000083838"},
		{"13800138555 可加微信", "phone:13800138555 wechat:13800138555"},
		{"威信号 abc杠data杠77", "wechat:abc-data-77"},
		{"威：demo丨shou（竖线当下划线）", "wechat:demo_shou"},
		{"威 zu hao dada（空格是下划线）", "wechat:zu_hao_dada"},
		{"TG 是 demo_house 加下划线加 kid", "telegram:demo_house_kid"},
		{"电-报：l g _ m m _ v e r i f y （连起来）", "telegram:lg_mm_verify"},
		{"tg@chef_demo", "telegram:chef_demo"},
		{"tg@example.com", "email:tg@example.com"},
		{"纸.鸢 → silkshop_z", "telegram:silkshop_z"},
		{"微♥ fa_gang_demo", "wechat:fa_gang_demo"},
		{"加 💚 demo_siyan", "wechat:demo_siyan"},
		{"来路干净没倒过手。tg：kiwi_demo", "telegram:kiwi_demo"},
		{"扣 1234500001（倒）", "qq:1000054321"},
		{"皮上印着电话。敲 1000022837 球球", "qq:1000022837"},
		{"落款都有手机号。demo_jiuhua 徽号", "wechat:demo_jiuhua"},
		{"每趟五千瓶起拉，量够我天天来。demo_shou，V", "wechat:demo_shou"},
		{"我：boss150\n阿宽：微信？", ""},
	} {
		var got []string
		for _, c := range read(tt.text).Contacts {
			got = append(got, c.Key())
		}
		if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, d)
		}
	}
}
