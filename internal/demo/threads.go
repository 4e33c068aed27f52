package demo

import (
	"time"

	"resumewatch/crawlers/forum/discuztest"
)

// firstPost is when the oldest thread began; the others follow every 19 hours.
var firstPost = time.Date(2026, 2, 2, 1, 15, 0, 0, time.UTC)

var boards = []discuztest.Board{
	{ID: 2, Name: "职场闲谈", Category: "交流"},
	{ID: 3, Name: "招聘与求职", Category: "交流"},
	{ID: 4, Name: "资源互换", Category: "交流"},
	{ID: 5, Name: "同城", Category: "交流", Parent: 3},
	{ID: 6, Name: "版主之家", Category: "站务", Private: true},
}

var people = []string{"小林", "阿杰", "木木", "北方的风", "老周", "晴天", "一叶", "资源小王", "数据老李", "清风", "七月", "HR阿敏"}

type thread struct {
	board  int
	title  string
	author int // number in people, from 1; 0 is any
	sticky bool
	quotes bool // the last post quotes the first
	posts  []string
}

// threads are mostly what people talk about at work; some sell or seek stolen
// resumes and accounts, and some only use the same words.
var threads = []thread{
	{board: 2, title: "版规：请先看这里", sticky: true, posts: []string{"请友善交流，禁止广告和买卖个人信息，违者封号。"}},
	{board: 2, title: "加班到十点的人多吗", posts: []string{"最近项目上线，连着一周十点才走，大家呢？", "我们六点半准时走。", "正常，互联网都这样。", "调休攒了二十天，用不掉。", "建议直接跟领导谈。"}},
	{board: 2, title: "食堂的麻婆豆腐又涨价了", posts: []string{"从八块涨到十块。", "外卖也涨了，米线18一份。", "自己带饭吧。"}},
	{board: 3, title: "【招聘】上海 Java 开发三名", author: 12, posts: []string{"五年以上经验，双休，月薪2.5万到3.5万。\n简历请发 hr@example.com，注明应聘岗位。", "还招吗？", "招，欢迎投递。"}},
	{board: 4, title: "出智联简历，量大从优", author: 8, quotes: true, posts: []string{"出智联简历，一手，现货3万条，2元一条，100条起。\n先看样后付款，加QQ 1000012345", "还有吗", "有，1000条以上1.5元。", "别买，骗子，付了款就拉黑。"}},
	{board: 2, title: "简历写几页合适", posts: []string{"工作五年，两页放不下。", "一页半最好，项目挑重点写。", "有没有好用的模板？", "网上搜一下很多免费的。"}},
	{board: 3, title: "应届生求职：会计，苏州", posts: []string{"本科应届，有初级证书，求苏州或无锡的岗位。", "已私信。"}},
	{board: 4, title: "51企业会员号出租", author: 9, posts: []string{"前程无忧企业号出租，带下载点数，一个月800，一周300。\n微信 example_wx_01，非诚勿扰", "点数剩多少", "2000点左右。"}},
	{board: 2, title: "提醒：有人冒充招聘平台客服骗账号", posts: []string{"今天接到电话说企业账号异常，让我报验证码，差点上当。官方不会要验证码，大家转告同事。", "谢谢提醒。", "我们公司上个月也接到了。"}},
	{board: 5, title: "杭州 前台文员", author: 12, posts: []string{"朝九晚六，包午餐，转正后五险一金，月薪6000。", "地址在哪里？", "滨江。"}},
	{board: 4, title: "代下简*历 猎〇聘 boss", author: 8, posts: []string{"代 下 简*历，猎 聘 3块一份，b0ss 5块一份，当天出，假一赔十。\n电报 @example_seller01", "靠谱吗"}},
	{board: 2, title: "年假没休完能折现吗", posts: []string{"去年剩六天。", "按三倍日工资，但要看公司制度。", "我们是清零。"}},
	{board: 2, title: "新闻：某公司员工倒卖简历被判三年", posts: []string{"法院认定其通过企业账号下载简历5万余份，以每份1元出售，构成侵犯公民个人信息罪。", "活该。", "平台也该管管。"}},
	{board: 4, title: "求购：各行业人才简力", author: 10, posts: []string{"长期收购简力，要带电话，实时更新的，1块左右一条，每天要500条。\n扣扣：1000023456", "什么行业都要吗", "都要。"}},
	{board: 3, title: "内推：测试工程师", posts: []string{"组里缺两个人，三年以上经验，有兴趣回帖。", "求内推。", "求内推+1", "简历已发您邮箱。"}},
	{board: 2, title: "转行做数据分析来得及吗", posts: []string{"三十岁，之前做运营。", "先学 SQL，再做项目。", "来得及。"}},
	{board: 4, title: "低价转让二手显示器", posts: []string{"27寸，用了两年，400元，同城自提，微信聊。", "还在吗", "已出。"}},
	{board: 4, title: "智联直通车，无执照可开", author: 9, posts: []string{"代开企业招聘账号，包认证包过审，智联、58同城都能做，1200一套。\n联系电话13800138012（微信同号）", "多久能好", "三天。"}},
	{board: 2, title: "简历修改服务，满意再付", posts: []string{"五年HR，帮改简历，99元一份，包改到满意，有需要私聊。"}},
	{board: 5, title: "南京 仓库管理员两名", author: 12, posts: []string{"倒班，有宿舍，月薪5500起，电话直接约面试。"}},
	{board: 4, title: "简历提取软件，批量导出", author: 11, posts: []string{"BOSS、智联简历采集器，自动打招呼批量导出联系方式，1500元一套，含一年更新。\nQQ1000034567 可远程演示", "会封号吗", "慢点跑不会。"}},
	{board: 2, title: "午休趴着睡腰疼", posts: []string{"有没有推荐的折叠床？", "办公室不让放。"}},
	{board: 4, title: "人才资料打包处理", author: 11, posts: []string{"老料，多手，2019年的数据库，50万条打包3000。含姓名电话邮箱。\n邮箱 seller@example.com", "太老了"}},
	{board: 2, title: "试用期六个月合理吗", posts: []string{"合同签三年的。", "三年以上可以约定六个月。", "合法，但可以谈。"}},
}
