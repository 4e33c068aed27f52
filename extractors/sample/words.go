package sample

import (
	"strings"
	"unicode/utf8"
)

// labels are the names of fields in front of a value or at the head of a column.
var labels = map[string]string{
	"姓名": "name", "名字": "name", "姓": "name", "称呼": "name", "昵称": "name", "name": "name", "xing ming": "name", "xingming": "name", "候选人": "name", "人名": "name", "联系人": "name", "求职者": "name", "应聘者": "name", "本名": "name",
	"性别": "gender", "gender": "gender", "sex": "gender", "年龄": "age", "age": "age", "岁数": "age",
	"出生日期": "birth_date", "出生": "birth_date", "生日": "birth_date", "出生年月": "birth_date", "birth": "birth_date", "birthday": "birth_date",
	"电话": "phone", "手机": "phone", "手机号": "phone", "手机号码": "phone", "联系电话": "phone", "联系方式": "phone", "mobile": "phone", "phone": "phone", "tel": "phone", "电话号码": "phone", "号码": "phone", "移动电话": "phone", "telephone": "phone", "cell": "phone",
	"邮箱": "email", "电子邮箱": "email", "邮件": "email", "email": "email", "mail": "email", "e-mail": "email",
	"身份证": "id_number", "身份证号": "id_number", "证件号": "id_number", "证号": "id_number", "身份证号码": "id_number", "idcard": "id_number",
	"照片": "photo", "头像": "photo", "photo": "photo",
	"城市": "region", "地区": "region", "现居": "region", "现居地": "region", "所在地": "region", "居住地": "region", "现居住地": "region", "户籍": "region", "籍贯": "region", "地域": "region", "city": "region", "region": "region", "location": "region", "期望城市": "region", "期望地点": "region", "工作地点": "region", "意向城市": "region", "户口": "region", "户口所在地": "region",
	"地址": "address", "住址": "address", "现住址": "address", "家庭住址": "address", "通讯地址": "address", "address": "address", "居住地址": "address",
	"学历": "education", "edu": "education", "学历专业": "education", "所学专业": "education", "专业": "education", "最高学历": "education", "毕业": "education", "degree": "education", "education": "education", "major": "education", "文化程度": "education", "学位": "education",
	"学校": "school", "毕业院校": "school", "院校": "school", "毕业学校": "school", "school": "school", "university": "school",
	"工作经历": "work_experience", "工作年限": "work_experience", "经验": "work_experience", "工作经验": "work_experience", "工龄": "work_experience", "年限": "work_experience", "experience": "work_experience", "经历": "work_experience", "exp": "work_experience", "years": "work_experience", "从业年限": "work_experience", "工作时间": "work_experience",
	"公司": "employer", "曾任": "employer", "现任": "employer", "就职": "employer", "任职": "employer", "最近单位": "employer", "目前单位": "employer", "现公司": "employer", "单位": "employer", "目前公司": "employer", "所在公司": "employer", "工作单位": "employer", "company": "employer", "employer": "employer", "前公司": "employer", "最近公司": "employer", "现单位": "employer",
	"职位": "position", "应聘": "position", "求职": "position", "expect": "position", "意向职位": "position", "目标岗位": "position", "目标职位": "position", "wanted": "position", "岗位": "position", "期望职位": "position", "求职意向": "position", "应聘岗位": "position", "应聘职位": "position", "求职岗位": "position", "意向岗位": "position", "意向": "position", "现职": "position", "职务": "position", "position": "position", "job": "position", "title": "position", "工种": "position", "期望岗位": "position", "目前职位": "position", "职业": "position",
	"期望薪资": "salary", "要价": "salary", "年俸": "salary", "期望年薪": "salary", "薪酬": "salary", "pay": "salary", "薪资": "salary", "薪水": "salary", "月薪": "salary", "期望月薪": "salary", "期望": "salary", "salary": "salary", "薪资要求": "salary", "现月薪": "salary", "年薪": "salary", "待遇": "salary", "期望薪水": "salary", "目前薪资": "salary", "工资": "salary",
	"婚姻": "marital_status", "married": "marital_status", "marital": "marital_status", "婚姻状况": "marital_status", "婚否": "marital_status", "婚育": "marital_status",
	"简历编号": "resume_id", "简历id": "resume_id", "id": "resume_id", "编号": "resume_id", "书号": "resume_id", "简历号": "resume_id", "resume_id": "resume_id", "resumeid": "resume_id",
	"最近登录": "active_time", "active": "active_time", "last_active": "active_time", "lastlogin": "active_time", "在线": "active_time", "活跃度": "active_time", "活跃": "active_time", "活跃时间": "active_time", "更新时间": "active_time", "登录时间": "active_time", "最近活跃": "active_time", "最后登录": "active_time", "投递时间": "active_time", "刷新时间": "active_time", "更新日期": "active_time",
	"微信": "wechat", "微信号": "wechat", "wx": "wechat", "wechat": "wechat", "vx": "wechat", "qq": "qq", "qq号": "qq",
	"名": "name", "性": "gender", "岁": "age", "龄": "age", "职": "position", "岗": "position", "衔": "position", "电": "phone", "城": "region", "居": "region", "校": "school", "薪": "salary", "俸": "salary", "婚": "marital_status", "邮": "email", "东家": "employer", "资": "work_experience", "年资": "work_experience",
	"序号": "", "工号": "", "no": "", "no.": "", "备注": "", "来源": "", "平台": "", "状态": "",
}

// labelOf is the field that a label of these characters names.
func labelOf(w []rune) (field string, ok bool) {
	if len(w) == 0 || len(w) > maxLabel || marked.of(w[0])&headsLabel == 0 {
		return "", false
	}
	var buf [4 * maxLabel]byte
	b := buf[:0]
	for _, r := range w {
		b = utf8.AppendRune(b, r)
	}
	field, ok = labels[string(b)]
	return field, ok
}

// maxLabel is the length of the longest label in runes.
const maxLabel = 10

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

var (
	degrees = set("小学 初中 高中 中专 中技 技校 职高 大专 专科 本科 学士 硕士 研究生 博士 mba emba 统招本科 统招大专 全日制本科 全日制大专 自考本科 自考 函授 成教 本科在读 硕 博 大本 bk dz 高职 大学 大学本科 双证硕士 海归硕士 在职研究生 专升本 bachelor master phd 中学")
	marital = set("已婚 未婚 离异 离婚 已婚已育 已婚未育 单身 丧偶")
	genders = set("男 女 囡 侽 m f male female 先生 女士 男性 女性")
	photos  = set("照片 photo 图片")
	called  = set("师傅 先生 女士 小姐 老师 阿姨 同学 大姐 大哥 姐 哥 工 总 叔 嫂 妹")
	titles  = set("初级 中级 高级 副高 正高 一建 二建")
	// regions are provinces and prefectures without their 省 and 市, and how
	// large cities are spelled in Latin letters.
	regions = set(`北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门
石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛 长春 四平 辽源 通化 白山 松原 白城 延边 延吉
哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 昆山 常熟 江阴 张家港 太仓 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 义乌 慈溪 余姚 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城
福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德 晋江 石狮 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 莱芜 临沂 德州 聊城 滨州 菏泽 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 济源
武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 仙桃 潜江 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮 顺德 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左
海口 三亚 三沙 儋州 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 贵阳 六盘水 遵义 安顺 毕节 铜仁 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 大理 楚雄 红河 拉萨 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 西宁 银川 石嘴山 吴忠 固原 中卫 乌鲁木齐 克拉玛依 吐鲁番 哈密 喀什 伊犁
beijing shanghai tianjin chongqing guangzhou shenzhen hangzhou suzhou nanjing wuhan chengdu xian changsha zhengzhou qingdao dalian ningbo xiamen foshan dongguan hefei fuzhou jinan kunming wuxi`)
	surnames = "区赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房解应宗丁宣邓洪包左石崔吉龚程邢裴陆荣翁荀甄曲封储靳段富焦巴侯全班秋仲伊宫宁仇栾甘厉戎祖武符刘景詹龙叶司韶黎溥印白怀蒲从鄂索赖卓蔺屠蒙池乔温庄柴瞿阎连习艾容向古易廖庾终步都耿满匡国文寇广东欧沃利蔚越隆师巩聂晁勾敖融冷辛阚那简饶空曾关查荆游竺权盖桓公阳冉牟桑桂濮牛寿扈燕浦晏瞿茹覃仝亓苟郗缪苑楚佘邸谯粟逯肖涂占岳闫付边佟代迟覃"
)
