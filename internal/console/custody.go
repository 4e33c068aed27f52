package console

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/custody/stamp"
)

// captureView is what the page of a capture shows.
type captureView struct {
	Capture    casebook.CaptureCustody
	What       string // the kind of its event in words
	Checkpoint custody.Checkpoint
	Unsound    string // why the checkpoint, or its time stamp, is not what it should be
	Stamped    time.Time
	Receipt    string // address; "" none yet
}

// capturePage shows what the custody log says of a capture.
func (c *Console) capturePage(v *visit) error {
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	found, err := c.Book.CustodyOf(ctx, v.PathValue("digest"))
	if errors.Is(err, casebook.ErrNotFound) {
		return c.gone(ctx, v)
	}
	if err != nil {
		return err
	}
	view := captureView{Capture: found, What: v.lang.word("event", string(found.Entry.Event.Kind))}
	if found.Signed == "" {
		return v.render(http.StatusOK, "capture.html", view)
	}
	key, err := c.logKey()
	if err != nil {
		return err
	}
	if key != "" {
		view.Receipt = "/captures/" + found.Digest + "/receipt"
		if err := view.check(key); err != nil {
			view.Unsound = err.Error()
		}
	}
	return v.render(http.StatusOK, "capture.html", view)
}

// gone says when a capture was dropped; 404 for one that never was.
func (c *Console) gone(ctx context.Context, v *visit) error {
	digest := v.PathValue("digest")
	gone, err := c.Book.GoneCaptures(ctx, []string{digest})
	if err != nil {
		return err
	}
	at, ok := gone[digest]
	if !ok {
		return casebook.ErrNotFound
	}
	return &problem{status: http.StatusGone, key: "custody.gone", args: []any{moment(at)}}
}

func (view *captureView) check(key string) error {
	public, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	if view.Checkpoint, err = custody.OpenCheckpoint(view.Capture.Signed, public); err != nil || view.Capture.Stamp == "" {
		return err
	}
	reply, err := base64.StdEncoding.Strict().DecodeString(view.Capture.Stamp)
	if err != nil {
		return err
	}
	// Whether its signer is to be trusted `evidence verify` says, which has the roots.
	s, err := stamp.Open(reply, []byte(view.Capture.Signed), nil)
	if err == nil {
		view.Stamped = s.Time
	}
	return err
}

func (c *Console) logKey() (string, error) {
	if c.LogKey == nil {
		return "", nil
	}
	return c.LogKey()
}

// receipt hands out the proof that a capture's event stands in the custody log.
func (c *Console) receipt(v *visit) error {
	key, err := c.logKey()
	if err != nil {
		return err
	}
	if key == "" {
		return casebook.ErrNotFound
	}
	digest := strings.ToLower(v.PathValue("digest"))
	r, err := c.Book.ReceiptOf(v.Context(), digest)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="receipt-%.16s.json"`, digest))
	e := json.NewEncoder(v.w)
	e.SetEscapeHTML(false)
	_ = e.Encode(custody.Document{Format: custody.DocumentFormat, Log: key, Receipt: r.Receipt, Stamp: r.Stamp}) // the visitor is gone: nobody to tell
	return nil
}
