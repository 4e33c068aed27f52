package fetch

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"resumewatch/internal/market"
)

// acceptEncoding is all that we can undo.
const acceptEncoding = "gzip, deflate"

// maxCodings is how many codings may lie over each other: an honest host uses one.
const maxCodings = 2

// codings lists the content codings of a head, in the order in which they were applied.
func codings(h http.Header) []string {
	var out []string
	for _, line := range h.Values("Content-Encoding") {
		for c := range strings.SplitSeq(line, ",") {
			c = strings.ToLower(strings.TrimSpace(c))
			if c != "" && c != "identity" {
				out = append(out, strings.TrimPrefix(c, "x-"))
			}
		}
	}
	return out
}

// decoded undoes the content codings of a body. Every layer ends at limit
// bytes with a stop of outcome too_large, so that neither memory nor time
// follows what a bomb unfolds to.
func decoded(raw io.Reader, list []string, limit int64) (io.Reader, error) {
	if len(list) > maxCodings {
		return nil, &stop{outcome: market.OutcomeUnreadable, reason: fmt.Sprintf("the body is encoded %d times over", len(list))}
	}
	r := capped(raw, limit)
	if len(list) > 0 { // the coded bytes have a cap of their own, see rawLimit
		r = raw
	}
	for i := len(list) - 1; i >= 0; i-- {
		br := bufio.NewReader(r)
		head, err := br.Peek(2)
		if errors.Is(err, io.EOF) && len(head) == 0 {
			return br, nil // no body, whatever the head says
		}
		switch list[i] {
		case "gzip":
			if len(head) < 2 || head[0] != 0x1f || head[1] != 0x8b {
				r = br // says gzip and is none: some hosts' front ends do this with error pages
				break
			}
			r = &gunzip{src: br}
		case "deflate":
			// Both readings of RFC 9110 §8.4.1.2 are in use: with the zlib head and without.
			if len(head) == 2 && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
				z, err := zlib.NewReader(br)
				if err != nil {
					return nil, badCoding(list[i], err)
				}
				r = z
			} else {
				r = flate.NewReader(br)
			}
		default:
			return nil, &stop{outcome: market.OutcomeUnreadable, reason: fmt.Sprintf("the body came in the content coding %.40q, which was not asked for", list[i])}
		}
		r = capped(&codingErrors{r: r, coding: list[i]}, limit)
	}
	return r, nil
}

// rawLimit is the cap on bytes as received: coded ones may be a little longer
// than what they stand for.
func rawLimit(list []string, limit int64) int64 {
	if len(list) == 0 {
		return limit
	}
	return limit + limit/1000 + 4096
}

// gunzip reads the members of a gzip file and, as browsers do, leaves alone
// what follows the last one.
type gunzip struct {
	src *bufio.Reader
	z   *gzip.Reader
	end bool
}

func (g *gunzip) Read(p []byte) (int, error) {
	for {
		if g.end {
			return 0, io.EOF
		}
		if g.z == nil {
			z, err := gzip.NewReader(g.src)
			if err != nil {
				return 0, err
			}
			z.Multistream(false)
			g.z = z
		}
		n, err := g.z.Read(p)
		if err != io.EOF {
			return n, err
		}
		if head, _ := g.src.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
			if err := g.z.Reset(g.src); err != nil {
				return n, err
			}
			g.z.Multistream(false)
		} else {
			g.end = true
		}
		if n > 0 {
			return n, nil
		}
	}
}

// codingErrors names the coding in what a decoder says.
type codingErrors struct {
	r      io.Reader
	coding string
}

func (c *codingErrors) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if err != nil && err != io.EOF {
		var s *stop
		if !errors.As(err, &s) { // a stop comes from a layer below
			err = badCoding(c.coding, err)
		}
	}
	return n, err
}

func badCoding(coding string, err error) error {
	return &stop{outcome: market.OutcomeUnreadable, reason: fmt.Sprintf("the %s coding of the body is broken: %v", coding, err), cause: err}
}

// capped passes limit bytes and fails on the next.
func capped(r io.Reader, limit int64) io.Reader {
	return &cappedReader{r: r, left: limit, limit: limit}
}

type cappedReader struct {
	r           io.Reader
	left, limit int64
}

func (c *cappedReader) Read(p []byte) (int, error) {
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.r.Read(p)
	if int64(n) > c.left {
		return int(c.left), tooLarge(c.limit)
	}
	c.left -= int64(n)
	return n, err
}

func tooLarge(limit int64) *stop {
	return &stop{outcome: market.OutcomeTooLarge, reason: fmt.Sprintf("the page is larger than %d bytes", limit)}
}
