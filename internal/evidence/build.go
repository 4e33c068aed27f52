package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"resumewatch/internal/market"
)

// Info says who captured, with what and why he may: the warcinfo record of a
// capture. Empty fields are left out. For equal digests of a repeated visit it
// must not hold what differs from run to run.
type Info struct {
	Software  string           // "resumewatch/0.1 (https://…)"
	Binary    string           // hex SHA-256 of the program that runs
	Operator  string           // organisation or person responsible
	Host      string           // name of the machine
	IP        string           // address of the machine
	UserAgent string           // sent with requests
	From      string           // mail address sent with requests
	Robots    string           // "obey", or "ignore (allowed by NAME, TICKET)"
	Authority market.Authority // why the source may be read, until when
	Source    string           // name of the source
	Session   string           // name of the signed-in session that was used, never what is in it
	Clock     Clock            // how far the time can be trusted; goes beside each record
}

// warcinfo spells the fields of WARC 1.1 §6.2 first, then some of our own.
func (i Info) record(at time.Time) Record {
	until := ""
	if !i.Authority.Until.IsZero() {
		until = i.Authority.Until.UTC().Format(time.RFC3339)
	}
	return Record{
		Type: TypeWarcinfo, ContentType: "application/warc-fields", At: at, PayloadOffset: -1,
		Block: warcFields([][2]string{
			{"software", i.Software},
			{"operator", i.Operator},
			{"hostname", i.Host},
			{"ip", i.IP},
			{"http-header-user-agent", i.UserAgent},
			{"http-header-from", i.From},
			{"robots", i.Robots},
			{"format", "WARC File Format 1.1"},
			{"conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"},
			{"isPartOf", i.Source},
			{"authority", i.Authority.Why},
			{"authority-until", until},
			{"software-sha256", i.Binary},
			{"session", i.Session},
		}),
	}
}

// Chunk is a stretch of an archive file, byte for byte.
type Chunk struct {
	File       string // name of the file; folders are dropped
	FileSHA256 string // hex digest of the whole file
	Start, End int64  // byte range within the file, End exclusive
	Data       []byte // the bytes of that range
	Reader     string // name and version of the reader that cut it: "qq-txt/1"
	Type       string // media type; "" is text/plain
}

// chunkNote is the metadata record of a chunk.
type chunkNote struct {
	File   string `json:"file"`
	SHA256 string `json:"file_sha256"`
	Start  int64  `json:"start"`
	End    int64  `json:"end"`
	Reader string `json:"reader"`
	Clock  *Clock `json:"clock,omitempty"`
}

// ChatCapture makes the capture of stretches of a chat. target names the
// conversation: "urn:qq:group:1000012345". Each chunk becomes a resource record,
// whose target adds file and range to it, and a metadata record that says of
// which file and bytes it is and who cut it.
func ChatCapture(info Info, target string, at time.Time, chunks []Chunk) (Capture, error) {
	c := Capture{Kind: KindChat, URL: EscapeURI(target), At: at, Records: []Record{info.record(at)}}
	for i, k := range chunks {
		if len(k.FileSHA256) != 64 || strings.Trim(k.FileSHA256, "0123456789abcdef") != "" {
			return Capture{}, fmt.Errorf("evidence: %w: chunk %d: file digest %.80q is no hex SHA-256", ErrCapture, i+1, k.FileSHA256)
		}
		if k.Start < 0 || k.End-k.Start != int64(len(k.Data)) || len(k.Data) == 0 {
			return Capture{}, fmt.Errorf("evidence: %w: chunk %d: %d bytes for the range %d to %d", ErrCapture, i+1, len(k.Data), k.Start, k.End)
		}
		note, err := json.Marshal(chunkNote{path.Base(strings.ReplaceAll(k.File, `\`, "/")), k.FileSHA256, k.Start, k.End, k.Reader, info.Clock.known()})
		if err != nil {
			return Capture{}, fmt.Errorf("evidence: chunk %d: %w", i+1, err)
		}
		media := k.Type
		if media == "" {
			media = "text/plain"
		}
		uri := fmt.Sprintf("%s:file:%s:bytes:%d-%d", c.URL, k.FileSHA256, k.Start, k.End-1)
		n := len(c.Records)
		c.Records = append(c.Records,
			Record{Type: TypeResource, TargetURI: uri, ContentType: media, At: at, Block: k.Data},
			Record{Type: TypeMetadata, TargetURI: uri, ContentType: "application/json", At: at, Block: note, PayloadOffset: -1, Concurrent: n})
	}
	return c, c.check()
}

// Exchange is one request and its response.
type Exchange struct {
	URL          string    // as requested, with its fragment or without
	At           time.Time // when the request began
	RemoteAddr   string    // "ip:port" of the server
	RequestHead  []byte    // request line and fields as sent
	RequestBody  []byte    // nil for GET
	ResponseHead []byte    // status line and fields as received
	Body         []byte    // the response's body without transfer coding
	// Encoded says that Body is still in its Content-Encoding (gzip …); false: it
	// was decoded, or never was encoded.
	Encoded   bool
	Truncated string // why Body was cut: "length", "time", "disconnect"; "" when whole
	TLS       *TLS   // nil: plain
	Resolver  string // who turned the host's name into Resolved; "" when the address holds no name
	Resolved  []string
	Robots    string // what robots.txt said of this address; "" when nobody asked
}

// PageCapture makes the capture of a page: a request and a response record for
// each exchange, redirects in their order; the last one is the page, and its
// address the primary target. Heads are rebuilt to valid HTTP/1.1 that fits the
// body as it is kept: transfer coding is gone, lengths are true, the values of
// cookies and credentials are withheld. What was changed stands in a metadata
// record of each response, beside the circumstances that the messages don't tell.
func PageCapture(info Info, exchanges []Exchange) (Capture, error) {
	return exchanged(info, exchanges, nil)
}

func exchanged(info Info, exchanges []Exchange, original *Original) (Capture, error) {
	if len(exchanges) == 0 {
		return Capture{}, fmt.Errorf("evidence: %w: a page without an exchange", ErrCapture)
	}
	last := exchanges[len(exchanges)-1]
	c := Capture{Kind: KindPage, URL: pageURI(last.URL), At: exchanges[0].At}
	c.Records = append(c.Records, info.record(c.At))
	for i, x := range exchanges {
		fail := func(err error) (Capture, error) {
			return Capture{}, fmt.Errorf("evidence: %w: exchange %d of %.200s: %w", ErrCapture, i+1, x.URL, err)
		}
		request, requestChanges, _, err := rebuildRequest(x.RequestHead, len(x.RequestBody))
		if err != nil {
			return fail(err)
		}
		response, responseChanges, protocol, err := rebuildResponse(x.ResponseHead, len(x.Body), x.Encoded)
		if err != nil {
			return fail(err)
		}
		uri := pageURI(x.URL)
		// Other checkers look for HTTP in a record by the scheme of its target.
		if !strings.HasPrefix(uri, "http://") && !strings.HasPrefix(uri, "https://") {
			return fail(errors.New("no http or https address"))
		}
		n := len(c.Records) // of the request; the response follows
		req := Record{Type: TypeRequest, TargetURI: uri, ContentType: "application/http;msgtype=request", At: x.At, RemoteAddr: x.RemoteAddr,
			Block: append(request, x.RequestBody...), PayloadOffset: -1, Concurrent: n + 1}
		if len(x.RequestBody) > 0 {
			req.PayloadOffset = len(request)
		}
		res := Record{Type: TypeResponse, TargetURI: uri, ContentType: "application/http;msgtype=response", At: x.At, RemoteAddr: x.RemoteAddr,
			Block: append(response, x.Body...), PayloadOffset: len(response), Truncated: x.Truncated, Concurrent: n}
		if original != nil && i == len(exchanges)-1 {
			res.Type, res.Block, res.PayloadOffset, res.Original = TypeRevisit, response, -1, original
			res.Truncated = "length" // the body is the original's
		}
		if protocol != "" {
			res.Header = [][2]string{{"WARC-Protocol", protocol}}
		}
		c.Records = append(c.Records, req, res)
		note, err := json.Marshal(pageNote{x.RemoteAddr, x.TLS, x.Resolver, x.Resolved, x.Robots, info.Session, info.Clock.known(), requestChanges, responseChanges})
		if err != nil {
			return fail(err)
		}
		c.Records = append(c.Records, Record{Type: TypeMetadata, TargetURI: uri, ContentType: "application/json", At: x.At,
			Block: note, PayloadOffset: -1, Concurrent: n + 1})
	}
	return c, c.check()
}

// pageURI is the address without fragment, which a server never sees, the
// scheme in lower case.
func pageURI(s string) string {
	s, _, _ = strings.Cut(s, "#")
	if scheme, rest, ok := strings.Cut(s, ":"); ok {
		s = strings.ToLower(scheme) + ":" + rest
	}
	return EscapeURI(s)
}
