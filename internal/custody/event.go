package custody

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind is what happened.
type Kind string

// Kinds of events. The set is closed: a log with another one doesn't verify.
const (
	LogBegun       Kind = "log_begun"        // the first event of every log; detail key: its public key
	Captured       Kind = "captured"         // captures were committed; object: their source
	Adopted        Kind = "captures_adopted" // captures from before the log
	Dropped        Kind = "captures_dropped" // captures that retention or an erasure took
	KeyMade        Kind = "key_made"         // object: the month; detail public: its recipient
	KeyErased      Kind = "key_erased"       // object: the month; detail reason
	EvidenceOpened Kind = "evidence_opened"  // captures were unsealed for somebody
	Exported       Kind = "evidence_exported"
	Unmasked       Kind = "unmasked"         // object: the listing; detail role, reason, until
	HoldSet        Kind = "hold_set"         // object: the case
	HoldLifted     Kind = "hold_lifted"      // object: the case
	Resealed       Kind = "capture_resealed" // held captures were sealed anew to the hold's key; object: that key
	PersonErased   Kind = "person_erased"    // object: the blind index, never a value; detail reason
	BlindRotated   Kind = "blind_rotated"    // object: the kind of value; detail made or dropped: number of the key
	RetentionDone  Kind = "retention"        // a certificate of what was dropped
	Restored       Kind = "casebook_restored"
)

// kinds are all of them.
var kinds = []Kind{
	LogBegun, Captured, Adopted, Dropped, KeyMade, KeyErased, EvidenceOpened, Exported,
	Unmasked, HoldSet, HoldLifted, Resealed, PersonErased, BlindRotated, RetentionDone, Restored,
}

// Item is a capture that an event is about.
type Item struct {
	Digest string `json:"digest"`           // SHA-256 of the plain bytes, lower-case hex
	Sealed string `json:"sealed,omitempty"` // the same of the sealed bytes
	Was    string `json:"was,omitempty"`    // of those before they were sealed anew
}

// Event is one leaf of the log. It holds no text of a post and no personal value:
// a log can't forget.
type Event struct {
	Kind     Kind
	At       time.Time         // to the millisecond
	Actor    string            // the user; "" the program itself
	Device   string            // the machine that it happened on; "" unknown
	Object   string            // what it is about
	Detail   map[string]string // more about it
	Captures []Item
	// Salt is 128 random bits as hex. A proof for one event shows the hashes of its
	// neighbours: with the salt nobody can guess what they say. Encode makes it.
	Salt string
}

// MaxEvent is the most bytes of an encoded event.
const MaxEvent = 4 << 20

// maxDigest is the most bytes of a digest; which ones there are is for those to say
// who capture.
const maxDigest = 200

// atForm is RFC 3339 in UTC with three digits of a second, always.
const atForm = "2006-01-02T15:04:05.000Z"

// wire is the canonical form: these keys in this order, those of the detail
// sorted, nothing between them, no key that says nothing.
type wire struct {
	Kind     Kind              `json:"kind"`
	At       string            `json:"at"`
	Actor    string            `json:"actor,omitempty"`
	Device   string            `json:"device,omitempty"`
	Object   string            `json:"object,omitempty"`
	Detail   map[string]string `json:"detail,omitempty"`
	Captures []Item            `json:"captures,omitempty"`
	Salt     string            `json:"salt"`
}

// Encode is the event's canonical text, the bytes of its leaf. Bytes that are no
// UTF-8 become U+FFFD, and so does U+0000, which not every store keeps.
func (e Event) Encode() (string, error) {
	if e.Salt == "" {
		var b [16]byte
		if _, err := rand.Read(b[:]); err != nil {
			return "", fmt.Errorf("custody: %w", err)
		}
		e.Salt = hex.EncodeToString(b[:])
	}
	w := wire{e.Kind, e.At.UTC().Format(atForm), storable(e.Actor), storable(e.Device), storable(e.Object), nil, e.Captures, e.Salt}
	if len(e.Detail) > 0 {
		w.Detail = make(map[string]string, len(e.Detail))
		for k, v := range e.Detail {
			w.Detail[storable(k)] = storable(v)
		}
	}
	if err := w.check(); err != nil {
		return "", fmt.Errorf("custody: event %.40q: %w", e.Kind, err)
	}
	return w.text()
}

func storable(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func (w wire) text() (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(w); err != nil {
		return "", fmt.Errorf("custody: %w", err)
	}
	if b.Len() > MaxEvent {
		return "", fmt.Errorf("custody: an event of %d bytes, more than %d", b.Len(), MaxEvent)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

func (w wire) check() error {
	if !slices.Contains(kinds, w.Kind) {
		return errors.New("no kind of event")
	}
	// Parse also takes one digit of the hour and a comma.
	if at, err := time.Parse(atForm, w.At); err != nil || at.Year() < 1970 || at.Format(atForm) != w.At {
		return fmt.Errorf("time %.40q, want the form %s", w.At, atForm)
	}
	if !isHex(w.Salt, 32) {
		return errors.New("salt: want 32 hex digits")
	}
	for _, c := range w.Captures {
		if c.Digest == "" || max(len(c.Digest), len(c.Sealed), len(c.Was)) > maxDigest || c != (Item{storable(c.Digest), storable(c.Sealed), storable(c.Was)}) {
			return fmt.Errorf("capture %.80q: no digest", c.Digest)
		}
	}
	return nil
}

func isHex(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}

// Decode reads a leaf. Only the canonical text of an event is one.
func Decode(text string) (Event, error) {
	if len(text) > MaxEvent {
		return Event{}, fmt.Errorf("custody: an event of %d bytes, more than %d", len(text), MaxEvent)
	}
	var w wire
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&w); err != nil {
		return Event{}, fmt.Errorf("custody: event: %w", err)
	}
	if err := w.check(); err != nil {
		return Event{}, fmt.Errorf("custody: event %.40q: %w", w.Kind, err)
	}
	if again, err := w.text(); err != nil || again != text {
		return Event{}, fmt.Errorf("custody: event %.40q is not in its canonical form", w.Kind)
	}
	at, err := time.Parse(atForm, w.At)
	if err != nil {
		return Event{}, fmt.Errorf("custody: event: %w", err)
	}
	return Event{w.Kind, at, w.Actor, w.Device, w.Object, w.Detail, w.Captures, w.Salt}, nil
}
