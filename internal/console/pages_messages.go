package console

// pageMessages are the texts of the pages.
var pageMessages = messages{
	"home.title": {"搜索", "Search"},
}
