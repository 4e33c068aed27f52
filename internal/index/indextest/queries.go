package indextest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/index"
	"resumewatch/internal/query"
)

// Query is a query over Documents with the ids that it finds, in the order of
// the hits, and blanks between them.
type Query struct{ Text, IDs string }

// Queries is the table of queries that every engine answers alike.
var Queries = []Query{
	{"", "05 06 04 03 02 01"},

	// words of one, two and more Han characters
	{"简", "05 06 04 03 01"},
	{"历", "05 04 03 01"},
	{"史", "05 04"},
	{"简历", "05 04 03 01"},
	{"历史", "04"},
	{"一手智联", "01"},
	{"一手智联简历", "01"},
	{"手一", ""},
	{"智联历", ""},
	// folding: ornaments, traditional characters, width, case, accents
	{"简*历", "05 04 03 01"},
	{"簡歷", "05 04 03 01"},
	{"简\u200b历", "05 04 03 01"},
	{"价格", "02"},
	{"ｂｏｓｓ", "02"},
	{"boss直聘", "02"},
	{"cafe", "02"},
	{"CAFÉ", "02"},
	{"resume", "04"},
	{"ré", ""},
	{"★ 简历", "05 04 03 01"},
	{"★简历★", "05 04 03 01"},
	{"𠮷", "04"},
	{"𠮷祥", "04"},
	{"𠮸", ""},
	{"u20bb7", ""},
	// words, digits, ids
	{"1000012345", "01"},
	{"100001234", ""},
	{"QQ1000012345", "01"},
	{"wx_abc_123", "03"},
	{"wx_abc", "03"},
	{"51job", "03"},
	{"job", "03"},
	{"jo", ""},
	{"0.3元", "03"},
	// phrases
	{`"代下载51job"`, "03"},
	{`"猎聘简"`, "03"},
	{`"猎 聘 简"`, "03"},
	{`"一手 智联"`, "01"},
	{`"智联 一手"`, ""},
	{`"qq 简"`, "06"},
	{`"简 word"`, "06"},
	{`"元 起 微"`, "03"},
	{`"条，2元"`, "01"},
	{`"简历 历史"`, ""},      // they stand in two lines
	{`"求购 企业账号"`, "02"},  // the title
	{`"企业账号 收BOSS"`, ""}, // title and text are apart
	// AND, OR, NOT
	{"简历 QQ", "01"},
	{"代下载 OR 企业号", "03 02"},
	{"简历 代下载 OR 企业号", "03 02"},
	{"简历 (代下载 OR 企业号)", "03"},
	{"-简历", "06 02"},
	{"简 -简历", "06"},
	{"-(简历 OR 企业号)", "06"},
	{"-简历 -企业号", "06"},
	{"-简历 OR 代下载", "06 03 02"},
	{"简历 -代下载 -qq", "05 04"},
	{"-(-简历)", "05 04 03 01"},
	{"(简历 -代下载) OR (简历 51job)", "05 04 03 01"},
	{"-★简", "02"},
	// fields
	{"side:sell", "05 04 03 01"},
	{"side:buy", "06 02"},
	{"goods:resume_data", "06 04 01"},
	{"goods:resume_data goods:scraping_tool", "06"},
	{"platform:boss", "02"},
	{"platform:51job", "03"},
	{"platform:58", ""},
	{"platform:51job OR platform:zhaopin", "03 01"},
	{"grade:first_hand", "01"},
	{"source:group-a", "02 01"},
	{"source:Group-A", "02 01"},
	{"source:group", ""},
	{"place:1000088888", "05 04 03"},
	{"place:https://bbs.example.com/forum-2-1.html", "02"},
	{"author:老王", "03 01"},
	{"author:1000012345", "01"},
	{"author:hunter_zhang", "02"},
	{"author:hunter", ""},
	{"author:简", "05"},
	{"qq:1000012345", "01"},
	{"qq:1000054321", ""}, // that one is a group
	{"wechat:wx_abc_123", "03 02"},
	{"wechat:WX_ABC_123", "03 02"},
	{"wechat:wx_abc", ""},
	{"phone:13800138000", "04"},
	{"phone:+8613800138000", "04"},
	{"telegram:@Example_Seller", "03"},
	{"email:SELLER@example.com", "04"},
	{"-side:sell", "06 02"},
	{"简历 -platform:zhaopin side:sell", "05 04 03"},
	// ranges
	{"price:2", "01"},
	{"price:2.0", "01"},
	{"price:1..3", "04 01"},
	{"price:..0.5", "03"},
	{"price:60..", "03 02"},
	{"price:3..60", "04 03"},
	{"price:4..59", ""},
	{"price:200..300", "02"},
	{"price:500..", "02"},
	{"price:500.01..", ""},
	{"stock:10000..", "06 01"},
	{"stock:..9999", "03"},
	{"stock:10000", "06"},
	{"stock:13..9998", ""},
	{"-price:1..3", "05 06 03 02"},
	{"-stock:0..", "05 04 02"},
	{"price:1..3 OR 代下载", "04 03 01"},
	{"(price:1..3 OR stock:10000) -qq", "04"},
	{"price:1..3 stock:10000..", "01"},
	{"简历 price:1..3 side:sell", "04 01"},
	{"posted:2026-01-02..2026-01-03", "03 02"},
	{"posted:2026-01-04", "04"},
	{"posted:2026-01..2026-03-15", "05 06 04 03 02 01"},
	{"posted:2025", ""},
	{"posted:..2026-01-02", "02 01"},
	{"posted:2026-01-05T08:00:00+08:00..", "05 06"},
	{"posted:2026-01-05T08:00:01+08:00..", ""},
	{"-posted:2026-01-05 简历", "04 03 01"},
	{"posted:2026-01-01 OR 企业号", "02 01"},
	{"posted:2026-01-02.. posted:..2026-01-03", "03 02"},
	{"posted:300d.. ", ""},
}

func runQueries(t *testing.T, s index.Store) {
	docs := Documents()
	put(t, s, docs...)
	for _, q := range Queries {
		want := fields(q.IDs)
		n, err := query.Parse(q.Text, Now, Zone)
		if err != nil {
			t.Errorf("%s: %v", q.Text, err)
			continue
		}
		if diff := cmp.Diff(want, Expected(n, docs)); diff != "" {
			t.Errorf("%s: the table and the meaning of the query differ (-table +meaning):\n%s", q.Text, diff)
		}
		same(t, q.Text, searchNode(t, s, n, index.Page{}), want)
		if len(want) > 1 {
			same(t, q.Text+" (first)", searchNode(t, s, n, index.Page{Limit: 1}), want[:1])
		}
	}
	// Listings that the casebook named.
	for _, c := range []struct {
		node query.Node
		ids  string
	}{
		{query.IDs{IDs: []string{"01", "03", "none"}}, "03 01"},
		{query.IDs{}, ""},
		{query.Not{Node: query.IDs{IDs: []string{"01", "03"}}}, "05 06 04 02"},
		{query.And{Nodes: []query.Node{query.IDs{IDs: []string{"01", "02"}}, query.Phrase{Tokens: []string{"简历"}}}}, "01"},
		{query.Or{Nodes: []query.Node{query.IDs{IDs: []string{"02"}}, query.Number{Field: query.FieldPrice, Min: 3, Max: 3}}}, "04 02"},
		{query.Not{Node: query.All{}}, ""},
	} {
		same(t, "listings of the casebook", searchNode(t, s, c.node, index.Page{}), fields(c.ids))
	}
}
