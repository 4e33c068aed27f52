//go:build unix

package extractors_test

import (
	"bytes"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

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

// busy is the processor time that the process has used: on a machine with other
// work the clock on the wall says little.
func busy(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// report adds megabytes per second of processor time.
func report(b *testing.B, size int64, began time.Duration) {
	if d := busy(b) - began; d > 0 {
		b.ReportMetric(float64(size)*float64(b.N)/1e6/d.Seconds(), "MB/cpu-s")
	}
}

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
		began := busy(b)
		for b.Loop() {
			for _, s := range texts {
				x.Extract(s, extractors.Options{})
			}
		}
		report(b, size, began)
	})
	b.Run("regexp", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		n := 0
		began := busy(b)
		for b.Loop() {
			for _, s := range texts {
				if words.MatchString(s) {
					n++
				}
			}
		}
		report(b, size, began)
	})
}
