package index_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/index"
	"resumewatch/internal/index/indextest"
	"resumewatch/internal/market"
	"resumewatch/internal/query"
)

// BenchmarkNewest asks for the newest 50. RESUMEWATCH_BENCH_LISTINGS says over
// how many listings (20,000); RESUMEWATCH_BENCH_INDEX keeps the index in a file
// for the next run.
func BenchmarkNewest(b *testing.B) {
	path := os.Getenv("RESUMEWATCH_BENCH_INDEX")
	if path == "" {
		path = filepath.Join(b.TempDir(), "index.db")
	}
	s, err := index.OpenSQLite(path, false)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	newest(b, s)
}

// newest fills a store and measures searches.
func newest(b *testing.B, s index.Store) {
	count := 20_000
	if s := os.Getenv("RESUMEWATCH_BENCH_LISTINGS"); s != "" {
		var err error
		if count, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	if s.Fresh() {
		generate(b, s, count)
		if err := s.Filled(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	for _, q := range []string{
		"", "简历", "历", "出", "一手智联简历", `"加qq 1"`, `"加qq1 简"`, "-简历", "简历 -智联 side:sell", "platform:boss OR platform:liepin", "qq:1000000777",
		"price:1..3", "price:499", "简历 price:1..3 stock:10000..", "price:499 OR 𠮷", "简历 posted:2025-03", "nosuchword", "简历 nosuchword",
	} {
		n, err := query.Parse(q, indextest.Now, indextest.Zone)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(strings.ReplaceAll(q, " ", "+"), func(b *testing.B) {
			hits := 0
			for b.Loop() {
				hits = 0
				err := s.Search(b.Context(), n, index.Page{Limit: 50}, func(index.Hit) error { hits++; return nil })
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(hits), "hits")
		})
	}
}

// generate puts invented listings in no order of time, unless RESUMEWATCH_BENCH_ORDER is
// time: then from the oldest on.
func generate(b *testing.B, s index.Store, count int) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	some := func(list ...string) string { return list[r.IntN(len(list))] }
	start, put := time.Now(), 0
	var batch []index.Document
	for i := range count {
		qq := strconv.Itoa(1_000_000_000 + r.IntN(20_000))
		platform := some("zhaopin", "51job", "liepin", "boss")
		d := index.Document{
			ListingID: fmt.Sprintf("%016x", r.Uint64()), Version: 1, PostedAt: time.Unix(1_700_000_000+r.Int64N(60_000_000), 0),
			Text: some("出", "收", "批发", "长期出售") + some("一手", "二手", "实时", "") + some("智联", "前程无忧", "猎聘", "直聘") + some("简历", "简历数据", "企业号", "账号") +
				"，" + strconv.Itoa(1+r.IntN(50)) + "万条，" + strconv.Itoa(1+r.IntN(9)) + "元一份，" + strconv.Itoa(100*(1+r.IntN(9))) + "份起，" +
				some("诚信合作，非诚勿扰", "量大从优，可以试货", "每天更新，售后包换") + "，加QQ" + qq,
			Side: some(market.SideSell, market.SideSell, market.SideBuy), Goods: []string{market.GoodsResumeData}, Platforms: []string{platform},
			Prices: []market.Price{{Amount: strconv.Itoa(1 + r.IntN(500))}}, Stock: []market.Stock{{Quantity: int64(r.IntN(500_000)), Unit: market.UnitItem}},
			Contacts: []market.Contact{{Kind: market.ContactQQ, Value: qq}}, Source: []string{"group-" + strconv.Itoa(r.IntN(50))},
			Place: strconv.Itoa(1_000_050_000 + r.IntN(50)), AuthorID: qq, AuthorName: "n" + qq,
		}
		if os.Getenv("RESUMEWATCH_BENCH_ORDER") == "time" { // as an archive is read
			d.PostedAt = time.Unix(1_700_000_000+int64(i)*60_000_000/int64(count), 0)
		}
		if batch = append(batch, d); len(batch) == 1000 || i == count-1 {
			if err := s.Put(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
			put += len(batch)
			batch = batch[:0]
		}
	}
	b.Logf("put %d listings in %s: %.0f a second", put, time.Since(start).Round(time.Millisecond), float64(put)/time.Since(start).Seconds())
}
