package indextest

import (
	"resumewatch/internal/index"
	"resumewatch/internal/market"
)

func price(amount, most string) market.Price {
	return market.Price{Amount: amount, AmountMax: most, Currency: market.CurrencyCNY, Per: market.PerItem}
}

func contact(kind, value string) market.Contact { return market.Contact{Kind: kind, Value: value} }

// Documents are the listings that the queries of the suite run over. Everything
// in them is invented.
func Documents() []index.Document {
	return []index.Document{
		{
			ListingID: "01", Version: 1, PostedAt: at(1, 0), SeenAt: at(20, 0),
			Text: "出一手智联简*历，30w条，2元一份，加QQ1000012345", Side: market.SideSell,
			Goods: []string{market.GoodsResumeData}, Platforms: []string{"zhaopin"}, Grades: []string{market.GradeFirstHand},
			Prices: []market.Price{price("2", "")}, Stock: []market.Stock{{Quantity: 300000, Unit: market.UnitItem}},
			Contacts: []market.Contact{contact(market.ContactQQ, "1000012345")},
			Source:   []string{"group-a"}, Place: "1000099999", AuthorID: "1000012345", AuthorName: "老王",
		},
		{
			ListingID: "02", Version: 1, PostedAt: at(2, 0),
			Text: "收BOSS直聘企业号 價格好談 Café", Title: "求购 企业账号", Side: market.SideBuy,
			Goods: []string{market.GoodsRecruiterAccount}, Platforms: []string{"boss"},
			Prices:   []market.Price{price("100", "500")},
			Contacts: []market.Contact{contact(market.ContactWeChat, "wx_abc_123"), contact(market.ContactQQGroup, "1000054321")},
			Source:   []string{"board", "group-a"}, Place: "https://bbs.example.com/forum-2-1.html", AuthorID: "42", AuthorName: "Hunter_Zhang",
		},
		{
			ListingID: "03", Version: 1, PostedAt: at(3, 0),
			Text: "代下载51job、猎聘简历 0.3元起 微信wx_abc_123 t.me/example_seller", Side: market.SideSell,
			Goods: []string{market.GoodsDownloadService}, Platforms: []string{"51job", "liepin"}, Grades: []string{market.GradeSecondHand},
			Prices: []market.Price{price("0.3", ""), price("60", "")}, Stock: []market.Stock{{Quantity: 9999, Unit: market.UnitItem}, {Quantity: 12, Unit: market.UnitAccount}},
			Contacts: []market.Contact{contact(market.ContactWeChat, "wx_abc_123"), contact(market.ContactTelegram, "example_seller")},
			Source:   []string{"group-b"}, Place: "1000088888", AuthorName: "老王",
		},
		{
			ListingID: "04", Version: 1, SeenAt: at(4, 0), // the time of posting is unknown
			Text: "★★★简历★★★\n历史数据 𠮷祥 résumé", Side: market.SideSell, Goods: []string{market.GoodsResumeData},
			Prices:   []market.Price{price("3", ""), price("abc", "")},
			Contacts: []market.Contact{contact(market.ContactPhone, "13800138000"), contact(market.ContactEmail, "seller@example.com")},
			Source:   []string{"group-b"}, Place: "1000088888", AuthorID: "seller@qq.example",
		},
		{
			ListingID: "05", Version: 1, PostedAt: at(5, 0),
			Text: "简 单说说历，看史", Title: "简历", Side: market.SideSell,
			Source: []string{"group-b"}, Place: "1000088888", AuthorID: "1000000001", AuthorName: "简",
		},
		{
			ListingID: "06", Version: 1, PostedAt: at(5, 0),
			Text: "qq 简 word", Side: market.SideBuy, Goods: []string{market.GoodsResumeData, market.GoodsScrapingTool},
			Stock: []market.Stock{{Quantity: 10000, Unit: market.UnitItem}},
		},
	}
}
