package console

// reviewMessages are the texts of the page of doubtful posts.
var reviewMessages = messages{
	"nav.review":      {"复核", "Review"},
	"review.title":    {"待复核", "Review"},
	"review.about":    {"程序拿不准是不是买卖简历或账号的帖子。采纳后当作报盘取证、入库、归组、告警；驳回后原文立即删除，不再出现。", "Posts of which the program can't tell whether they trade in resumes or accounts. Accepted ones are kept as evidence, searched and judged like others; of rejected ones the text goes at once, and they don't come back."},
	"review.none":     {"没有等待复核的帖子", "No post waits"},
	"review.none.why": {"拿不准的帖子读到后会出现在这里，最多等 30 天。", "Posts in doubt appear here as they are read, and wait 30 days at the most."},
	"review.filter":   {"按来源筛选", "Filter by source"},
	"review.clear":    {"显示全部来源", "Show all sources"},
	"review.sure":     {"把握 %s%%", "confidence %s%%"},
	"review.would_be": {"采纳后会读作", "Accepted, it reads as"},
	"review.why":      {"为什么拿不准", "Why it is in doubt"},
	"review.around":   {"前后消息", "What stands around it"},
	"review.post":     {"这一条", "this one"},
	"review.gone":     {"原文已经无法读取，只能驳回或等它过期。", "Its text can't be read any more; reject it, or let it expire."},
	"review.until":    {"原文保留到", "its text is kept until"},
	"review.accept":   {"采纳", "Accept"},
	"review.reject":   {"驳回", "Reject"},
	"review.correct":  {"更正后采纳", "Accept with corrections"},
	"review.side":     {"方向", "Side"},
	"review.as_read":  {"按读出的", "as it was read"},
	"review.goods":    {"货物（不选则按读出的）", "Goods (none: as they were read)"},
	"review.keys":     {"j k 上下移动 · a 采纳 · r 驳回", "j k move · a accepts · r rejects"},
	"review.settled":  {"%s 已不在列表里：后来的读取不再有疑问。", "%s isn't in the list any more: a later reading had no doubt."},
	"review.expired":  {"%s 已过期：没有人在原文保留期内决定。", "%s expired: nobody decided while its text was kept."},

	"review.done.accepted":    {"已采纳 %s，稍后可以搜索到。", "Accepted %s; it can be searched in a moment."},
	"review.done.rejected":    {"已驳回 %s，原文已删除。", "Rejected %s; its text is gone."},
	"review.decided.accepted": {"%s 已由 %s 采纳。", "%s was accepted by %s already."},
	"review.decided.rejected": {"%s 已由 %s 驳回。", "%s was rejected by %s already."},

	"facet.source": {"来源", "Source"},

	"audit.doubt_accepted": {"采纳待复核的帖子", "accepted a doubtful post"},
	"audit.doubt_rejected": {"驳回待复核的帖子", "rejected a doubtful post"},
}
