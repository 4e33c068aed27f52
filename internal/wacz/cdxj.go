package wacz

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// entry is the JSON of a line of the index: where a record is. Numbers are text
// in this format.
type entry struct {
	URL          string `json:"url"`
	Mime         string `json:"mime,omitempty"`
	Status       string `json:"status,omitempty"`
	Digest       string `json:"digest,omitempty"` // of the payload
	Length       number `json:"length"`           // of the gzip member
	Offset       number `json:"offset"`           // of the gzip member within the archive file
	Filename     string `json:"filename"`         // without its folder
	RecordDigest string `json:"recordDigest,omitempty"`
}

// number is written as text and read either way: tools differ.
type number int64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%q", fmt.Sprint(int64(n))), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	var v int64
	if err := json.Unmarshal([]byte(text), &v); err != nil || v < 0 {
		return fmt.Errorf("%.40q is no number of bytes", text)
	}
	*n = number(v)
	return nil
}

// line spells a line of the index.
func line(at time.Time, e entry) (string, error) {
	text, err := compact(e)
	if err != nil {
		return "", fmt.Errorf("index line of %.200s: %w", e.URL, err)
	}
	return searchKey(e.URL) + " " + stamp14(at) + " " + string(text), nil
}

// parseLine is the reverse of line.
func parseLine(text string) (key, stamp string, e entry, err error) {
	head, doc, ok := strings.Cut(text, " {")
	if !ok {
		return "", "", e, fmt.Errorf("%.80q is no line of an index", text)
	}
	key, stamp, _ = strings.Cut(head, " ")
	if err := json.Unmarshal([]byte("{"+doc), &e); err != nil {
		return "", "", e, fmt.Errorf("index line of %.80s: %w", key, err)
	}
	return key, stamp, e, nil
}

// stamp14 is UTC to the second in 14 digits.
func stamp14(t time.Time) string { return t.UTC().Format("20060102150405") }

var wwwHost = regexp.MustCompile(`^(?i)(https?://)www\d*\.`)

// searchKey is the key that the index is sorted by: the address with its host's
// labels turned round (SURT), in lower case and its query's parts sorted, exactly
// as ReplayWeb.page makes the key that it looks for. What is no web address
// stands for itself.
func searchKey(address string) string {
	lower := strings.ToLower(address)
	if !strings.HasPrefix(lower, "http:") && !strings.HasPrefix(lower, "https:") {
		return address
	}
	u, err := url.Parse(strings.ToLower(wwwHost.ReplaceAllString(address, "$1")))
	if err != nil || u.Host == "" {
		return address
	}
	labels := strings.Split(u.Hostname(), ".")
	slices.Reverse(labels)
	key := strings.Join(labels, ",")
	if port := u.Port(); port != "" && !(u.Scheme == "http" && port == "80") && !(u.Scheme == "https" && port == "443") {
		key += ":" + port
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	key += ")" + path
	if u.RawQuery != "" {
		parts := strings.Split(u.RawQuery, "&")
		slices.Sort(parts)
		key += "?" + strings.Join(parts, "&")
	}
	return key
}
