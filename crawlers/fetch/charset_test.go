package fetch

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

func encode(t testing.TB, e encoding.Encoding, s string) []byte {
	t.Helper()
	out, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatalf("encode %q: %v", s, err)
	}
	return out
}

const (
	simplified  = "出售最新智联简历，一手数据，2元一条，一百条起，要的加QQ 1000012345。"
	traditional = "出售最新人力銀行履歷，一手資料，每筆兩元，一百筆起，請加微信聯繫。"
)

// Every way in which a body, its head and its meta element can agree or not.
// One true declaration at least, or the bytes themselves, must win.
func TestCharsetMatrix(t *testing.T) {
	labels := map[string][]string{
		"gb18030": {"gbk", "GB2312", "gb18030", "cp936"},
		"utf-8":   {"utf-8", "UTF8"},
		"big5":    {"big5", "Big5-HKSCS"},
	}
	type body struct {
		name, text string
		e          encoding.Encoding
	}
	bodies := []body{
		{"gb18030", simplified + "㊣ 𠀀 镕", simplifiedchinese.GB18030}, // beyond GB2312, four bytes too
		{"gb18030", simplified, simplifiedchinese.GBK},
		{"utf-8", simplified + "📱", encoding.Nop},
		{"big5", traditional, traditionalchinese.Big5},
	}
	metas := map[string]string{
		"none":  "",
		"short": `<meta charset="%s">`,
		"http":  `<META content='text/html; charset=%s' HTTP-EQUIV="Content-Type">`,
		"xml":   `<?xml version='1.0' encoding='%s'?>`,
	}
	check := func(b body, head, meta, page string) {
		t.Helper()
		raw := encode(t, b.e, page)
		got, ok := Decode(raw, head)
		if !ok || got.Charset != b.name || string(got.UTF8) != page || got.Replaced != 0 {
			t.Errorf("%s body, head %q, meta %q: read as %s by %s, %d replaced: %.120s", b.name, head, meta, got.Charset, got.By, got.Replaced, got.UTF8)
		}
	}
	for _, b := range bodies {
		for form, meta := range metas {
			var said []string
			if form == "none" {
				said = []string{""}
			} else {
				said = append(said, labels[b.name]...)
				said = append(said, "") // an empty charset, as challenge pages have it
				if b.name != "utf-8" {
					said = append(said, "utf-8", "iso-8859-1", "nonsense", "utf-16") // disproved, or saying nothing
				} else {
					said = append(said, "gbk", "big5", "iso-8859-1", "nonsense", "utf-16")
				}
			}
			for _, m := range said {
				page := "<html><head><title>x</title>"
				if form != "none" {
					page = fmt.Sprintf(meta, m) + page
				}
				page += "</head><body>" + b.text + "</body></html>"
				truth := form != "none" && canonical(m) == b.name
				heads := []string{"text/html", "text/html; charset=", "text/html;charset=utf-8", "text/html; charset=ISO-8859-1", "text/html; charset=nonsense"}
				for _, l := range labels[b.name] {
					heads = append(heads, "text/html; charset="+l, `text/html; charset="`+l+`"`, "text/html; charset="+l+";;")
				}
				if truth || b.name == "utf-8" { // a wrong head beside a true meta, or beside bytes that speak for themselves
					heads = append(heads, "text/html; charset=gbk", "text/html; charset=big5")
				}
				for _, head := range heads {
					check(b, head, m, page)
				}
			}
		}
	}
}

func TestCharsetCases(t *testing.T) {
	f := func(raw []byte, contentType, cs, by, text string, replaced int) {
		t.Helper()
		got, ok := Decode(raw, contentType)
		if !ok || got.Charset != cs || got.By != by || string(got.UTF8) != text || got.Replaced != replaced {
			t.Errorf("%.40q %q: got %q %s by %s, %d replaced; want %q %s by %s, %d", raw, contentType, got.UTF8, got.Charset, got.By, got.Replaced, text, cs, by, replaced)
		}
	}
	gbk := func(s string) []byte { return encode(t, simplifiedchinese.GB18030, s) }
	// Marks.
	f([]byte("\xef\xbb\xbf简历"), "text/html; charset=gbk", "utf-8", byBOM, "简历", 0)
	f(encode(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "简历📱"), "text/html", "utf-16le", byBOM, "简历📱", 0)
	f(encode(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "简历📱"), "text/html", "utf-16be", byBOM, "简历📱", 0)
	f([]byte("\xff\xfea\x00\x00\xd8b\x00\x00\x00c"), "text/html", "utf-16le", byBOM, "a\ufffdb\ufffd\ufffd", 3)
	f(append([]byte{0x84, 0x31, 0x95, 0x33}, gbk("简历")...), "text/html", "gb18030", byBOM, "简历", 0)
	// Little text.
	f([]byte("plain"), "text/html; charset=gbk", "utf-8", byContent, "plain", 0)
	f([]byte("© 2026 · é"), "text/html; charset=gbk", "utf-8", byContent, "© 2026 · é", 0)
	f(gbk("没有"), "text/html; charset=gbk", "gb18030", byHeader, "没有", 0)
	f([]byte("<meta charset=gbk>\xc4\xa3"), "text/html", "gb18030", byMeta, "<meta charset=gbk>模", 0) // valid UTF-8 by chance
	f([]byte("\xc4\xa3"), "text/html", "utf-8", byContent, "ģ", 0)
	f([]byte("Пароль"), "text/html; charset=gbk", "utf-8", byContent, "Пароль", 0)
	f([]byte("~{<rJ7~}"), "text/html; charset=hz-gb-2312", "hz-gb-2312", byMeta, "简史", 0)
	// Damage.
	f([]byte(strings.Repeat("简历", 20)+"\xe7\xae"), "text/html; charset=gbk", "utf-8", byContent, strings.Repeat("简历", 20)+"\ufffd\ufffd", 2)
	f([]byte("简\xe5历信息"), "text/html; charset=utf-8", "utf-8", byHeader, "简\ufffd历信息", 1)
	f([]byte("简历\x00信息"), "text/html", "utf-8", byContent, "简历\ufffd信息", 1)
	f(append(gbk("出售最新智联简历，数据"), 0, 0xff), "text/html; charset=gbk", "gb18030", byHeader, "出售最新智联简历，数据\ufffd\ufffd", 2)
	f([]byte("a\ufffdb"), "text/html", "utf-8", byContent, "a\ufffdb", 0) // the site's own
	// Nothing declared.
	f(gbk("的"), "text/html", "gb18030", byDetected, "的", 0)
	f(gbk("出简历"), "text/html", "gb18030", byDetected, "出简历", 0)
	f(gbk("招聘网站企业帐号"), "text/plain", "gb18030", byDetected, "招聘网站企业帐号", 0)
	f(gbk("出售履歷，請聯繫"), "text/plain", "gb18030", byDetected, "出售履歷，請聯繫", 0) // traditional characters in GBK
	f(encode(t, traditionalchinese.Big5, "出售履歷，請聯繫"), "text/plain", "big5", byDetected, "出售履歷，請聯繫", 0)
	f(encode(t, charmap.Windows1252, "Café crème à Liège, déjà vu"), "text/plain", "windows-1252", byDetected, "Café crème à Liège, déjà vu", 0)
	// A meta element that is none.
	f([]byte("<!-- <meta charset=big5> --><script>'<meta charset=big5>'</script><meta charset=gbk>"+string(gbk("简历资料"))), "text/html", "gb18030", byMeta,
		"<!-- <meta charset=big5> --><script>'<meta charset=big5>'</script><meta charset=gbk>简历资料", 0)
	late := strings.Repeat("<script>var a=1;</script>", 200) + "<meta charset=big5>"
	f(append([]byte(late), encode(t, traditionalchinese.Big5, "履歷")...), "text/html", "big5", byMeta, late+"履歷", 0)
}

func TestWhatIsNoText(t *testing.T) {
	for _, c := range []struct{ body, kind string }{
		{"\x89PNG\r\n\x1a\n\x00", "image/png"}, {"\x89PNG\r\n\x1a\n\x00", ""}, {"PK\x03\x04\x00\x00", "application/zip"}, {"\x1f\x8b\x08", "application/octet-stream"},
	} {
		if _, ok := Decode([]byte(c.body), c.kind); ok {
			t.Errorf("%q %q is taken for text", c.body, c.kind)
		}
	}
	for _, kind := range []string{"text/html", "TEXT/HTML; bad=;", "application/xhtml+xml", "application/json", "application/octet-stream", "", "nonsense"} {
		if _, ok := Decode([]byte("<html><p>简历"), kind); !ok {
			t.Errorf("%q is not taken for text", kind)
		}
	}
}

// colly must not convert: it goes by the head alone.
func TestPagesAreDecodedFromRawBytes(t *testing.T) {
	for head, e := range map[string]encoding.Encoding{
		"text/html": simplifiedchinese.GBK, "text/html; charset=utf-8": simplifiedchinese.GBK, "text/html; charset=gbk": encoding.Nop,
		"text/html; charset=GB2312": simplifiedchinese.GBK, "text/html; charset=big5": simplifiedchinese.GBK,
	} {
		page := `<meta http-equiv="Content-Type" content="text/html; charset=gbk">` + simplified
		raw := encode(t, e, page)
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{head}
			w.Write(raw)
		})
		res := newRig(t, nil).get(s.URL, addr(s))
		if string(res.UTF8) != page || !bytes.Equal(res.Body, raw) || res.Header.Get("Content-Type") != head {
			t.Errorf("head %q: read as %s by %s: %s", head, res.Charset, res.CharsetBy, res.UTF8)
		}
	}
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		w.Write([]byte("\x89PNG\r\n\x1a\n\x00"))
	})
	if res := newRig(t, nil).get(s.URL, addr(s)); res.UTF8 != nil || res.Charset != "" || len(res.Body) != 9 {
		t.Errorf("a picture: %+v", res)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(simplified), "text/html; charset=gbk")
	f.Add(encode(f, simplifiedchinese.GBK, simplified), "text/html")
	f.Add(encode(f, traditionalchinese.Big5, traditional), "text/html; charset=utf-8")
	f.Add([]byte("\xff\xfea\x00\x00\xd8"), "")
	f.Add([]byte("<?xml encoding='"), "text/xml")
	f.Add([]byte("<meta http-equiv=content-type content='text/html; charset=iso-2022-jp'>\x1b$B\xff"), "text/html")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		before := bytes.Clone(body)
		got, ok := Decode(body, contentType)
		if !bytes.Equal(body, before) {
			t.Fatal("the body was changed")
		}
		if !ok {
			return
		}
		if !utf8.Valid(got.UTF8) || bytes.IndexByte(got.UTF8, 0) >= 0 {
			t.Errorf("no clean text: %q", got.UTF8)
		}
		if len(got.UTF8) > 3*len(body)+16 {
			t.Errorf("%d bytes became %d", len(body), len(got.UTF8))
		}
		if got.Charset == "" || got.By == "" {
			t.Errorf("unnamed: %+v", got)
		}
	})
}
