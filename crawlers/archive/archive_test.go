package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/market"
)

const frame = "消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n" + sep + "\r\n消息分组:我的QQ群\r\n" + sep + "\r\n消息对象:招聘资源交流\r\n" + sep + "\r\n\r\n"
const sep = "================================================================"

// row is what tests look at of a post.
type row struct{ At, Kind, ID, Name, Text, Flags, Place string }

var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

func knownZone() Settings {
	return Settings{Zone: shanghai, Place: func(name string) (Place, bool) { return Place{ID: "1000099999", Name: name}, true }}
}

// readAll takes a file and reads all its chunks.
func readAll(t failer, file []byte, s Settings, c cut) ([]row, Survey, Result) {
	t.Helper()
	ctx := context.Background()
	survey, err := take(ctx, bytes.NewReader(file), int64(len(file)), "chat.txt", nil, c)
	if err != nil {
		t.Fatalf("take: %v", err)
	}
	var rows []row
	var sum Result
	for _, c := range survey.Chunks {
		res, err := Read(ctx, survey.Verdict.Format, file[c.Offset:c.Offset+c.Length], c, s, func(p *market.Post) error {
			rows = append(rows, row{At: p.PostedAt.In(shanghai).Format("2006-01-02 15:04:05"), Kind: p.Author.Kind, ID: p.Author.ID,
				Name: p.Author.Name, Text: p.Text, Flags: strings.Join(p.Flags, " "), Place: p.PlaceName})
			if p.Offset < c.Offset || p.Offset+p.Length > c.Offset+c.Length || p.Length <= 0 {
				t.Errorf("post at %d+%d is not within its chunk %d+%d", p.Offset, p.Length, c.Offset, c.Length)
			}
			return nil
		})
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		sum.Posts += res.Posts
		sum.System += res.System
		sum.Quarantined += res.Quarantined
		sum.Problems = append(sum.Problems, res.Problems...)
	}
	return rows, survey, sum
}

// textRows reads a TXT whose conversation and zone don't matter.
func textRows(t testing.TB, file string) []row {
	t.Helper()
	rows, _, _ := readAll(t, []byte(file), knownZone(), standardCut())
	for i := range rows {
		rows[i].Place = ""
	}
	return rows
}

func TestGrammar(t *testing.T) {
	uin := market.AuthorUIN
	f := func(name, file string, want ...row) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			t.Helper()
			if diff := cmp.Diff(want, textRows(t, file)); diff != "" {
				t.Error(diff)
			}
		})
	}
	first := row{At: "2021-03-15 09:05:01", Kind: uin, ID: "1000012345", Name: "小灰", Text: "第一行\n第二行"}
	f("title and several lines", frame+"2021-03-15 9:05:01 【管理员】小灰(1000012345)\r\n第一行\r\n第二行\r\n\r\n", first)
	f("no frame", "2021-03-15 09:05:01 小灰(1000012345)\n第一行\n第二行", first)
	f("lone CR", strings.ReplaceAll(frame+"2021-03-15 9:05:01 小灰(1000012345)\r\n第一行\r\n第二行\r\n\r\n", "\r\n", "\r"), first)
	f("slashes, no-break space", frame+"2021/3/15\u00a09:05:01\u202f小灰(1000012345)\n第一行\n第二行\n", first)
	f("two titles", frame+"2021-03-15 9:05:01 【群主】【龙王】小灰(1000012345)\n第一行\n第二行\n", first)
	f("blank lines inside stay", frame+"2021-03-15 9:05:01 小灰(1000012345)\n第一行\n\n\n第二行\n \n\n",
		row{At: first.At, Kind: uin, ID: first.ID, Name: first.Name, Text: "第一行\n\n\n第二行"})
	f("empty body", frame+"2021-03-15 9:05:01 小灰(1000012345)\n\n2021-03-15 9:05:02 小灰(1000012345)\n嗯\n",
		row{At: first.At, Kind: uin, ID: first.ID, Name: first.Name}, row{At: "2021-03-15 09:05:02", Kind: uin, ID: first.ID, Name: first.Name, Text: "嗯"})
	f("mail, empty nick, odd nicks", frame+
		"2021-03-15 9:06:00 阿乙<Seller@example.cn>\n[图片]\n\n"+
		"2021-03-15 9:06:01 (1000012346)\na\n\n"+
		"2021-03-15 9:06:02 王(1)<x> 2021-01-01(1000012347)\nb\n\n"+
		"2021-03-15 9:06:03 【群主】(1000012348)\nc\n",
		row{At: "2021-03-15 09:06:00", Kind: market.AuthorEmail, ID: "seller@example.cn", Name: "阿乙", Text: "[图片]"},
		row{At: "2021-03-15 09:06:01", Kind: uin, ID: "1000012346", Text: "a"},
		row{At: "2021-03-15 09:06:02", Kind: uin, ID: "1000012347", Name: "王(1)<x> 2021-01-01", Text: "b"},
		row{At: "2021-03-15 09:06:03", Kind: uin, ID: "1000012348", Text: "c"})
	f("without ids", frame+"2021-03-15 9:05:01 小灰\n在吗\n\n2021-03-15 9:05:09 【群主】\n在\n\n2021-03-15 9:05:10 系统消息(10000)\n小灰撤回了一条消息\n\n2021-03-15 9:05:11 小灰\n好\n",
		row{At: first.At, Kind: market.AuthorName, Name: "小灰", Text: "在吗", Flags: market.FlagNameOnly},
		row{At: "2021-03-15 09:05:09", Kind: market.AuthorName, Name: "【群主】", Text: "在", Flags: market.FlagNameOnly},
		row{At: "2021-03-15 09:05:10", Kind: market.AuthorSystem, ID: "10000", Name: "系统消息", Text: "小灰撤回了一条消息"},
		row{At: "2021-03-15 09:05:11", Kind: market.AuthorName, Name: "小灰", Text: "好", Flags: market.FlagNameOnly})
	f("a time alone, and a name alone where heads have ids, are text", frame+
		"2021-03-15 9:05:01 小灰(1000012345)\n面试时间\n\n2006-01-02 15:04:05\n\n2021-03-16 10:00:00 二面\n",
		row{At: first.At, Kind: uin, ID: first.ID, Name: "小灰", Text: "面试时间\n\n2006-01-02 15:04:05\n\n2021-03-16 10:00:00 二面"})
	f("number for a name", frame+"2021-03-15 9:05:01 小灰(1000012345)\na\n\n2021-03-15 9:05:02 1000012345(1000012345)\nb\n",
		row{At: first.At, Kind: uin, ID: first.ID, Name: "小灰", Text: "a"}, row{At: "2021-03-15 09:05:02", Kind: uin, ID: first.ID, Name: "小灰", Text: "b"})
	f("controls and U+0000", frame+"2021-03-15 9:05:01 小\x01灰(1000012345)\na\x00b\x07c\td\n",
		row{At: first.At, Kind: uin, ID: first.ID, Name: "小灰", Text: "a\ufffdbc\td", Flags: market.FlagBadBytes})
	f("cut within a character", frame+"2021-03-15 9:05:01 小灰(1000012345)\n出售\xe7\xae",
		row{At: first.At, Kind: uin, ID: first.ID, Name: "小灰", Text: "出售\ufffd", Flags: market.FlagBadBytes})
	f("date lines before the first head", "日期: 2021-03-15\n\n2021-03-15 9:05:01 小灰(1000012345)\n日期: 2021-03-16\n",
		row{At: first.At, Kind: uin, ID: first.ID, Name: "小灰", Text: "日期: 2021-03-16"})
	f("a torn frame is text", frame+"2021-03-15 9:05:01 小灰(1000012345)\n看\n"+sep+"\n消息分组:x\n\n2021-03-15 9:05:02 小灰(1000012345)\nb\n",
		row{At: first.At, Kind: uin, ID: first.ID, Name: "小灰", Text: "看\n" + sep + "\n消息分组:x"},
		row{At: "2021-03-15 09:05:02", Kind: uin, ID: first.ID, Name: "小灰", Text: "b"})
}

func TestClocks(t *testing.T) {
	f := func(shown, want string) {
		t.Helper()
		rows := textRows(t, frame+shown+" 小灰(1000012345)\na\n")
		if len(rows) != 1 || rows[0].At != want || rows[0].Name != "小灰" {
			t.Errorf("%s: got %+v, want %s", shown, rows, want)
		}
	}
	f("2019-09-23 8:43:38 PM", "2019-09-23 20:43:38")
	f("2019-09-23 8:43:38\u202fam", "2019-09-23 08:43:38")
	f("2019-09-23 12:00:38 AM", "2019-09-23 00:00:38")
	f("2019-09-23 12:00:38 PM", "2019-09-23 12:00:38")
	f("2019-09-23 下午 3:02:11", "2019-09-23 15:02:11")
	f("2019-09-23 下午3:02:11", "2019-09-23 15:02:11")
	f("2019-09-23 上午 12:02:11", "2019-09-23 00:02:11")
	f("2019-09-23 凌晨 12:02:11", "2019-09-23 00:02:11")
	f("2019-09-23 凌晨 3:02:11", "2019-09-23 03:02:11")
	f("2019-09-23 中午 12:02:11", "2019-09-23 12:02:11")
	f("2019-09-23 中午 1:02:11", "2019-09-23 13:02:11")
	f("2019-09-23 晚上 9:02:11", "2019-09-23 21:02:11")
	f("2019-09-23 23:59:59", "2019-09-23 23:59:59")
	f("2/14/2020 9:16:13 PM", "2020-02-14 21:16:13")

	rows := textRows(t, frame+"2019-09-23 8:43:38 Amy(1000012345)\na\n")
	if rows[0].Name != "Amy" || rows[0].At != "2019-09-23 08:43:38" {
		t.Errorf("a name that begins like AM: %+v", rows[0])
	}
	rows, survey, _ := readAll(t, []byte(frame+"2019-09-23 8:43:38 PM Amy(1000012345)\na\n"), Settings{}, standardCut())
	if !survey.TZSuspect || rows[0].Flags != "place_assumed tz_assumed tz_suspect" {
		t.Errorf("suspect zone: %v %q", survey.TZSuspect, rows[0].Flags)
	}
}

func TestEncodings(t *testing.T) {
	text := frame + "2021-03-15 9:05:01 小灰(1000012345)\r\n出售简历\U0001F525 ①手\r\n\r\n2021-03-15 9:06:01 老王(1000012346)\r\n收\r\n"
	want := textRows(t, text)
	if len(want) != 2 {
		t.Fatal(want)
	}
	f := func(name, enc string, file []byte) {
		t.Helper()
		rows, survey, _ := readAll(t, file, knownZone(), standardCut())
		for i := range rows {
			rows[i].Place = ""
		}
		if survey.Verdict.Encoding != enc {
			t.Errorf("%s: encoding %s", name, survey.Verdict.Encoding)
		}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if survey.Conversations[0].Name != "招聘资源交流" || survey.Conversations[0].Folder != "我的QQ群" || survey.Conversations[0].Messages != 2 {
			t.Errorf("%s: %+v", name, survey.Conversations)
		}
	}
	f("plain", encUTF8, []byte(text))
	f("BOM", encUTF8BOM, []byte("\ufeff"+text))
	f("GB18030", encGB18030, toGB18030(t, text))
	f("UTF-16LE", encUTF16LE, toUTF16("\ufeff"+text, false))
	f("UTF-16BE", encUTF16BE, toUTF16("\ufeff"+text, true))
	f("UTF-16LE without BOM", encUTF16LE, toUTF16(text, false))
	f("UTF-8 with a broken byte far away", encUTF8, []byte(text+"\n")) // the base case of the next
	broken := []byte(text + "\r\n2021-03-15 9:07:01 老王(1000012346)\r\n\xff收\r\n")
	if v, _ := Sniff(bytes.NewReader(broken), int64(len(broken)), ""); v.Encoding != encUTF8 {
		t.Errorf("one broken byte makes %s", v.Encoding)
	}
}

func TestConversations(t *testing.T) {
	block := func(name, body string) string {
		return sep + "\r\n消息分组:群助手\r\n" + sep + "\r\n消息对象:" + name + "\r\n" + sep + "\r\n\r\n" + body + "\r\n\r\n"
	}
	file := "\ufeff消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n" +
		block("甲群", "2021-03-15 9:05:01 小灰(1000012345)\r\na") +
		block("乙群", "2021-03-14 9:05:01 小灰\r\nb") +
		block("空群", "") +
		"\ufeff消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n" + // a second file, appended
		block("甲群", "2020-03-15 9:05:01 小灰(1000012345)\r\nc")
	rows, survey, _ := readAll(t, []byte(file), knownZone(), standardCut())
	got := ""
	for _, r := range rows {
		got += r.Place + "/" + r.Text + "/" + r.Flags + " "
	}
	if got != "甲群/a/ 乙群/b/name_only 甲群/c/ " {
		t.Error(got)
	}
	var names []string
	for _, c := range survey.Conversations {
		names = append(names, fmt.Sprintf("%s:%d", c.Name, c.Messages))
	}
	if diff := cmp.Diff([]string{"甲群:2", "乙群:1"}, names); diff != "" || !survey.NeedsGroup {
		t.Error(diff, survey.NeedsGroup)
	}
	s := knownZone()
	s.Place = func(name string) (Place, bool) { return Place{ID: "1"}, name == "甲群" }
	c := survey.Chunks[0]
	_, err := Read(context.Background(), FormatQQText, []byte(file), c, s, func(*market.Post) error { return nil })
	if !errors.Is(err, ErrNoPlace) || !strings.Contains(err.Error(), "乙群") {
		t.Errorf("unknown conversation: %v", err)
	}
}

func TestPastedLogs(t *testing.T) {
	f := func(name, body string, want ...string) {
		t.Helper()
		var got []string
		for _, r := range textRows(t, frame+"2021-03-15 9:00:00 小灰(1000012345)\n早\n\n"+body) {
			got = append(got, strings.TrimSpace(r.At[8:16]+" "+r.Flags))
		}
		if diff := cmp.Diff(append([]string{"15 09:00"}, want...), got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	f("a head right after text is text", "2021-03-15 9:05:01 小灰(1000012345)\n2021-03-14 8:00:00 路人(1000012399)\n出简历\n\n2021-03-15 9:06:00 老王(1000012346)\n?\n",
		"15 09:05 nested_suspect", "15 09:06")
	f("and the rest of the log is suspect", "2021-03-15 9:05:01 小灰(1000012345)\n2021-03-15 8:00:00 路人(1000012399)\n出\n\n2021-03-15 8:00:09 老王(1000012346)\n收\n\n2021-03-15 9:06:00 老王(1000012346)\n?\n",
		"15 09:05 nested_suspect", "15 08:00 nested_suspect", "15 09:06")
	f("back by more than a day", "2021-03-15 9:05:01 小灰(1000012345)\n看：\n\n2021-03-12 8:00:00 老王(1000012346)\n出\n\n2021-03-15 9:06:00 老王(1000012346)\n?\n",
		"15 09:05", "12 08:00 nested_suspect", "15 09:06")
	f("back, by somebody never seen else", "2021-03-15 9:05:01 小灰(1000012345)\n看：\n\n2021-03-15 8:00:00 路人(1000012399)\n出\n\n2021-03-15 9:06:00 老王(1000012346)\n?\n",
		"15 09:05", "15 08:00 nested_suspect", "15 09:06")
	f("a little out of order is usual", "2021-03-15 9:05:01 老王(1000012346)\na\n\n2021-03-15 9:04:58 小灰(1000012345)\nb\n", "15 09:05", "15 09:04")

	var long strings.Builder // a file joined of two: time itself goes back
	for i := range 200 {
		fmt.Fprintf(&long, "2020-01-01 %d:%02d:00 小灰(1000012345)\n%d\n\n", 1+i/60, i%60, i)
	}
	rows := textRows(t, frame+"2021-03-15 9:00:00 小灰(1000012345)\n早\n\n"+long.String())
	if rows[1].Flags == "" || rows[199].Flags != "" {
		t.Errorf("after %d rows the older time is the time: %q, %q", maxRun, rows[1].Flags, rows[199].Flags)
	}
}

func TestWrongTimes(t *testing.T) {
	s := knownZone()
	s.Now = time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)
	head := frame + "2021-03-15 9:00:00 小灰(1000012345)\n早\n\n"
	file := head + "2021-13-15 9:05:01 小灰(1000012345)\nx\n\n1999-12-31 9:05:01 小灰(1000012345)\nx\n\n2021-02-29 9:05:01 小灰(1000012345)\nx\n\n" +
		"2022-06-01 9:05:01 小灰(1000012345)\nx\n\n2021-03-15 25:05:01 小灰(1000012345)\nx\n\n2021-03-15 9:06:00 小灰(1000012345)\n晚\n"
	rows, _, res := readAll(t, []byte(file), s, standardCut())
	if len(rows) != 2 || res.Posts != 2 || res.Quarantined != 5 || len(res.Problems) != 5 {
		t.Fatalf("%d rows, %+v", len(rows), res)
	}
	p := res.Problems[0]
	if p.Byte != int64(len(head)) || p.Line != int64(strings.Count(head, "\n")+1) || !strings.Contains(p.Reason, "no such month") {
		t.Errorf("problem %+v, want byte %d", p, len(head))
	}
	_, _, res = readAll(t, []byte("没头没尾\n\n2021-03-15 9:00:00 小灰(1000012345)\n早\n"), s, standardCut())
	if res.Quarantined != 1 || res.Problems[0].Line != 1 || res.Posts != 1 {
		t.Errorf("text before the first head: %+v", res)
	}
}

func TestPlaces(t *testing.T) {
	file := []byte(frame + "2021-03-15 9:05:01 小灰(1000012345)\n早\n")
	read := func(s Settings) market.Post {
		t.Helper()
		ctx := context.Background()
		survey, err := Take(ctx, bytes.NewReader(file), int64(len(file)), "", nil)
		if err != nil {
			t.Fatal(err)
		}
		var got market.Post
		if _, err := Read(ctx, survey.Verdict.Format, file, survey.Chunks[0], s, func(p *market.Post) error { got = *p; return nil }); err != nil {
			t.Fatal(err)
		}
		return got
	}
	p := read(Settings{})
	want := market.Post{Place: "招聘资源交流", PlaceName: "招聘资源交流", Author: market.Author{Kind: market.AuthorUIN, ID: "1000012345", Name: "小灰"},
		PostedAt: time.Date(2021, 3, 15, 1, 5, 1, 0, time.UTC), Text: "早", Flags: []string{market.FlagPlaceAssumed, market.FlagTZAssumed},
		Offset: int64(len(frame)), Length: int64(len(file) - len(frame) - 1)}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	p = read(Settings{Zone: time.FixedZone("", -5*60*60), Place: func(string) (Place, bool) { return Place{ID: "1000099999", Name: "甲"}, true }})
	if p.Place != "1000099999" || p.PlaceName != "甲" || p.PostedAt.UTC().Hour() != 14 || p.Flags != nil {
		t.Errorf("%+v", p)
	}
}

// Some tools drop blank lines: then heads stand right below text.
func TestWithoutBlankLines(t *testing.T) {
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "2021-03-15 9:05:%02d 小灰(1000012345)\n第%d条\n", i, i)
	}
	rows := textRows(t, b.String())
	if len(rows) != 30 || rows[29].Text != "第29条" || rows[29].Flags != "" {
		t.Errorf("%d rows, the last %+v", len(rows), rows[len(rows)-1])
	}
}

func TestEmitStops(t *testing.T) {
	file := []byte(frame + strings.Repeat("2021-03-15 9:05:01 小灰(1000012345)\n早\n\n", 9))
	survey, err := Take(context.Background(), bytes.NewReader(file), int64(len(file)), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	full, n := errors.New("full"), 0
	_, err = Read(context.Background(), survey.Verdict.Format, file, survey.Chunks[0], Settings{}, func(*market.Post) error {
		if n++; n == 3 {
			return full
		}
		return nil
	})
	if !errors.Is(err, full) || n != 3 {
		t.Errorf("%v after %d", err, n)
	}
	c := survey.Chunks[0]
	for _, bad := range []Chunk{{Length: c.Length}, {Length: c.Length, State: []byte(`{"enc":"x"}`)}, {Length: 1, State: c.State}} {
		if _, err := Read(context.Background(), FormatQQText, file, bad, Settings{}, func(*market.Post) error { return nil }); err == nil {
			t.Errorf("%+v is no error", bad)
		}
	}
	if _, err := Read(context.Background(), FormatMHT, file, c, Settings{}, nil); !errors.Is(err, ErrUnreadable) {
		t.Errorf("a format that isn't read: %v", err)
	}
}
