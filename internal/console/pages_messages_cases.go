package console

// caseMessages are the texts of cases.
var caseMessages = messages{
	"nav.cases":       {"案件", "Cases"},
	"cases.title":     {"案件", "Cases"},
	"cases.none":      {"还没有案件", "No cases yet"},
	"cases.none.how":  {"案件把警报、卖家、来源和笔记收在一起；法律保留让其内容不被清理。", "A case collects alerts, sellers, sources and notes; its hold keeps what they are about from being dropped."},
	"case.id":         {"编号", "Number"},
	"case.name":       {"名称", "Name"},
	"case.items":      {"收录项", "Items"},
	"case.opened":     {"建立", "Opened"},
	"case.in":         {"所属案件", "In cases"},
	"case.hold":       {"法律保留", "Legal hold"},
	"case.on_hold":    {"保留中", "on hold"},
	"case.no_hold":    {"未保留", "none"},
	"case.held":       {"保留了 %s 个报盘、%s 条消息、%s 份取证（加密后 %s 字节），以及之后归入这些报盘的内容。", "The hold keeps %s offers, %s posts and %s captures (%s bytes sealed), and whatever joins these offers later."},
	"case.resealed":   {"其中 %s 份已改用保留密钥加密。", "%s of them are sealed to the hold's own key."},
	"case.alerts":     {"警报", "Alerts"},
	"case.no_alerts":  {"没有警报。", "No alerts."},
	"case.offers":     {"报盘", "Offers"},
	"case.sellers":    {"卖家", "Sellers"},
	"case.nothing":    {"没有。", "None."},
	"case.gone":       {"收录后已被清理：", "Dropped since it was added:"},
	"case.notes":      {"笔记", "Notes"},
	"case.no_notes":   {"没有笔记。", "No notes."},
	"case_state.open": {"进行中", "open"},

	"case_state.closed":       {"已结案", "closed"},
	"case_action.opened":      {"建立案件", "opened it as"},
	"case_action.added":       {"收录", "added"},
	"case_action.hold_set":    {"开始法律保留", "put it on hold"},
	"case_action.hold_lifted": {"解除法律保留", "lifted the hold"},
	"case_action.resealed":    {"重新加密", "sealed anew"},
	"case_action.closed":      {"结案", "closed it"},

	"event.capture_resealed": {"重新加密取证", "captures sealed anew"},

	"audit.case_opened":  {"建立案件", "opened a case"},
	"audit.case_changed": {"更改案件", "changed a case"},
	"audit.case_closed":  {"结案", "closed a case"},
	"audit.hold_set":     {"开始法律保留", "put a case on hold"},
	"audit.hold_lifted":  {"解除法律保留", "lifted a hold"},
}
