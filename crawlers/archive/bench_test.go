package archive

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"resumewatch/internal/market"
)

// sample is about 20 MB of chat, as a seller's group has it.
func sample(b *testing.B, gbk bool) []byte {
	b.Helper()
	var text strings.Builder
	text.WriteString("\ufeff" + frame)
	lines := []string{"收到", "明天面试三个人，来了两个😂", "出智联简历，2毛一份，100份起，QQ1000012345", "【招聘】上海某公司急招销售10名\r\n要求：3年以上经验\r\n待遇：8k-12k", "[图片]"}
	for i := 0; text.Len() < 20<<20; i++ {
		text.WriteString("2024-03-01 ")
		text.WriteString([]string{"8:00:0", "9:12:3", "23:59:1"}[i%3])
		text.WriteByte(byte('0' + i%10))
		text.WriteString([]string{" 努力的周<3(1000014483)\r\n", " 【管理员】老周-上海HR(1000054467)\r\n", " A星<demo5132@example.cn>\r\n"}[i%7%3])
		text.WriteString(lines[i%len(lines)])
		text.WriteString("\r\n\r\n")
	}
	if gbk {
		return toGB18030Lossy(text.String()[3:])
	}
	return []byte(text.String())
}

func benchmarkTake(b *testing.B, gbk bool) {
	file := sample(b, gbk)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		if _, err := Take(context.Background(), bytes.NewReader(file), int64(len(file)), "", nil); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkRead(b *testing.B, gbk bool) {
	file := sample(b, gbk)
	s, err := Take(context.Background(), bytes.NewReader(file), int64(len(file)), "", nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		for _, c := range s.Chunks {
			if _, err := Read(context.Background(), s.Verdict.Format, file[c.Offset:c.Offset+c.Length], c, knownZone(), func(*market.Post) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkTake(b *testing.B)        { benchmarkTake(b, false) }
func BenchmarkTakeGB18030(b *testing.B) { benchmarkTake(b, true) }
func BenchmarkRead(b *testing.B)        { benchmarkRead(b, false) }
func BenchmarkReadGB18030(b *testing.B) { benchmarkRead(b, true) }
