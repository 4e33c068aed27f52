package main

import (
	"errors"

	"resumewatch/extractors"
)

const doubtful = 8 // posts that the extractor can't tell

// doubts plants people and markers in posts of the archive that leave the extractor in
// doubt: these wait in the sealed spool. Which words do so changes with its version, so
// they are looked for.
func (w *world) doubts(marker func() string) error {
	x, err := extractors.New()
	if err != nil {
		return err
	}
	made := 0
	for _, tail := range []string{"400一个", "2块", "要的私", "有没有", "还剩3个", "半年900", "多少钱", "有吗", "50可以吗", "三张一个", "200到400"} {
		for _, goods := range []string{"企业号", "会员号", "简历", "号", "名单", "人才库", "账号", "资料", "数据", "采集软件", "名册"} {
			if made == doubtful {
				return nil
			}
			p := w.next(1)[0]
			q := &post{uin: 1000060000 + made, nick: "路人"}
			t := &writing{r: w.r, post: q, at: "post in doubt"}
			m := marker()
			q.text = goods + " " + tail + " " + t.note(m, "", m, "plain") + "\n" + t.v(p, name) + " " + t.flat(p, phone)
			if !x.Extract(q.text, extractors.Options{}).Doubt {
				w.used--
				continue
			}
			made++
			w.posts = append(w.posts, q)
		}
	}
	return errors.New("too few texts leave the extractor in doubt")
}
