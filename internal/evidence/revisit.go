package evidence

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"
)

// profileIdentical is the profile of a revisit whose payload came again, byte for
// byte (WARC 1.1 §6.7.2).
const profileIdentical = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"

// Original names a record that was captured before and still stands for what a
// page shows.
type Original struct {
	ID      string `json:"id"`      // its WARC-Record-ID: "<urn:uuid:…>"
	URI     string `json:"uri"`     // its target
	Date    string `json:"date"`    // its WARC-Date
	Payload string `json:"payload"` // its WARC-Payload-Digest
}

func (o *Original) check() error {
	_, known, err := parseDigest(o.Payload)
	switch {
	case err != nil || !known:
		return fmt.Errorf("original with the payload digest %.100q", o.Payload)
	case len(o.ID) < 3 || o.ID[0] != '<' || o.ID[len(o.ID)-1] != '>' || !validValue(o.ID) || strings.ContainsAny(o.ID, " \t"):
		return fmt.Errorf("original with the id %.100q", o.ID)
	case !validURI(o.URI):
		return fmt.Errorf("original with the target %.200q", o.URI)
	}
	if _, err := time.Parse(time.RFC3339Nano, o.Date); err != nil {
		return fmt.Errorf("original with the date %.60q", o.Date)
	}
	return nil
}

func (o *Original) write(field func(name, value string)) {
	field("WARC-Profile", profileIdentical)
	field("WARC-Refers-To", o.ID)
	field("WARC-Refers-To-Target-URI", o.URI)
	field("WARC-Refers-To-Date", o.Date)
	field("WARC-Payload-Digest", o.Payload)
}

// RevisitCapture makes the capture of a page that was looked at again and is as
// the original has it: instead of a response the last exchange becomes a revisit
// record with the head alone. Its circumstances are kept as those of any page.
func RevisitCapture(info Info, exchanges []Exchange, o Original) (Capture, error) {
	if n := len(exchanges); n > 0 && PayloadDigest(exchanges[n-1].Body) != o.Payload {
		return Capture{}, fmt.Errorf("evidence: %w: the body is not that of the original", ErrCapture)
	}
	c, err := exchanged(info, exchanges, &o)
	if err != nil {
		return c, err
	}
	c.Kind = KindRevisit
	return c, c.check()
}

// PayloadDigest is what a record's WARC-Payload-Digest says of a payload.
func PayloadDigest(payload []byte) string { return warcDigest(sha256.Sum256(payload)) }

// Original is the page of a capture made by PageCapture, for later revisits.
func (c *Capture) Original() (Original, error) {
	digests := make([][sha256.Size]byte, len(c.Records))
	last := 0
	for i := range c.Records {
		digests[i] = sha256.Sum256(c.Records[i].Block)
		if c.Records[i].Type == TypeResponse {
			last = i
		}
	}
	if last == 0 {
		return Original{}, errors.New("evidence: a capture without a response is no original")
	}
	r := &c.Records[last]
	return Original{ID: recordID(captureSeed(c, digests), last), URI: r.TargetURI, Date: warcDate(r.At), Payload: PayloadDigest(r.Block[r.PayloadOffset:])}, nil
}

// revisit checks the payload digest of a revisit against its original, where that
// stands in front of it in the same file.
func (v *verifier) revisit(rec *ReadRecord, at string, ids map[[16]byte][16]byte) {
	original, ok := ids[shortSum(rec.Get("WARC-Refers-To"))]
	switch {
	case !ok:
		v.unchecked("%s: the payload digest is that of a record which isn't here", at)
	case original != payloadKey(rec):
		v.fault(checkPayload, "%s: the payload digest is not that of %.100s, which it refers to", at, rec.Get("WARC-Refers-To"))
	default:
		v.ok(checkPayload)
	}
}

// payloadKey stands for the payload digest of a record.
func payloadKey(rec *ReadRecord) [16]byte { return shortSum(rec.Get("WARC-Payload-Digest")) }

func shortSum(text string) [16]byte {
	sum := sha256.Sum256([]byte(text))
	return [16]byte(sum[:16])
}
