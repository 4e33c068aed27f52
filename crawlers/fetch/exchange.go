package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// answer is one response, its body read but not decoded.
type answer struct {
	Exchange
	header  http.Header
	codings []string
	headAt  time.Time
}

// exchange sends one request through a door, in its turn, and reads the answer, at most
// bodyLimit bytes of it and for at most left on the clock. With `cut` a longer
// body is kept up to the limit, else it is a stop. An answer beside an error is
// what came before things went wrong; it is nil when no head came.
func (f *Fetcher) exchange(parent context.Context, d *door, req *http.Request, turn *turn, bodyLimit int64, cut bool, left time.Duration) (*answer, error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	defer time.AfterFunc(left, func() { cancel(errTotal) }).Stop()
	first := time.AfterFunc(f.limits.FirstByte, func() { cancel(errFirstByte) })
	defer first.Stop()

	var mu sync.Mutex // the transport may still be dialling when RoundTrip has returned
	var conn *wire
	sent := f.now()
	var lost error // the turn passed while dialling, and there is no other near
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		// net/http calls this before it sends anything, and waits.
		var err error
		if turn.late() {
			err = turn.take(ctx)
			first.Reset(f.limits.FirstByte)
		}
		mu.Lock()
		defer mu.Unlock()
		sent = f.now()
		conn, _ = i.Conn.(*wire)
		if conn != nil {
			conn.begin(err)
		}
		if lost = err; err != nil {
			cancel(err)
		}
	}})
	resp, err := d.transport.RoundTrip(req.WithContext(ctx))
	first.Stop()
	mu.Lock()
	got, lostTurn := conn, lost
	a := &answer{Exchange: Exchange{URL: withoutFragment(req.URL), At: sent}}
	mu.Unlock()
	if err != nil {
		if parent.Err() != nil {
			return nil, context.Cause(parent)
		}
		if lostTurn != nil && errors.Is(context.Cause(ctx), lostTurn) {
			return nil, lostTurn
		}
		s := transportStop(ctx, err, f.limits)
		s.silent = s.silent || got == nil
		return nil, s
	}
	defer resp.Body.Close()
	a.headAt = f.now()
	a.Status, a.header = resp.StatusCode, resp.Header
	a.codings = codings(resp.Header)
	if got != nil {
		a.RemoteAddr = got.RemoteAddr().String()
		a.RequestHead, a.ResponseHead = got.heads()
		a.TLS, a.Resolver, a.Resolved = got.tls, got.resolver, got.resolved
	}

	limit := rawLimit(a.codings, bodyLimit)
	if !cut && resp.ContentLength > limit {
		a.Truncated = "length"
		s := tooLarge(bodyLimit)
		s.reason += fmt.Sprintf(": its head says %d", resp.ContentLength)
		return a, s
	}
	var body bytes.Buffer
	if n := resp.ContentLength; n > 0 {
		body.Grow(int(min(n, limit, 1<<20)) + bytes.MinRead) // what a head says is not believed beyond 1 MB
	}
	n, err := io.Copy(&body, io.LimitReader(resp.Body, limit))
	a.Body = body.Bytes()
	if err == nil && n == limit {
		var more [1]byte
		if k, _ := io.ReadFull(resp.Body, more[:]); k > 0 {
			a.Truncated = "length"
			if !cut {
				return a, tooLarge(bodyLimit)
			}
		}
	}
	switch {
	case err == nil:
		return a, nil
	case parent.Err() != nil:
		return nil, context.Cause(parent)
	case context.Cause(ctx) != nil:
		a.Truncated = "time"
		return a, transportStop(ctx, err, f.limits)
	default:
		a.Truncated = "disconnect"
		s := transportStop(ctx, err, f.limits)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			s.reason = fmt.Sprintf("the host broke off after %d bytes of the page", n)
			if resp.ContentLength >= 0 {
				s.reason += fmt.Sprintf(" out of %d", resp.ContentLength)
			}
		}
		return a, s
	}
}
