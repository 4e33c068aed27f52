package console

// layoutMessages are the texts of frame, sign-in, settings and errors.
var layoutMessages = messages{
	"product":         {"简历哨", "resumewatch"},
	"nav.search":      {"搜索", "Search"},
	"error.not_found": {"没有这个页面。", "There is no such page."},
	"error.internal":  {"出错了，已记入日志。", "Something went wrong; it is in the log."},
	"error.title":     {"出错", "Problem"},
}
