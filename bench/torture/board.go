package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"time"

	"resumewatch/crawlers/forum/discuztest"
)

// board is a crawl of an invented forum that this process serves: the one thing
// here that is never killed. Its address stays the same over all runs, since
// addresses are part of what the program knows.
type board struct {
	address, host string
	stop          func()
}

// bytesPerPage says how many pages a board has in place of an archive's size.
const bytesPerPage = 50_000

const postsPerThread = 8 // on two pages

func newBoard(ctx context.Context, size int64, seed uint64) (*board, error) {
	// The forum's clock stands still: its pages are the same on every visit.
	clock := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	s := discuztest.New(discuztest.Style{Name: "示例论坛", PlainTimes: true, PerList: 20, PerThread: 5, Robots: "404"}, func() time.Time { return clock })
	for fid, name := range []string{"职场闲聊", "资源互换", "求职招聘"} {
		s.AddBoard(discuztest.Board{ID: fid + 1, Name: name, Category: "示例"})
	}
	rnd := rand.New(rand.NewPCG(seed, 7))
	threads := max(int(size/bytesPerPage)/2, 12)
	for i := range threads {
		at := clock.Add(-time.Duration(threads-i) * 17 * time.Minute)
		t := discuztest.Thread{Board: 1 + i%3, Title: fmt.Sprintf("第%d帖", i+1), Views: i}
		for j := range postsPerThread {
			t.Posts = append(t.Posts, &discuztest.Post{
				Author: discuztest.User{ID: 101 + rnd.IntN(40), Name: fmt.Sprintf("会员%d", 1+rnd.IntN(40))},
				At:     at.Add(time.Duration(j) * time.Minute), Text: say(rnd, i, j),
			})
		}
		s.AddThread(t)
	}
	address, stop, err := s.Start(ctx)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(address)
	if err != nil {
		stop()
		return nil, err
	}
	return &board{address, u.Host, stop}, nil
}

// say is a post: an offer in every third thread's first one, and now and then in a reply.
func say(rnd *rand.Rand, thread, post int) string {
	if post == 0 && thread%3 == 0 || rnd.IntN(40) == 0 {
		return fmt.Sprintf("出%s简历，一手，现货%d万条，%d元一条，%d条起。\n加QQ %d，先看样。",
			[]string{"智联", "猎聘", "前程无忧", "58"}[rnd.IntN(4)], 1+rnd.IntN(30), 1+rnd.IntN(5), 100*(1+rnd.IntN(5)), 1000010000+rnd.IntN(60))
	}
	return fmt.Sprintf("%s（%d-%d）", []string{"今天天气不错", "有人一起吃饭吗", "面试通过了，谢谢大家", "地铁又晚点", "简历怎么写比较好？"}[rnd.IntN(5)], thread, post)
}

func (b *board) name() string { return whatCrawl }

func (b *board) command() []string {
	return []string{"crawl", "--rate", "0", "--allow-private", b.host, "--authority", "torture of an invented forum", b.address}
}

func (b *board) close() error {
	b.stop()
	return nil
}
