package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxHead is the most of an HTTP head that is rebuilt, in bytes; fetchers cap at
// 256 kB.
const maxHead = 1 << 20

// withheld stands for a value that would let a reader of the evidence act as the
// account that looked.
const withheld = "[withheld]"

// httpHead is a head being rebuilt.
type httpHead struct {
	out     bytes.Buffer
	changes []string
}

func (h *httpHead) changed(format string, args ...any) {
	const most = 100 // a flood of bad fields needs no longer list
	if len(h.changes) < most {
		h.changes = append(h.changes, fmt.Sprintf(format, args...))
	}
}

func (h *httpHead) field(name, value string) {
	h.out.WriteString(name + ": " + value + "\r\n")
}

// rebuildRequest returns a valid request head with its final empty line, what
// was changed, and the protocol when it was not HTTP/1.
func rebuildRequest(head []byte, body int) (out []byte, changes []string, protocol string, err error) {
	var h httpHead
	first, fields, err := splitHead(head)
	if err != nil {
		return nil, nil, "", fmt.Errorf("request: %w", err)
	}
	parts := strings.Split(first, " ")
	if len(parts) != 3 || !validName(parts[0]) || parts[1] == "" {
		return nil, nil, "", fmt.Errorf("request line %.200q", first)
	}
	version, protocol, err := httpVersion(parts[2])
	if err != nil {
		return nil, nil, "", fmt.Errorf("request line %.200q: %w", first, err)
	}
	if version != parts[2] {
		h.changed("protocol was %s", parts[2])
	}
	h.out.WriteString(parts[0] + " " + EscapeURI(parts[1]) + " " + version + "\r\n")
	if err := h.fields(fields, body, body > 0, true); err != nil {
		return nil, nil, "", fmt.Errorf("request: %w", err)
	}
	return h.out.Bytes(), h.changes, protocol, nil
}

// rebuildResponse does the same for a response whose body, as kept, has the
// given length; encoded says that the body is still in its content coding.
func rebuildResponse(head []byte, body int, encoded bool) (out []byte, changes []string, protocol string, err error) {
	var h httpHead
	first, fields, err := splitHead(head)
	if err != nil {
		return nil, nil, "", fmt.Errorf("response: %w", err)
	}
	v, rest, _ := strings.Cut(first, " ")
	version, protocol, err := httpVersion(v)
	if err != nil {
		return nil, nil, "", fmt.Errorf("status line %.200q: %w", first, err)
	}
	if version != v {
		h.changed("protocol was %s", v)
	}
	code, reason, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	status, err := strconv.Atoi(code)
	if err != nil || len(code) != 3 || status < 100 {
		return nil, nil, "", fmt.Errorf("status line %.200q", first)
	}
	h.out.WriteString(version + " " + code + " " + cleanValue(reason) + "\r\n")
	bodiless := body == 0 && (status < 200 || status == 204 || status == 304)
	if err := h.fields(fields, body, !bodiless, encoded); err != nil {
		return nil, nil, "", fmt.Errorf("response: %w", err)
	}
	return h.out.Bytes(), h.changes, protocol, nil
}

// httpVersion is the version that a text head can carry: HTTP/2 and 3 have no
// such form and are told by WARC-Protocol (a field that other tools know too).
func httpVersion(s string) (version, protocol string, err error) {
	switch s {
	case "HTTP/1.1", "HTTP/1.0":
		return s, "", nil
	case "HTTP/2", "HTTP/2.0":
		return "HTTP/1.1", "h2", nil
	case "HTTP/3", "HTTP/3.0":
		return "HTTP/1.1", "h3", nil
	}
	return "", "", fmt.Errorf("unknown protocol %.40q", s)
}

// splitHead cuts a head into its first line and fields; lines may end in LF
// alone, folded ones (RFC 7230 §3.2.4) are joined.
func splitHead(head []byte) (first string, fields []string, err error) {
	if len(head) > maxHead {
		return "", nil, fmt.Errorf("head of %d bytes, more than %d", len(head), maxHead)
	}
	text := strings.TrimRight(strings.ReplaceAll(string(head), "\r\n", "\n"), "\n")
	first, rest, _ := strings.Cut(text, "\n")
	if first == "" {
		return "", nil, errors.New("no head")
	}
	if rest == "" {
		return cleanValue(first), nil, nil
	}
	for line := range strings.SplitSeq(rest, "\n") {
		if line != "" && (line[0] == ' ' || line[0] == '\t') && len(fields) > 0 {
			fields[len(fields)-1] += " " + strings.TrimSpace(line)
			continue
		}
		fields = append(fields, line)
	}
	return cleanValue(first), fields, nil
}

// cleanValue makes a value fit for one line. Bytes beyond ASCII stay as they came.
func cleanValue(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			b[i] = ' '
		}
	}
	return strings.Trim(string(b), " \t")
}

// fields writes the fields, those about framing made true, and the empty line.
func (h *httpHead) fields(lines []string, body int, hasLength, encoded bool) error {
	lengthSeen := false
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok { // it may hold anything, secrets too
			h.changed("left out, no field: a line of %d bytes", len(line))
			continue
		}
		if !validName(name) {
			h.changed("left out, no name of a field: %.80q", name)
			continue
		}
		clean := cleanValue(value)
		if clean != strings.Trim(value, " \t") {
			h.changed("%s: control characters became spaces", name)
		}
		switch strings.ToLower(name) {
		case "transfer-encoding":
			h.changed("%s: %.200s: renamed, the body is kept without it", name, clean)
			h.field("X-Orig-"+name, clean)
		case "content-encoding":
			if encoded || strings.EqualFold(clean, "identity") {
				h.field(name, clean)
				break
			}
			h.changed("%s: %.200s: renamed, the body is kept decoded", name, clean)
			h.field("X-Orig-"+name, clean)
		case "content-length":
			if hasLength && !lengthSeen && clean == strconv.Itoa(body) {
				h.field(name, clean)
				lengthSeen = true
				break
			}
			h.changed("%s: %.200s: renamed, the body as kept has %d bytes", name, clean, body)
			h.field("X-Orig-"+name, clean)
		case "cookie", "set-cookie", "set-cookie2":
			h.changed("%s: values withheld", name)
			h.field(name, withholdCookie(clean, strings.EqualFold(name, "cookie")))
		case "authorization", "proxy-authorization":
			h.changed("%s: withheld", name)
			h.field(name, withheld)
		default:
			h.field(name, clean)
		}
	}
	if hasLength && !lengthSeen {
		h.field("Content-Length", strconv.Itoa(body))
	}
	h.out.WriteString("\r\n")
	if h.out.Len() > 2*maxHead {
		return fmt.Errorf("head of %d bytes once rebuilt", h.out.Len())
	}
	return nil
}

// withholdCookie keeps the names of cookies and, of Set-Cookie, the attributes.
func withholdCookie(value string, request bool) string {
	parts := strings.Split(value, ";")
	for i, p := range parts {
		if !request && i > 0 {
			break // Path, Expires …
		}
		if name, _, ok := strings.Cut(p, "="); ok {
			parts[i] = name + "=" + withheld
		} else {
			parts[i] = withheld
		}
	}
	return strings.Join(parts, ";")
}
