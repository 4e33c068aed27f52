package jobs

import (
	"encoding/json"
	"fmt"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
)

// What is kept of a page that holds listings and says nothing new: proof that they
// are still there.
const (
	ProofEvery = 24 * time.Hour      // so often at most, and only when the page is due anyway
	WholeEvery = 30 * 24 * time.Hour // a whole capture, so that revisits don't outlive what they refer to
)

// keptPage is what a page remembers of its newest capture with listings.
type keptPage struct {
	Root     string            `json:"root"`     // digest of the capture that first had them in these words
	Original evidence.Original `json:"original"` // the page in its newest whole capture
	Whole    int64             `json:"whole"`    // unix seconds of that
	Looked   int64             `json:"looked"`   // of the newest capture, whole or not
}

func readKept(p casebook.Page) (k keptPage) {
	if p.Kept != "" && json.Unmarshal([]byte(p.Kept), &k) != nil {
		return keptPage{} // unreadable means unknown: the next proof is a whole capture
	}
	return k
}

// proofDue reports whether a look at the page is to be a proof: it must come whole,
// then, even if it didn't change.
func proofDue(p casebook.Page, now time.Time) bool {
	k := readKept(p)
	since := time.Unix(k.Looked, 0)
	if k.Root == "" {
		since = p.VisitedAt
	}
	return !since.IsZero() && now.Sub(since) >= ProofEvery
}

// prove decides what is kept of a page whose listings are all known: nothing, a
// revisit when the same bytes came again, or else all of it.
func (v *visitor) prove(now time.Time) {
	n := len(v.res.Exchanges)
	if v.capture || len(v.learnt.Found) == 0 || n == 0 || !proofDue(v.page, now) {
		return
	}
	v.capture = true
	k, last := readKept(v.page), v.res.Exchanges[n-1]
	if k.Root != "" && now.Sub(time.Unix(k.Whole, 0)) < WholeEvery && last.Truncated == "" && evidence.PayloadDigest(last.Body) == k.Original.Payload {
		v.original = &k.Original
	}
}

// remember is what the page is to know of its captures from now on.
func (v *visitor) remember(c evidence.Capture, row *casebook.Capture) error {
	if len(v.learnt.Found) == 0 {
		return nil
	}
	k := readKept(v.page)
	if !v.fresh {
		row.Refers = k.Root
	}
	if v.fresh || k.Root == "" {
		k.Root = row.Digest
	}
	k.Looked = v.learnt.At.Unix()
	if v.original == nil {
		var err error
		if k.Original, err = c.Original(); err != nil {
			return err
		}
		k.Whole = k.Looked
	}
	return v.keep(k)
}

// forget is for a page that was read and holds no listing any more.
func (v *visitor) forget() error {
	if v.page.Kept == "" || v.visit.Kind != casebook.PageThread || len(v.learnt.Found) > 0 {
		return nil
	}
	return v.keep(keptPage{})
}

func (v *visitor) keep(k keptPage) error {
	text, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("what is kept of %s: %w", v.page.URL, err)
	}
	v.visit.Kept = string(text)
	return nil
}
