package index

import (
	"fmt"
	"strings"
)

// Refusal is one document that an engine did not take.
type Refusal struct {
	ListingID string
	Reason    string // the engine's words, without the document's
	// Passing: it may be taken later, as when the engine is busy or read-only. Else it
	// will be refused for ever, in this version.
	Passing bool
}

// RefusedError says which documents of a Put or Delete were not taken; all
// others were.
type RefusedError struct {
	Where string // which index
	Items []Refusal
}

func (e *RefusedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d refused", e.Where, len(e.Items))
	for i, r := range e.Items[:min(3, len(e.Items))] {
		fmt.Fprintf(&b, "%slisting %q: %s", []string{": ", "; "}[min(i, 1)], r.ListingID, r.Reason)
	}
	if len(e.Items) > 3 {
		b.WriteString("; …")
	}
	return b.String()
}

func refusal(where string, items []Refusal) error {
	if len(items) == 0 {
		return nil
	}
	return &RefusedError{Where: where, Items: items}
}

// maxID is the most bytes of a listing's id; Elasticsearch takes no more.
const maxID = 512

// sift takes out what no engine takes.
func sift(docs []Document) ([]*Document, []Refusal) {
	sound := make([]*Document, 0, len(docs))
	var refused []Refusal
	for i := range docs {
		d := &docs[i]
		if reason := unsound(d.ListingID, d.Version); reason != "" {
			refused = append(refused, Refusal{ListingID: d.ListingID, Reason: reason})
		} else {
			sound = append(sound, d)
		}
	}
	return sound, refused
}

// unsound says why no engine takes an id with a version.
func unsound(id string, version int64) string {
	switch {
	case id == "":
		return "it has no id"
	case len(id) > maxID:
		return fmt.Sprintf("its id has %d bytes; %d are the most", len(id), maxID)
	case version < 0:
		return "its version is negative"
	}
	return ""
}

// newest gives the document of each listing that has the highest version; of
// equals the first.
func newest(docs []*Document) []*Document {
	out := make([]*Document, 0, len(docs))
	at := make(map[string]int, len(docs))
	for _, d := range docs {
		if j, twice := at[d.ListingID]; !twice {
			at[d.ListingID] = len(out)
			out = append(out, d)
		} else if d.Version > out[j].Version {
			out[j] = d
		}
	}
	return out
}
