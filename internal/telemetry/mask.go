package telemetry

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"resumewatch/internal/market"
)

// What stands for something that was masked. Personal numbers show as their
// kind, such as [phone].
const masked = "[secret]"

// maxText is how many bytes of a text are logged; a hostile page must not fill
// the disk by its error.
const maxText = 8 << 10

// overlap is read beyond maxText, so that nothing is cut in two before it is seen.
const overlap = 512

// Patterns of secrets. RE2 takes linear time whatever the text.
var (
	// The user part of an address: redis://:password@host. The password of a
	// database may hold what should have been escaped there.
	userinfo    = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]{1,30}://)[^\s/?#"'<>` + "`" + `]*@`)
	databaseURL = regexp.MustCompile(`(?i)((?:postgres|postgresql|redis|rediss|redis-sentinel|mysql|amqps?)://)[^\s"'<>` + "`" + `]*@`)
	// Headers: all of the line.
	header = regexp.MustCompile(`(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)(["']?\s*[:=]\s*)[^\r\n]+`)
	scheme = regexp.MustCompile(`(?i)\b(bearer|apikey|basic)(\s+)([A-Za-z0-9+/=_.~-]{8,})`)
	// name=value and "name": "value".
	setting = regexp.MustCompile(`(?i)((?:\b|_)(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|session[_-]?id|sid)|密码|口令|密钥|令牌)(["']?\s*[:=：]\s*)(\[secret\]|"(?:[^"\\]|\\.)+"?|'[^']+'?|[^\s,;&}\])"'][^\s,;&}\])]*)`)
	// The console's tokens and set-up links, wherever they stand.
	ours    = regexp.MustCompile(`\brwt_[A-Za-z0-9_-]{20,}`)
	private = regexp.MustCompile(`(?s)-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)|AGE-SECRET-KEY-1[A-Za-z0-9]+`)
)

// secretNames are attributes whose value is never logged. What merely names a
// file (password_file) is none.
var secretNames = regexp.MustCompile(`(?i)(?:^|[_.-])(?:password|passwd|pwd|secret|token|api_?key|cookies?|authorization)$`)

type masker struct {
	find func(string) []market.Span
}

// named masks the value of an attribute.
func (m masker) named(key, value string) string {
	if value != "" && secretNames.MatchString(key) {
		return masked
	}
	return m.text(value)
}

// text masks and bounds a text.
func (m masker) text(s string) string {
	rest := 0
	if len(s) > maxText+overlap {
		rest = len(s) - maxText - overlap
		s = s[:maxText+overlap]
	}
	s = Secrets(s)
	s = m.numbers(s)
	if len(s) > maxText {
		end := maxText
		for end > maxText-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		rest += len(s) - end
		s = s[:end]
	}
	if rest > 0 {
		s += fmt.Sprintf("… [%d more bytes]", rest)
	}
	return s
}

// Secrets masks what looks like a password, key, token or cookie in a text, and
// nothing else.
func Secrets(s string) string {
	if strings.Contains(s, "://") {
		s = userinfo.ReplaceAllString(databaseURL.ReplaceAllString(s, "${1}"+masked+"@"), "${1}"+masked+"@")
	}
	if strings.ContainsAny(s, ":=：") {
		s = header.ReplaceAllString(s, "${1}${2}"+masked)
		s = setting.ReplaceAllString(s, "${1}${2}"+masked)
	}
	s = scheme.ReplaceAllStringFunc(s, func(found string) string {
		part := scheme.FindStringSubmatch(found)
		if strings.EqualFold(part[1], "basic") && !strings.ContainsAny(part[3], "0123456789+/=") {
			return found // basic settings
		}
		return part[1] + part[2] + masked
	})
	return private.ReplaceAllString(ours.ReplaceAllString(s, masked), masked)
}

// numbers masks personal numbers and mailboxes.
func (m masker) numbers(s string) string {
	if m.find == nil {
		return s
	}
	var b strings.Builder
	kept := 0
	for _, span := range m.find(s) {
		if span.Start < kept || span.End > len(s) || span.End <= span.Start || inDigest(s, span.Start, span.End) {
			continue
		}
		b.WriteString(s[kept:span.Start])
		b.WriteString("[" + span.Field + "]")
		kept = span.End
	}
	if kept == 0 {
		return s
	}
	b.WriteString(s[kept:])
	return b.String()
}

// inDigest reports whether a row of digits is a part of a hexadecimal digest:
// the ids of listings and captures, of which one in some hundreds holds eleven
// digits that could be a phone.
func inDigest(s string, start, end int) bool {
	for i := start; i < end; i++ {
		if !hex(s[i]) {
			return false
		}
	}
	for start > 0 && hex(s[start-1]) {
		start--
	}
	for end < len(s) && hex(s[end]) {
		end++
	}
	return end-start >= 32 && strings.ContainsAny(s[start:end], "abcdef")
}

func hex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }
