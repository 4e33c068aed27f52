package neardup

import (
	"fmt"
	"math/bits"
	"testing"

	"resumewatch/extractors/fold"
)

func sketch(s string) uint64 {
	t := fold.Fold(s)
	return Sketch(t.Folded)
}

var adverts = []string{
	"长期出智联一手简历，全国城市岗位任选，当天新鲜数据，姓名电话邮箱齐全，2元一份，100份起，支持先测后付，诚信合作，需要的加QQ1000012345，非诚勿扰",
	"出售BOSS直聘企业号，实名认证齐全，可直接发布职位，掉认证包赔，单个120元，十个起批100元，量大可谈，联系微信 boss_hao_demo",
	"猎聘简历代下载服务，发简历链接即可返回联系方式，十五元一份，秒出结果，不成功不收费，老客户优惠，电报 lp_demo_down",
	"智联招聘采集软件，自动登录企业后台批量导出简历到表格，终身授权八百八十元，送视频教程，支持远程安装调试，免费更新",
	"本公司因业务扩展诚聘客服专员五名，月薪五千到八千，五险一金双休，有意者请将个人简历发送到邮箱，我们会尽快安排面试",
	"警方提醒广大求职者注意保护个人信息，不要随意在网上填写身份证号码，发现简历被倒卖请及时向公安机关举报",
}

func TestRewordedAdvertsAreNear(t *testing.T) {
	for i, pair := range [][2]string{
		{adverts[0], "长期出智联一手简历，全国城市岗位任选，当天新鲜数据，姓名电话邮箱齐全，1.8元一份，200份起，支持先测后付，诚信合作，需要的加QQ1000099999，非诚勿扰"},
		{adverts[0], "🔥长期出智聯一手簡歷🔥 全国城市岗位任选，当天新鲜数据，姓名电话邮箱齐全 2.5元一份 50份起 支持先测后付，诚信合作，需要的加QQ1000012345"},
		{adverts[1], "【现货】出售BOSS直聘企业号，实名认证齐全，可直接发布职位，掉认证包赔，单个130元，十个起批110元，量大可谈，联系微信 boss_hao_demo2"},
		{adverts[2], "猎聘简历代下载服务，发简历链接即可返回联系方式，十二元一份，秒出结果，不成功不收费，老客户优惠，电报 lp_demo_down"},
	} {
		a, b := sketch(pair[0]), sketch(pair[1])
		if !Near(a, b) {
			t.Errorf("pair %d: distance %d", i, bits.OnesCount64(a^b))
		}
	}
}

func TestDifferentAdvertsAreNot(t *testing.T) {
	for i := range adverts {
		for j := range i {
			a, b := sketch(adverts[i]), sketch(adverts[j])
			if Near(a, b) {
				t.Errorf("%d and %d: distance %d", i, j, bits.OnesCount64(a^b))
			}
		}
	}
}

func TestSmallTexts(t *testing.T) {
	if Sketch("") != 0 || Sketch("，。 ") != 0 {
		t.Error("nothing must have the sketch 0")
	}
	if Sketch("早") == Sketch("好") || Sketch("出简历") == 0 {
		t.Error("short texts must differ")
	}
	if Sketch("加12345份啊啊") != Sketch("加9份啊啊") {
		t.Error("numbers must not matter")
	}
}

func BenchmarkSketch(b *testing.B) {
	b.SetBytes(int64(len(adverts[0])))
	for b.Loop() {
		Sketch(adverts[0])
	}
}

func ExampleNear() {
	fmt.Println(Near(Sketch("出智联简历两元一份，需要的加我"), Sketch("出智联简历两元一份，需要的加我！")))
	// Output: true
}
