package jobs

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"resumewatch/crawlers/fetch"
	"resumewatch/crawlers/forum"
)

// errNoText says that an answer holds nothing to read.
var errNoText = errors.New("the answer is no text")

// ParsePage makes a page of the block of a response record.
func ParsePage(target string, block []byte, when time.Time) (forum.Page, error) {
	answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(block)), nil)
	if err != nil {
		return forum.Page{}, fmt.Errorf("answer of %s: %w", target, err)
	}
	defer answer.Body.Close()
	var body io.Reader = answer.Body
	if strings.EqualFold(answer.Header.Get("Content-Encoding"), "gzip") {
		if body, err = gzip.NewReader(body); err != nil {
			return forum.Page{}, fmt.Errorf("answer of %s: %w", target, err)
		}
	}
	raw, err := io.ReadAll(io.LimitReader(body, maxPlain))
	if err != nil {
		return forum.Page{}, fmt.Errorf("answer of %s: %w", target, err)
	}
	text, ok := fetch.Decode(raw, answer.Header.Get("Content-Type"))
	if !ok {
		return forum.Page{}, errNoText
	}
	at, err := url.Parse(target)
	if err != nil {
		return forum.Page{}, fmt.Errorf("address of a record: %w", err)
	}
	return forum.Parse(at, answer.StatusCode, answer.Header, text.UTF8, when, nil)
}
