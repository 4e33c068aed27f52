package archive

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
)

func TestSniff(t *testing.T) {
	f := func(name, file, format string, readable bool, why string) {
		t.Helper()
		v, err := Sniff(strings.NewReader(file), int64(len(file)), name)
		if err != nil {
			t.Fatal(err)
		}
		if v.Format != format || v.Readable != readable || !strings.Contains(v.Why, why) || v.Why == "" || strings.Contains(v.Why, "\n") || v.Confidence <= 0 {
			t.Errorf("%s: %+v", name, v)
		}
		survey, err := Take(context.Background(), strings.NewReader(file), int64(len(file)), name, nil)
		if readable != (err == nil) || !readable && (!errors.Is(err, ErrUnreadable) || survey.Verdict != v) {
			t.Errorf("%s: take says %v", name, err)
		}
	}
	noise := make([]byte, 5000)
	for i, x := 0, uint32(7); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	f("a.txt", "", FormatEmpty, false, "empty")
	f("a.txt", "\ufeff\r\n\r\n", FormatEmpty, false, "empty")
	f("a.zip", "PK\x03\x04....", FormatZip, false, "unpack")
	f("a.xlsx", "PK\x03\x04....", FormatZip, false, "unpack")
	f("a.7z", "7z\xbc\xaf\x27\x1c..", FormatSevenZip, false, "unpack")
	f("chat.bak", string(noise), FormatQQBackup, false, "as TXT")
	f(`C:\chat.BAK`, string(noise), FormatQQBackup, false, "as TXT")
	f("Msg3.0.db", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"+string(noise), FormatQQBackup, false, "encrypted")
	f("nt_msg.db", "SQLite header 3\x00....QQ_NT DB", FormatNTQQ, false, "encrypted")
	f("nt_msg.db", "....QQ_NT DB"+string(noise), FormatNTQQ, false, "encrypted")
	f("x.db", "SQLite format 3\x00"+string(noise), FormatSQLite, false, "TXT")
	f("a.bin", string(noise), FormatBinary, false, "not text")
	f("a.mht", "\ufeffFrom: <Save by Tencent MsgMgr>\r\nSubject: Tencent IM Message\r\n", FormatMHT, false, "TXT")
	f("a.json", `{"metadata":{"name":"x"},"chatInfo":{"name":"y"}}`, FormatJSON, false, "qq-chat-exporter")
	f("a.json", `{"name":"x","type":"public_channel","id":1}`, FormatJSON, false, "Telegram")
	f("a.html", "<!DOCTYPE html><html><body>消息记录</body></html>", FormatHTML, false, "web page")
	f("qce.txt", "[QQChatExporter V5 / x]\n\n老王:\n时间: 2024-05-01 10:00:00\n内容: 你好\n", FormatText, false, "qq-chat-exporter")
	f("notes.txt", "今天开会\n讨论简历\n", FormatText, false, "message head")
	f("server.log", "2021-03-15 09:05:01 INFO started\n2021-03-15 09:05:02 INFO ready\n", FormatText, false, "message head")
	f("chat.bak", frame+"2021-03-15 9:05:01 小灰(1000012345)\n早\n", FormatQQText, true, "title")
	f("chat", "2021-03-15 9:05:01 小灰(1000012345)\n早\n", FormatQQText, true, "QQ numbers")
	f("chat", "2021-03-15 9:05:01 小灰\n早\n\n2021-03-15 9:05:09 阿乙\n早\n", FormatQQText, true, "without")
	f("chat", "2021-03-15 9:05:01 小灰(1000012345)\na\x00b\xffc\n", FormatQQText, true, "QQ numbers")
	f("chat", "小灰 2021/3/15 9:05:01\n早\n", FormatClipboard, true, "copied")
	f("chat", frame, FormatQQText, true, "title")
}

// A short read is an error, not a verdict.
func TestSniffShort(t *testing.T) {
	if _, err := Sniff(strings.NewReader("abc"), 10, "x"); err == nil {
		t.Error("a file shorter than its size is no error")
	}
	file := []byte(frame + strings.Repeat("2021-03-15 9:05:01 小灰(1000012345)\n早\n\n", 60_000))
	if _, err := Take(context.Background(), bytes.NewReader(file), int64(len(file))+5, "x", nil); err == nil || errors.Is(err, ErrUnreadable) {
		t.Errorf("a file shorter than its size: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Take(ctx, bytes.NewReader(file), int64(len(file)), "x", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func FuzzSniff(f *testing.F) {
	for _, s := range []string{"", "PK\x03\x04", frame, "小灰 2021/3/15 9:05:01\n早\n", "\xff\xfea\x00", "{\"a\":1}", "\xcf\xfb\xcf\xa2"} {
		f.Add([]byte(s), "x.txt")
	}
	f.Fuzz(func(t *testing.T, file []byte, name string) {
		v, err := Sniff(bytes.NewReader(file), int64(len(file)), name)
		if err != nil || v.Format == "" || v.Why == "" {
			t.Fatalf("%+v, %v", v, err)
		}
		if _, ok := formatNamed(v.Format); ok != v.Readable || v.Readable != (v.Readable && knownEncoding(v.Encoding)) {
			t.Fatalf("%+v", v)
		}
	})
}
