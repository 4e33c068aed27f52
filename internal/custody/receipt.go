package custody

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Receipt shows, to whoever has the log's public key and nothing else of it, that an
// event stands in the log. It is what goes out with evidence.
type Receipt struct {
	Number     int64    `json:"number"`
	Event      string   `json:"event"`      // canonical text
	Path       []string `json:"path"`       // hashes of the proof (RFC 6962, section 2.1.1), base64
	Checkpoint string   `json:"checkpoint"` // signed
}

// DocumentFormat is what a receipt says of itself when it is handed out.
const DocumentFormat = "resumewatch-receipt/1"

// Document is a receipt as it is handed out.
type Document struct {
	Format string `json:"format"`
	Log    string `json:"log"` // the log's public key; that it is whose somebody says it is, nobody can tell by it
	Receipt
	Stamp string `json:"stamp,omitempty"` // the time stamp of the checkpoint (RFC 3161), DER in base64
}

// maxDocument is the most bytes of a receipt that is handed out: its event is a
// string in it.
const maxDocument = 6*MaxEvent + 1<<20

// ParseDocument reads a receipt that was handed out. It is not checked yet.
func ParseDocument(text []byte) (Document, error) {
	var d Document
	if len(text) > maxDocument {
		return d, fmt.Errorf("custody: a receipt of %d bytes, more than %d", len(text), maxDocument)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return d, fmt.Errorf("custody: receipt: %w", err)
	}
	if rest := bytes.TrimSpace(text[dec.InputOffset():]); len(rest) > 0 {
		return d, errors.New("custody: something follows the receipt")
	}
	if d.Format != DocumentFormat {
		return d, fmt.Errorf("custody: a receipt of the format %.60q, want %s", d.Format, DocumentFormat)
	}
	return d, nil
}

// Receipt is the receipt of an event under a checkpoint of the whole tree.
func (t *Tree) Receipt(number int64, event, checkpoint string) (Receipt, error) {
	r := Receipt{Number: number, Event: event, Path: []string{}, Checkpoint: checkpoint}
	path, err := t.ProveEvent(t.size, number)
	for _, h := range path {
		r.Path = append(r.Path, h.String())
	}
	return r, err
}

// maxPath is more hashes than the proof of any log has.
const maxPath = 64

// Check makes sure that the receipt is good and returns what it shows.
func (r Receipt) Check(public string) (Event, Checkpoint, error) {
	v, err := note.NewVerifier(public)
	if err != nil {
		return Event{}, Checkpoint{}, fmt.Errorf("custody: public key %.120q: %w", public, err)
	}
	c, err := OpenCheckpoint(r.Checkpoint, v)
	if err != nil {
		return Event{}, c, err
	}
	e, err := Decode(r.Event)
	if err != nil {
		return e, c, err
	}
	if len(r.Path) > maxPath || r.Number < 0 || r.Number >= c.Size {
		return e, c, fmt.Errorf("custody: receipt of event %d with %d hashes, of a log of %d", r.Number, len(r.Path), c.Size)
	}
	path := make(tlog.RecordProof, len(r.Path))
	for i, text := range r.Path {
		raw, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(raw) != tlog.HashSize {
			return e, c, fmt.Errorf("custody: receipt: %.60q is no hash", text)
		}
		copy(path[i][:], raw)
	}
	if err := tlog.CheckRecord(path, c.Size, c.Root, r.Number, tlog.RecordHash([]byte(r.Event))); err != nil {
		return e, c, errors.New("custody: the receipt doesn't show that the event stands under the checkpoint")
	}
	return e, c, nil
}
