package console

import "regexp"

// The query language words its mistakes in English. These are the same in Chinese,
// most telling first; a value that is quoted in a mistake stays as it was written.
var mistakeWords = []struct {
	in *regexp.Regexp
	zh string
}{
	{regexp.MustCompile(`^the query is longer than (\d+) characters$`), "查询超过 $1 个字"},
	{regexp.MustCompile(`^this \) closes nothing$`), "这个 ) 没有对应的 ("},
	{regexp.MustCompile(`^this \( is not closed$`), "这个 ( 没有闭合"},
	{regexp.MustCompile(`^these parentheses are empty$`), "括号里是空的"},
	{regexp.MustCompile(`^this quote is not closed$`), "引号没有闭合"},
	{regexp.MustCompile(`^nothing stands after OR$`), "OR 后面没有内容"},
	{regexp.MustCompile(`^nothing stands before OR$`), "OR 前面没有内容"},
	{regexp.MustCompile(`^nothing stands before this \)$`), "这个 ) 前面没有内容"},
	{regexp.MustCompile(`^something must follow here$`), "这里后面还应有内容"},
	{regexp.MustCompile(`^more than (\d+) parentheses or minuses inside each other$`), "括号或减号嵌套超过 $1 层"},
	{regexp.MustCompile(`^("(?s:.*)") has no letter or digit to look for$`), "$1 里没有可以查找的字母、汉字或数字"},
	{regexp.MustCompile(`^there is no field ("(?s:.*)"); .* use one of (.*)$`), "没有 $1 这个字段；可用的字段：$2"},
	{regexp.MustCompile(`^(\w+): takes one value; write (.*)$`), "$1 只接受一个值；可写成 $2"},
	{regexp.MustCompile(`^(\w+): has no value$`), "$1 后面没有写值"},
	{regexp.MustCompile(`^(\w+): the range has no end at all$`), "$1 的范围两端都是空的"},
	{regexp.MustCompile(`^(\w+): ("(?s:.*)") is no number; write (.*)$`), "$1：$2 不是数字；可写成 $3"},
	{regexp.MustCompile(`^(\w+): ("(?s:.*)") is too large; write (.*)$`), "$1：$2 太大；可写成 $3"},
	{regexp.MustCompile(`^(\w+): the range begins with ((?s:.*)), behind its end ((?s:.*))$`), "$1：范围的开头 $2 在结尾 $3 之后"},
	{regexp.MustCompile(`^posted: ("(?s:.*)") is no time; write (.*)$`), "posted：$1 不是时间；可写成 $2"},
	{regexp.MustCompile(`^("(?s:.*)") is no time; write (.*)$`), "$1 不是时间；可写成 $2"},
	{regexp.MustCompile(`^(\w+): ("(?s:.*)") is no value that could be found$`), "$1：$2 不可能被找到"},
	{regexp.MustCompile(`^(\w+): there is no ("(?s:.*)"); it is one of (.*)$`), "$1 没有 $2 这个值；可用的值：$3"},
	{regexp.MustCompile(`^more than (\d+) sellers and alerts in one query$`), "一次查询中的卖家和警报超过 $1 个"},
	{regexp.MustCompile(`^alert:((?s:.*)) is no alert; write (.*)$`), "没有 alert:$1 这种写法；可写成 $2"},
}

// mistakeText is a mistake of a query in the visitor's language, as far as it has words for it.
func (l language) mistakeText(english string) string {
	if l != chinese {
		return english
	}
	for _, w := range mistakeWords {
		if m := w.in.FindStringSubmatchIndex(english); m != nil {
			return string(w.in.ExpandString(nil, w.zh, english, m))
		}
	}
	return english
}
