package evidence

import (
	"time"

	"resumewatch/internal/market"
)

// Info says who captured, with what and why he may: the warcinfo record of a
// capture. Empty fields are left out.
type Info struct {
	Software  string           // "resumewatch/0.1 (https://…)"
	Operator  string           // organisation or person responsible
	Host      string           // name of the machine
	IP        string           // address of the machine
	UserAgent string           // sent with requests
	From      string           // mail address sent with requests
	Robots    string           // "obey", or "ignore (allowed by NAME, TICKET)"
	Authority market.Authority // why the source may be read, until when
	Source    string           // name of the source
}

// Chunk is a stretch of an archive file, byte for byte.
type Chunk struct {
	File       string // name of the file
	FileSHA256 string // hex digest of the whole file
	Start, End int64  // byte range within the file, End exclusive
	Data       []byte // the bytes of that range
	Reader     string // name and version of the reader that cut it: "qq-txt/1"
	Type       string // media type; "" is text/plain
}

// Exchange is one request and its response.
type Exchange struct {
	URL          string    // as requested
	At           time.Time // when the request began
	RemoteAddr   string    // "ip:port" of the server
	RequestHead  []byte    // request line and fields as sent
	RequestBody  []byte    // nil for GET
	ResponseHead []byte    // status line and fields as received
	Body         []byte    // the response's body without transfer coding
	// Encoded says that Body is still as in its Content-Encoding (gzip …); false:
	// it was decoded, or never was encoded.
	Encoded   bool
	Truncated string // why Body was cut: "length", "time", "disconnect"; "" when whole
}
