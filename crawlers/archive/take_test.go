package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"resumewatch/internal/market"
)

// small cuts many chunks out of little; one chunk holds a whole small file.
func small(from, by int64) cut {
	return cut{from: from, by: by, unit: 8 << 20, block: 1}
}

// drawFile puts together a file of all that the grammar has, and of what only looks like it.
func drawFile(t *rapid.T) []byte {
	nl := rapid.SampledFrom([]string{"\r\n", "\n", "\r"}).Draw(t, "nl")
	nick := rapid.SampledFrom([]string{"小灰", "【群主】老王", "", "a(1)", "x<y>", "1000012345", "系统消息", "9:05:01 AM"})
	id := rapid.SampledFrom([]string{"(1000012345)", "(1000012346)", "<a@example.cn>", "", "(10000)", "(1000000)", "(1000012399)"})
	clock := rapid.SampledFrom([]string{"2021-03-15 9:05:01", "2021-03-15 9:05:02", "2021-03-16 10:00:00", "2021-03-12 10:00:00", "2021-13-01 1:00:00", "2021/3/15 下午 3:00:00", "2021-03-15 3:00:00 PM"})
	piece := rapid.Custom(func(t *rapid.T) string {
		head := clock.Draw(t, "clock") + " " + nick.Draw(t, "nick") + id.Draw(t, "id")
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			return sep + nl + "消息分组:群助手" + nl + sep + nl + "消息对象:" + rapid.SampledFrom([]string{"甲群", "乙群"}).Draw(t, "conv") + nl + sep + nl + nl
		case 1:
			return sep + nl + "消息分组:" + nl
		case 2:
			return head + nl // no blank line before or after
		case 3:
			return nl + nl
		case 4:
			return "消息记录（此消息记录为文本格式，不支持重新导入）" + nl
		}
		return head + nl + rapid.SampledFrom([]string{"嗯", "出简历" + nl + nl + "2毛", "", "2006-01-02 15:04:05", "a\x00\xff", strings.Repeat("长", 300)}).Draw(t, "body") + nl + nl
	})
	text := rapid.SampledFrom([]string{"", "\ufeff"}).Draw(t, "bom") + "2021-03-15 9:05:01 小灰(1000012345)" + nl + "早上好大家" + nl + nl +
		strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "pieces"), "")
	switch rapid.IntRange(0, 3).Draw(t, "encoding") {
	case 0:
		return toUTF16("\ufeff"+strings.ToValidUTF8(strings.TrimPrefix(text, "\ufeff"), "?"), false)
	case 1:
		return toGB18030Lossy(strings.ToValidUTF8(strings.TrimPrefix(text, "\ufeff"), "?"))
	}
	return []byte(text)
}

// Posts, counts and problems don't depend on where a file was cut.
func TestCutsDontMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		file := drawFile(rt)
		from := rapid.Int64Range(1, 400).Draw(rt, "from")
		rows, whole, res := readAll(rt, file, knownZone(), standardCut())
		cutRows, survey, cutRes := readAll(rt, file, knownZone(), small(from, from+rapid.Int64Range(0, 200).Draw(rt, "more")))
		if diff := cmp.Diff(rows, cutRows); diff != "" {
			rt.Fatalf("%d chunks: %s", len(survey.Chunks), diff)
		}
		res.Problems = slices.DeleteFunc(res.Problems, isMojibake) // judged chunk by chunk
		cutRes.Problems = slices.DeleteFunc(cutRes.Problems, isMojibake)
		if diff := cmp.Diff(res, cutRes, cmpopts.EquateEmpty()); diff != "" {
			rt.Fatalf("%d chunks: %s", len(survey.Chunks), diff)
		}
		if diff := cmp.Diff(whole.Conversations, survey.Conversations); diff != "" {
			rt.Fatal(diff)
		}
		checkTiles(rt, file, survey)
		checkMargins(rt, file, knownZone(), survey, true)
	})
}

func isMojibake(p market.Problem) bool { return strings.Contains(p.Reason, "no text in") }

type failer interface {
	Helper()
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// checkTiles: the chunks cover the file, and the digests are theirs.
func checkTiles(t failer, file []byte, s Survey) {
	at := int64(0)
	for _, c := range s.Chunks {
		if c.Offset != at || c.Length <= 0 {
			t.Fatalf("chunk at %d+%d, want it at %d", c.Offset, c.Length, at)
		}
		at += c.Length
		if sum := sha256.Sum256(file[c.Offset:at]); c.SHA256 != hex.EncodeToString(sum[:]) {
			t.Fatalf("digest of the chunk at %d", c.Offset)
		}
	}
	sum := sha256.Sum256(file)
	if at != int64(len(file)) || s.SHA256 != hex.EncodeToString(sum[:]) {
		t.Fatalf("chunks end at %d of %d, digest %s", at, len(file), s.SHA256)
	}
}

// A file cut at any byte loses its tail only: all messages but the last that is left stay as they were.
func TestTornAnywhere(t *testing.T) {
	text := frame + "2021-03-15 9:05:01 小灰(1000012345)\r\n第一行\r\n\r\n2021-03-15 9:05:02 阿乙<b@example.cn>\r\n出简历\r\n\r\n" +
		sep + "\r\n消息分组:甲\r\n" + sep + "\r\n消息对象:乙\r\n" + sep + "\r\n\r\n2021-03-15 9:05:03 老王(1000012346)\r\n好\r\n\r\n"
	for _, file := range [][]byte{[]byte(text), []byte("\ufeff" + text), toGB18030(t, text), toUTF16("\ufeff"+text, true)} {
		whole, _, _ := readAll(t, file, knownZone(), standardCut())
		if len(whole) != 3 {
			t.Fatal(whole)
		}
		for n := range file {
			if _, err := Sniff(bytes.NewReader(file), int64(n), ""); err != nil {
				t.Fatal(err)
			}
			if _, err := Take(context.Background(), bytes.NewReader(file), int64(n), "", nil); err != nil {
				continue // nothing is left that is known
			}
			rows, _, _ := readAll(t, file[:n], knownZone(), small(40, 50))
			if len(rows) > 1 {
				if diff := cmp.Diff(whole[:len(rows)-1], rows[:len(rows)-1]); diff != "" {
					t.Fatalf("torn at %d: %s", n, diff)
				}
			}
			if n == len(file)-4 && len(rows) != 3 {
				t.Fatalf("only line breaks are missing, yet %d messages", len(rows))
			}
		}
	}
}

// A file that has grown has the same chunks but for the last.
func TestGrown(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(frame)
	for i := range 4000 {
		fmt.Fprintf(&b, "2021-03-15 %d:%02d:%02d 小灰(%d)\r\n第%d条\r\n\r\n", i/3600+1, i/60%60, i%60, 1000010000+i%50, i)
	}
	file := b.Bytes()
	ctx := context.Background()
	now, err := take(ctx, bytes.NewReader(file), int64(len(file)), "", nil, small(5000, 6000))
	if err != nil {
		t.Fatal(err)
	}
	old, err := take(ctx, bytes.NewReader(file[:len(file)/2]), int64(len(file)/2), "", nil, small(5000, 6000))
	if err != nil {
		t.Fatal(err)
	}
	n := len(old.Chunks) - 1
	if n < 10 {
		t.Fatalf("%d chunks", n)
	}
	if diff := cmp.Diff(old.Chunks[:n], now.Chunks[:n]); diff != "" {
		t.Error(diff)
	}
}

// Where a block of the file ends doesn't matter, be it within a line break, a character or a long line.
func TestBlocks(t *testing.T) {
	ctx := context.Background()
	for _, nl := range []string{"\r\n", "\r", "\n"} {
		var b strings.Builder
		b.WriteString(frame)
		for i := 0; b.Len() < 700_000; i++ {
			fmt.Fprintf(&b, "2021-03-15 9:%02d:%02d 小灰(%d)%s%s%s%s", i/60%60, i%60, 1000010000+i%50, nl, strings.Repeat("长", i%23*i%977*i%3000), nl, nl)
		}
		for _, file := range [][]byte{[]byte(b.String()), toUTF16("\ufeff"+b.String(), false)} {
			c := small(20_000, 30_000)
			c.block = 4 << 20
			want, err := take(ctx, bytes.NewReader(file), int64(len(file)), "", nil, c)
			if err != nil {
				t.Fatal(err)
			}
			checkTiles(t, file, want)
			for more := int64(0); more < 12; more += 2 {
				c.block = maxLine + more
				got, err := take(ctx, bytes.NewReader(file), int64(len(file)), "", nil, c)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("blocks of %d, line break %q: %s", c.block, nl, diff)
				}
			}
		}
	}
}

// Messages of one second stay together.
func TestSameSecond(t *testing.T) {
	file := frame + strings.Repeat("2021-03-15 9:05:01 小灰(1000012345)\n顶\n\n", 20) + strings.Repeat("2021-03-15 9:05:02 小灰(1000012345)\n顶\n\n", 20)
	s, err := take(context.Background(), strings.NewReader(file), int64(len(file)), "", nil, small(300, 100_000))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Chunks) != 2 || s.Chunks[1].Offset != int64(strings.Index(file, "2021-03-15 9:05:02")) {
		t.Errorf("%+v", s.Chunks)
	}
}

// parts is a file made of strings that repeat, so that a large one needs no memory.
type parts struct {
	head, fill, tail string
	n                int64 // bytes of fill, repeated
}

func (p parts) size() int64 { return int64(len(p.head)) + p.n + int64(len(p.tail)) }

func (p parts) ReadAt(b []byte, at int64) (int, error) {
	for i := range b {
		switch o := at + int64(i); {
		case o < int64(len(p.head)):
			b[i] = p.head[o]
		case o < int64(len(p.head))+p.n:
			b[i] = p.fill[(o-int64(len(p.head)))%int64(len(p.fill))]
		case o < p.size():
			b[i] = p.tail[o-int64(len(p.head))-p.n]
		default:
			return i, io.EOF
		}
	}
	return len(b), nil
}

// A line of 60 MB costs its own message's end, nothing else, and no memory.
func TestHugeLine(t *testing.T) {
	ctx := context.Background()
	p := parts{
		head: frame + "2021-03-15 9:05:01 小灰(1000012345)\r\n早\r\n\r\n2021-03-15 9:05:02 老王(1000012346)\r\n",
		fill: "出简历", n: 60 << 20 / 9 * 9,
		tail: "\r\n\r\n2021-03-15 9:05:03 小灰(1000012345)\r\n晚\r\n",
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s, err := Take(ctx, p, p.size(), "", nil)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("%d bytes allocated", used)
	}
	huge := int64(strings.Index(p.head, "2021-03-15 9:05:02"))
	if len(s.Chunks) != 2 || s.Quarantined != 1 || s.Problems[0].Byte != huge || s.Problems[0].Line != 11+1 {
		t.Fatalf("%d chunks, %d quarantined, %+v", len(s.Chunks), s.Quarantined, s.Problems)
	}
	if end := s.Chunks[0].Length; end != huge+8<<20 || s.Chunks[1].Offset != p.size()-int64(len(p.tail))+4 {
		t.Errorf("chunks %+v", s.Chunks)
	}
	var got []string
	for _, c := range s.Chunks {
		data := make([]byte, c.Length)
		if _, err := p.ReadAt(data, c.Offset); err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != c.SHA256 {
			t.Errorf("digest of the chunk at %d", c.Offset)
		}
		if _, err := Read(ctx, s.Verdict.Format, data, c, knownZone(), func(p *market.Post) error {
			got = append(got, fmt.Sprintf("%d %s", len(p.Text), strings.Join(p.Flags, " ")))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"3 ", "1048575 truncated", "3 "}, got); diff != "" {
		t.Error(diff)
	}
}

// Long runs without any head are a message each, however long: chunks stay within 12 MiB.
func TestChunkBound(t *testing.T) {
	p := parts{head: frame, fill: "2021-03-15 9:05:01 小灰(1000012345)\n" + strings.Repeat("一句闲话\n", 200_000) + "\n", n: 40 << 20}
	s, err := Take(context.Background(), p, p.size(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Chunks {
		if c.Length > 12<<20 {
			t.Errorf("chunk of %d bytes", c.Length)
		}
	}
	p = parts{head: strings.Repeat("2021-03-15 9:05:01 小灰(1000012345)\n早\n\n", 90_000), fill: strings.Repeat("一句闲话\n", 1000), n: 20 << 20}
	s, err = Take(context.Background(), p, p.size(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Chunks {
		if c.Length > 12<<20 {
			t.Errorf("chunk of %d bytes", c.Length)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(frame+"2021-03-15 9:05:01 小灰(1000012345)\r\n早\r\n"), uint16(20))
	f.Add([]byte("老王: 12-31 23:59:50\n出\n小李: 01-01 00:00:11\n收\n"), uint16(20))
	f.Add([]byte("\xff\xfe2\x000\x00"), uint16(1))
	f.Add([]byte("2021-03-15 9:05:01 a(1000012345)\rx\r\r2021-03-15 8:05:01 1000012345(1000012345)\ry"), uint16(3))
	f.Fuzz(func(t *testing.T, file []byte, from uint16) {
		ctx := context.Background()
		if _, err := Take(ctx, bytes.NewReader(file), int64(len(file)), "", nil); err != nil {
			return
		}
		s := knownZone()
		s.Year = 2024
		rows, _, _ := readAll(t, file, s, standardCut())
		cutRows, survey, _ := readAll(t, file, s, small(int64(from), int64(from)+10))
		if diff := cmp.Diff(rows, cutRows); diff != "" {
			t.Fatal(diff)
		}
		checkTiles(t, file, survey)
		checkMargins(t, file, s, survey, false)
	})
}
