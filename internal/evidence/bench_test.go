package evidence

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"testing"
	"time"
)

// benchCaptures are a chat window of seven messages and a board's page.
func benchCaptures(b *testing.B) map[string]Capture {
	b.Helper()
	var text bytes.Buffer
	for i := range 7 {
		fmt.Fprintf(&text, "2026-03-14 9:26:5%d 卖家%d(100001234%d)\r\n出智联简历 一手 2元一份 量大从优 需要的滴滴\r\n\r\n", i, i, i)
	}
	chat, err := ChatCapture(testInfo(), "urn:qq:group:1000012345", testTime, []Chunk{{
		File: "a.txt", FileSHA256: hexSum(nil), End: int64(text.Len()), Data: text.Bytes(), Reader: "qq-txt/1",
	}})
	if err != nil {
		b.Fatal(err)
	}
	xs := pageExchanges()
	var page bytes.Buffer
	for i := range 400 {
		fmt.Fprintf(&page, "<tbody id=\"normalthread_%d\"><tr><td><a href=\"thread-%d-1-1.html\">标题 %d</a></td></tr></tbody>\r\n", i, i*7, i)
	}
	xs[3].Body, xs[3].Encoded = page.Bytes(), false
	board, err := PageCapture(testInfo(), xs[3:])
	if err != nil {
		b.Fatal(err)
	}
	return map[string]Capture{"chat": chat, "page": board}
}

// BenchmarkAppend is writing with sealing, digests and .idx, a Sync every 100
// captures; BenchmarkGzip compresses the same record bytes and nothing else.
func BenchmarkAppend(b *testing.B) {
	for name, c := range benchCaptures(b) {
		b.Run(name, func(b *testing.B) {
			d, _ := testDir(b)
			w := testWriter(b, d, "w")
			b.SetBytes(int64(len(plainBytes(b, c))))
			n := 0
			for b.Loop() {
				c.Records[1].At = testTime.Add(time.Duration(n)) // no two are equal
				appendOne(b, w, c)
				if n++; n%100 == 0 {
					if err := w.Sync(context.Background()); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "captures/s")
		})
	}
}

func BenchmarkGzip(b *testing.B) {
	for name, c := range benchCaptures(b) {
		b.Run(name, func(b *testing.B) {
			plain := plainBytes(b, c)
			recs, _, err := readAll(bytes.NewReader(plain))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(plain)))
			var out bytes.Buffer
			z := gzip.NewWriter(&out)
			for b.Loop() {
				out.Reset()
				for i, r := range recs {
					end := int64(len(plain))
					if i+1 < len(recs) {
						end = recs[i+1].Offset
					}
					z.Reset(&out)
					z.Write(plain[r.Offset:end])
					z.Close()
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "captures/s")
		})
	}
}

func BenchmarkVerifyStore(b *testing.B) {
	d, keys := testDir(b)
	w := testWriter(b, d, "w")
	var sealed int64
	for range 100 {
		sealed += appendOne(b, w, benchCaptures(b)["page"]).Length
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(sealed)
	for b.Loop() {
		if r, err := VerifyStore(context.Background(), d, keys.identities()); err != nil || !r.OK {
			b.Fatal(r, err)
		}
	}
}

func plainBytes(b *testing.B, c Capture) []byte {
	b.Helper()
	return gunzip(b, warcBytes(b, c))
}
