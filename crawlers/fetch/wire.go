package fetch

import (
	"bytes"
	"crypto/tls"
	"net"
	"sync"
)

// maxRequestHead bounds what is kept of a request; ours are a few hundred bytes and cookies.
const maxRequestHead = 64 << 10

// wire is a connection that keeps the heads of the exchange under way, byte
// for byte: net/http forgets their order and spelling, which evidence needs.
// HTTP/1.1 without pipelining has one exchange at a time on a connection.
type wire struct {
	net.Conn
	limit int // of a response's head

	// How the connection came to be; never changed once it is used.
	tls      *tls.ConnectionState
	resolver string
	resolved []string

	mu       sync.Mutex
	refused  error // why nothing may be sent; nil: go on
	sent     []byte
	got      []byte
	sentDone bool
	gotDone  bool
}

func newWire(c net.Conn, limit int64) *wire { return &wire{Conn: c, limit: int(limit) + 4096} }

// begin forgets the exchange before. With an error nothing is sent.
func (w *wire) begin(refused error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused, w.sent, w.got, w.sentDone, w.gotDone = refused, nil, nil, false, false
}

// heads are the request's and the response's head so far; an unfinished one is empty.
func (w *wire) heads() (request, response []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sentDone {
		request = bytes.Clone(w.sent)
	}
	if w.gotDone {
		response = bytes.Clone(w.got)
	}
	return request, response
}

func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock() // before the bytes go out: the answer may be in before Write returns
	if w.refused != nil {
		defer w.mu.Unlock()
		return 0, w.refused
	}
	if !w.sentDone && len(w.sent)+len(p) <= maxRequestHead {
		w.sent = append(w.sent, p...)
		if end := headEnd(w.sent, len(p)); end > 0 {
			w.sent, w.sentDone = w.sent[:end], true
		}
	}
	w.mu.Unlock()
	return w.Conn.Write(p)
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gotDone || n == 0 || len(w.got)+n > w.limit+len(p) {
		return n, err
	}
	w.got = append(w.got, p[:n]...)
	fresh := n
	for {
		end := headEnd(w.got, fresh)
		if end == 0 {
			return n, err
		}
		if !informational(w.got) {
			w.got, w.gotDone = w.got[:end], true
			return n, err
		}
		w.got = w.got[end:] // 100 Continue and the like come before the head that counts
		fresh = len(w.got)
	}
}

// headEnd is the index after the empty line that ends a head, 0 without one.
// Only the last `fresh` bytes are new.
func headEnd(b []byte, fresh int) int {
	from := max(0, len(b)-fresh-3)
	for i := from; i < len(b); {
		j := bytes.IndexByte(b[i:], '\n')
		if j < 0 {
			return 0
		}
		i += j + 1
		switch rest := b[i:]; {
		case bytes.HasPrefix(rest, []byte("\r\n")):
			return i + 2
		case bytes.HasPrefix(rest, []byte("\n")):
			return i + 1
		}
	}
	return 0
}

// informational reports a status line of the 1xx class, 101 excepted.
func informational(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	_, status, ok := bytes.Cut(line, []byte(" "))
	return ok && len(status) >= 3 && status[0] == '1' && !bytes.HasPrefix(status, []byte("101"))
}
