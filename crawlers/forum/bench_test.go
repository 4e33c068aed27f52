package forum_test

import (
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"resumewatch/crawlers/forum"
	"resumewatch/crawlers/forum/discuztest"
)

// What one page costs: parsing and reading a thread of 20 posts, a list of 20 rows.
func BenchmarkDiscuz(b *testing.B) {
	s := discuztest.New(discuztest.Style{Jammer: true, PerThread: 20, PerList: 20}, clock)
	s.AddBoard(discuztest.Board{ID: 2, Name: "资源"})
	for range 40 {
		t := discuztest.Thread{Board: 2, Title: "出简历"}
		for i := range 20 {
			t.Posts = append(t.Posts, &discuztest.Post{Author: discuztest.User{ID: 3, Name: "阿杰"}, At: now.Add(time.Duration(-i) * time.Hour), Text: "一手\n现货3万条\n2元一条\n加QQ 1000012345"})
		}
		s.AddThread(t)
	}
	for name, addr := range map[string]string{"thread": "http://bbs.example.com/thread-1-1-1.html", "list": "http://bbs.example.com/forum-2-1.html"} {
		b.Run(name, func(b *testing.B) {
			rec := httptest.NewRecorder()
			s.ServeHTTP(rec, httptest.NewRequest("GET", addr, nil))
			raw := rec.Body.Bytes()
			u, err := url.Parse(addr)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				p, err := forum.Parse(u, 200, nil, raw, now, nil)
				if err != nil {
					b.Fatal(err)
				}
				r, err := forum.Discuz{}.Read(p)
				if err != nil || len(r.Posts)+len(r.Threads) != 20 {
					b.Fatalf("%d posts, %d rows, %v", len(r.Posts), len(r.Threads), err)
				}
			}
		})
	}
}
