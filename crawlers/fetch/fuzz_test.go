package fetch

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
)

func FuzzContentCoding(f *testing.F) {
	f.Add(gz([]byte("text")), "gzip")
	f.Add(gz(gz(make([]byte, 5000))), "gzip, gzip")
	f.Add([]byte{0x78, 0x9c, 0x03, 0, 0, 0, 0, 1}, "deflate")
	f.Add([]byte("plain"), "deflate")
	f.Add(append(gz(nil), gz([]byte("a"))...), "gzip")
	const limit = 4096
	f.Fuzz(func(t *testing.T, raw []byte, coding string) {
		r, err := decoded(bytes.NewReader(raw), codings(map[string][]string{"Content-Encoding": {coding}}), limit)
		var out []byte
		if err == nil {
			out, err = io.ReadAll(r)
		}
		if len(out) > limit {
			t.Errorf("%d bytes came out", len(out))
		}
		var s *stop
		if err != nil && (!errors.As(err, &s) || s.outcome == "" || s.reason == "") {
			t.Errorf("an error without an outcome: %v", err)
		}
	})
}

func FuzzLocation(f *testing.F) {
	for _, s := range []string{"/a", "//b.example.com/x?y#z", "http://u:p@[::1]:8/", "?x", "\t http://e.cn/%zz", "javascript:1", "/\xbc\xf2", "..\\..", "http:///"} {
		f.Add(s)
	}
	base, err := url.Parse("https://bbs.example.com/forum/thread-1-1-1.html?x=1")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, location string) {
		u, err := resolve(base, location)
		if err != nil {
			return
		}
		if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
			t.Errorf("%q leads to %q", location, u)
		}
		if strings.ContainsAny(u.String(), "\r\n\t") {
			t.Errorf("%q keeps line ends", u)
		}
	})
}

// chopped is a connection whose bytes come in the given pieces.
type chopped struct {
	net.Conn
	left []byte
	step int
}

func (c *chopped) Read(p []byte) (int, error) {
	if len(c.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.left[:min(len(c.left), c.step)])
	c.left = c.left[n:]
	return n, nil
}

func FuzzHeads(f *testing.F) {
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\nbody\r\n\r\nmore"), 3)
	f.Add([]byte("HTTP/1.1 200 OK\nA: b\n\nbody"), 1)
	f.Add([]byte("\n\n\n"), 2)
	f.Fuzz(func(t *testing.T, sent []byte, step int) {
		if step < 1 || step > 4096 {
			return
		}
		read := func(step int) []byte {
			w := newWire(&chopped{left: sent, step: step}, 512)
			got, err := io.ReadAll(w)
			if err != nil || !bytes.Equal(got, sent) {
				t.Fatalf("recording changed what is read: %v", err)
			}
			_, head := w.heads()
			return head
		}
		head := read(step)
		if len(head) > 512+4096+4096 {
			t.Errorf("a head of %d bytes is kept", len(head))
		}
		if head != nil && !bytes.Contains(sent, head) {
			t.Errorf("head %q was never sent", head)
		}
		if len(sent) < 512 {
			if whole := read(4096); !bytes.Equal(head, whole) {
				t.Errorf("in steps of %d: %q, at once: %q", step, head, whole)
			}
		}
	})
}
