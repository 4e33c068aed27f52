// Package doubtful finds texts that leave the extractor in doubt, for tests and benches
// that need posts which wait for a reviewer.
package doubtful

import (
	"bytes"
	"fmt"

	"resumewatch/extractors"
)

// Texts are so many texts that leave this version of the extractor in doubt. Which ones do
// changes with it, so they are looked for among many that say little.
func Texts(n int) ([]string, error) {
	x, err := extractors.New()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, tail := range []string{"400一个", "2块", "要的私", "有没有", "还剩3个", "半年900", "多少钱", "有吗", "50可以吗", "三张一个", "合租 30/月", "200到400", "一手两块", "转让 4000", "看看"} {
		for _, goods := range []string{"企业号", "会员号", "简历", "号", "名单", "人才库", "账号", "资料", "数据", "jl", "采集软件", "名册"} {
			for _, where := range []string{"", "智联", "58", "斗米", "鱼泡", "猎聘的", "应届生"} {
				text := where + goods + " " + tail
				if x.Extract(text, extractors.Options{}).Doubt {
					if out = append(out, text); len(out) == n {
						return out, nil
					}
				}
			}
		}
	}
	return nil, fmt.Errorf("only %d texts leave the extractor in doubt", len(out))
}

// Sprinkle puts texts, in turn, into a chat that the PC QQ message manager exported, each
// in place of what every so manieth message says.
func Sprinkle(chat []byte, every int, texts []string) []byte {
	const end = "\r\n\r\n"
	var out bytes.Buffer
	out.Grow(len(chat) + len(chat)/16)
	for n := 1; ; n++ {
		i := bytes.Index(chat, []byte(end))
		if i < 0 {
			out.Write(chat)
			return out.Bytes()
		}
		head, body, ok := bytes.Cut(chat[:i], []byte("\r\n"))
		if ok && n%every == 0 && len(body) > 0 && len(head) > 0 && '0' <= head[0] && head[0] <= '9' {
			out.Write(head)
			out.WriteString("\r\n" + texts[n/every%len(texts)])
		} else {
			out.Write(chat[:i])
		}
		out.WriteString(end)
		chat = chat[i+len(end):]
	}
}
