package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"resumewatch/bench/archivegen/gen"
	"resumewatch/internal/evidence"
)

// source makes captures, one unlike the other.
type source interface {
	next() (evidence.Capture, error)
}

var began = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

var info = evidence.Info{Software: "resumewatch/bench", Operator: "bench", Host: "bench", Clock: evidence.Clock{Source: "a bench's"}}

// chats are stretches of seven messages of an invented archive.
type chats struct {
	messages [][]byte
	n        int
}

func newChats(seed uint64) *chats {
	var b bytes.Buffer
	if _, err := gen.Chat(&b, gen.Options{Seed: seed, Messages: 20_000, Listings: 0.15}); err != nil {
		panic("evidencebench: a buffer takes all: " + err.Error())
	}
	return &chats{messages: bytes.SplitAfter(b.Bytes(), []byte("\r\n\r\n"))}
}

func (c *chats) next() (evidence.Capture, error) {
	c.n++
	first := c.n * 7 % (len(c.messages) - 7)
	text := bytes.Join(c.messages[first:first+7], nil)
	start := int64(c.n) * 2000
	return evidence.ChatCapture(info, "urn:qq:group:1000012345", began.Add(time.Duration(c.n)*100*time.Millisecond), []evidence.Chunk{{
		File: "a.txt", FileSHA256: strings.Repeat("0f", 32), Start: start, End: start + int64(len(text)), Data: text, Reader: "qq-txt/1",
		Type: "text/plain; charset=utf-8",
	}})
}

// pages are threads of an invented forum: markup that repeats, and text and
// pictures inlined that doesn't.
type pages struct {
	rnd  *rand.Rand
	text *chats
	n    int
}

func newPages(seed uint64) *pages {
	return &pages{rnd: rand.New(rand.NewPCG(seed, 5)), text: newChats(seed)}
}

func (p *pages) next() (evidence.Capture, error) {
	p.n++
	var b bytes.Buffer
	b.WriteString("<!doctype html><meta charset=utf-8><title>资源互换</title>\r\n")
	for i := range 20 {
		at := p.rnd.IntN(len(p.text.messages) - 20)
		fmt.Fprintf(&b, "<div id=\"post_%d\" class=\"plhin\"><td class=\"pls\" rowspan=\"2\"><a href=\"space-uid-%d.html\" target=\"_blank\" class=\"xw1\">", p.n*20+i, p.rnd.IntN(90_000))
		b.Write(bytes.Join(p.text.messages[at:at+10], nil))
		fmt.Fprintf(&b, "</a><img src=\"data:image/png;base64,%x\"></div>\r\n", p.rnd.Uint64())
		for range 40 {
			fmt.Fprintf(&b, "%x", p.rnd.Uint64())
		}
	}
	at := began.Add(time.Duration(p.n) * time.Second)
	return evidence.PageCapture(info, []evidence.Exchange{{
		URL: fmt.Sprintf("http://bbs.example.com/thread-%d-1-1.html", p.n), At: at, RemoteAddr: "192.0.2.7:80",
		RequestHead:  []byte("GET / HTTP/1.1\r\nHost: bbs.example.com\r\n\r\n"),
		ResponseHead: []byte("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"), Body: b.Bytes(),
	}})
}
