package extractors_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"resumewatch/bench/archivegen/gen"
	"resumewatch/extractors"
)

// archive is the texts of an invented group archive, senders and times cut off.
func archive(b *testing.B, listings float64, messages int64) (texts []string, size int64) {
	b.Helper()
	var out bytes.Buffer
	if _, err := gen.Chat(&out, gen.Options{Messages: messages, Listings: listings, Seed: 7}); err != nil {
		b.Fatal(err)
	}
	for _, m := range strings.Split(out.String(), "\r\n\r\n") {
		_, text, ok := strings.Cut(m, "\r\n")
		if !ok || text == "" {
			continue
		}
		texts = append(texts, text)
		size += int64(len(text))
	}
	return texts, size
}

// words is what somebody without this package would start with.
var words = regexp.MustCompile(`(出售?|收购?|求购|卖|代下载?|批发).{0,12}(简历|智联|前程无忧|猎聘|企业号|下载点|招聘账号)|(简历|企业号).{0,12}[0-9.]+ *(元|块|毛)`)

// BenchmarkChat reads chat in which nobody sells, BenchmarkAdverts nothing but
// adverts; each beside one regular expression over the same texts.
func BenchmarkChat(b *testing.B)    { against(b, 0, 20000) }
func BenchmarkAdverts(b *testing.B) { against(b, 1, 2000) }

func against(b *testing.B, listings float64, messages int64) {
	texts, size := archive(b, listings, messages)
	b.Run("extract", func(b *testing.B) {
		x := extractor(b)
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			for _, s := range texts {
				x.Extract(s, extractors.Options{})
			}
		}
	})
	b.Run("regexp", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			for _, s := range texts {
				if words.MatchString(s) {
					n++
				}
			}
		}
	})
}
