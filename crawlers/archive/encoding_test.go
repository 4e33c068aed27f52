package archive

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func toGB18030(t testing.TB, s string) []byte {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func toUTF16(s string, big bool) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			out = binary.BigEndian.AppendUint16(out, u)
		} else {
			out = binary.LittleEndian.AppendUint16(out, u)
		}
	}
	return out
}

// Every character that GB18030 can write comes back.
func TestGB18030Whole(t *testing.T) {
	enc := simplifiedchinese.GB18030.NewEncoder()
	dec := simplifiedchinese.GB18030.NewDecoder()
	for r := rune(' '); r <= utf8.MaxRune; r++ {
		if r > 0xFFFF && r%7 != 0 || r >= 0xD800 && r < 0xE000 || r == utf8.RuneError {
			continue
		}
		enc.Reset()
		raw, err := enc.Bytes([]byte(string(r)))
		if err != nil {
			continue
		}
		want, err := dec.Bytes(raw)
		if err != nil || bytes.ContainsRune(want, utf8.RuneError) {
			continue
		}
		got, d := appendText(nil, raw, encGB18030, 16)
		if !bytes.Equal(got, want) || d.bad != 0 {
			t.Fatalf("%U as % X: got %q, %+v", r, raw, got, d)
		}
	}
}

func TestAppendText(t *testing.T) {
	f := func(raw, enc string, limit int, want string, bad int, cut bool) {
		t.Helper()
		got, d := appendText([]byte("x"), []byte(raw), enc, limit)
		if string(got) != "x"+want || d.bad != bad || d.cut != cut {
			t.Errorf("%q in %s: got %q %+v, want %q %d %v", raw, enc, got, d, want, bad, cut)
		}
	}
	f("a\r\nb\rc\n", encUTF8, 99, "a\nb\nc\n", 0, false)
	f("a\xff\xfe\xfdb\x00", encUTF8, 99, "a\ufffdb\ufffd", 2, false)
	f("简历简历", encUTF8, 7, "简历", 0, true)
	f("简历", encUTF8, 6, "简历", 0, false)
	f("\xbc\xf2\xc0\xfa\x80", encGB18030, 99, "简历€", 0, false)
	f("\xbc\xf2\xc0", encGB18030, 99, "简\ufffd", 1, false)
	f("\xbc\n\xbc\xf2", encGB18030, 99, "\ufffd\n简", 1, false)
	f("\x3d\xd8\x25\xdd\x3d\xd8a\x00\x00\x00", encUTF16LE, 99, "🔥\ufffda\ufffd"[0:0]+"\U0001F525\ufffda\ufffd", 2, false)
	f("a\x00b", encUTF16LE, 99, "a\ufffd", 1, false)
}

func FuzzAppendText(f *testing.F) {
	for _, s := range []string{"", "a\r\nb", "简\xe7\xae", "\xbc\xf2\x81\x30\x81\x30\xff", "\x00\xd8\x00"} {
		f.Add([]byte(s), uint8(0), uint16(40))
	}
	encs := []string{encUTF8, encGB18030, encUTF16LE, encUTF16BE}
	f.Fuzz(func(t *testing.T, raw []byte, which uint8, limit uint16) {
		enc := encs[int(which)%len(encs)]
		out, d := appendText(nil, raw, enc, int(limit))
		if !utf8.Valid(out) || bytes.IndexByte(out, 0) >= 0 || bytes.IndexByte(out, '\r') >= 0 || len(out) > int(limit) {
			t.Fatalf("%q in %s gives %q", raw, enc, out)
		}
		for _, c := range out {
			if c < ' ' && c != '\t' && c != '\n' {
				t.Fatalf("control %x stays", c)
			}
		}
		if enc == encUTF8 && !d.cut && d.bad == 0 && !bytes.ContainsFunc(raw, func(r rune) bool { return r < ' ' }) && !bytes.Equal(out, raw) {
			t.Fatalf("clean text changed: %q to %q", raw, out)
		}
		if enc == encGB18030 && !d.cut && d.bad == 0 && !bytes.ContainsFunc(raw, func(r rune) bool { return r < ' ' }) && bytes.IndexByte(raw, 0x80) < 0 {
			want, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
			if err == nil && !strings.ContainsRune(string(want), utf8.RuneError) && !bytes.Equal(out, want) {
				t.Fatalf("% X: got %q, x/text %q", raw, out, want)
			}
		}
	})
}

// toGB18030Lossy is for text that may hold what GB18030 can't write.
func toGB18030Lossy(s string) []byte {
	var out []byte
	enc := simplifiedchinese.GB18030.NewEncoder()
	for _, r := range s {
		enc.Reset()
		raw, err := enc.Bytes([]byte(string(r)))
		if err != nil {
			raw = []byte("?")
		}
		out = append(out, raw...)
	}
	return out
}
