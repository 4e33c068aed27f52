package app

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"resumewatch/crawlers/archive"
	"resumewatch/crawlers/fetch"
	"resumewatch/crawlers/forum"
	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
)

// unmaskers are the roles that may see what was masked.
var unmaskers = []string{casebook.RoleAnalyst, casebook.RoleReviewer, casebook.RoleAdmin}

// maxOriginal bounds how much of a capture is read to find a post, in bytes.
const maxOriginal = 64 << 20

// Unmasked is one listing as it was posted. Who reads it is in the custody log.
type Unmasked struct {
	ListingID string `json:"listing_id"`
	Text      string `json:"text"`
	// Exact says that the text is, by its keyed digest, the one that was read; else it is
	// the stretch of the capture in which the post lies.
	Exact bool   `json:"exact"`
	Grant string `json:"grant"`
	Until string `json:"until"`
}

// UnmaskOptions are the flags of `privacy unmask`.
type UnmaskOptions struct {
	Listings []string
	Reason   string
	Identity []string // files that open captures
	As       string
}

// WaitError says that another person has to approve first.
type WaitError struct{ Grant string }

func (e *WaitError) Error() string {
	return fmt.Sprintf("several listings, or more than %d in a day, need a second person: `resumewatch privacy approve %s --as OTHER`, then ask again", casebook.UnmaskAlone, e.Grant)
}

// Unmask calls f with listings as they were posted. Each is written into the custody
// log before it is shown. *WaitError: nothing was shown, another person must approve.
func Unmask(ctx context.Context, o Options, u UnmaskOptions, f func(Unmasked) error) error {
	reason, err := reasonOf("unmask", u.Reason)
	if err != nil {
		return err
	}
	return withBook(ctx, o, func(book *casebook.Book) error {
		by, role, err := acting(ctx, o, book, u.As, unmaskers)
		if err != nil {
			return err
		}
		originals := map[string]casebook.Original{}
		for _, id := range u.Listings {
			if originals[id], err = book.OriginalOf(ctx, id); errors.Is(err, casebook.ErrNotFound) {
				return fmt.Errorf("there is no listing %s", id)
			} else if err != nil {
				return err
			}
		}
		grant, err := book.AskUnmask(ctx, u.Listings, reason, by)
		if err != nil {
			return err
		}
		if grant.Until.IsZero() {
			return &WaitError{casebook.GrantID(grant.Num)}
		}
		opener, err := newOpener(ctx, o, u.Identity)
		if err != nil {
			return err
		}
		device, _ := os.Hostname() // unknown is empty
		for _, id := range slices.Compact(slices.Sorted(slices.Values(u.Listings))) {
			shown, err := opener.text(ctx, originals[id])
			if err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
			if err := book.NoteUnmasked(ctx, grant, id, role, device, by); err != nil {
				return err
			}
			shown.ListingID, shown.Grant, shown.Until = id, casebook.GrantID(grant.Num), stamp(grant.Until)
			if err := f(shown); err != nil {
				return err
			}
		}
		return nil
	})
}

// ApproveUnmask lets another person see what they asked for.
func ApproveUnmask(ctx context.Context, o Options, name, as string) (casebook.Grant, error) {
	num, ok := casebook.GrantNumber(name)
	if !ok {
		return casebook.Grant{}, Usagef("%q is no request; they are called U-1, U-2 …", name)
	}
	var g casebook.Grant
	return g, withBook(ctx, o, func(book *casebook.Book) error {
		by, _, err := acting(ctx, o, book, as, []string{casebook.RoleReviewer, casebook.RoleAdmin})
		if err != nil {
			return err
		}
		g, err = book.ApproveUnmask(ctx, num, by)
		if errors.Is(err, casebook.ErrNotFound) {
			err = fmt.Errorf("no request %s waits: it was approved, or is older than a day, or never was", strings.ToUpper(name))
		}
		return err
	})
}

// acting is who acts, with the role; it must be one of those given.
func acting(ctx context.Context, o Options, book *casebook.Book, as string, roles []string) (casebook.Act, string, error) {
	by, err := actor(ctx, o, book, as)
	if err != nil {
		return by, "", err
	}
	if by.Who == "" {
		return by, "", Usagef("say who acts: --as USER or RESUMEWATCH_USER")
	}
	u, err := book.User(ctx, by.Who)
	if err != nil {
		return by, "", err
	}
	if !slices.Contains(roles, u.Role) {
		return by, u.Role, fmt.Errorf("%s has the role %s; this needs one of %s", u.Name, u.Role, strings.Join(roles, ", "))
	}
	return by, u.Role, nil
}

// opener reads posts out of sealed captures.
type opener struct {
	open   func(ctx context.Context, ref evidence.Ref) (io.ReadCloser, error)
	digest []byte // key of text digests
}

func newOpener(ctx context.Context, o Options, identityFiles []string) (*opener, error) {
	store, ids, err := Evidence(ctx, o, identityFiles...)
	if err != nil {
		return nil, err
	}
	keys, err := keyring(o)
	if err != nil {
		return nil, err
	}
	digest, err := keys.Secret("text-digest")
	if err != nil {
		return nil, err
	}
	return &opener{digest: digest, open: func(ctx context.Context, ref evidence.Ref) (io.ReadCloser, error) {
		return openCapture(ctx, store, ref, ids, keys)
	}}, nil
}

// text finds a post in its capture.
func (x *opener) text(ctx context.Context, at casebook.Original) (Unmasked, error) {
	c := at.Capture
	if c.File == "" {
		return Unmasked{}, errors.New("its capture is not in the casebook any more")
	}
	plain, err := x.open(ctx, evidence.Ref{Digest: c.Digest, SealedDigest: c.SealedDigest, File: c.File, Offset: c.Offset, Length: c.Length, Kind: c.Kind, URL: c.URL, At: c.At})
	if err != nil {
		return Unmasked{}, err
	}
	defer plain.Close()
	var near string // where the post lies, when it can't be read exactly
	records := evidence.NewReader(plain)
	for {
		rec, err := records.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Unmasked{}, err
		}
		if rec.Type != evidence.TypeResource && rec.Type != evidence.TypeResponse {
			continue
		}
		block, err := io.ReadAll(io.LimitReader(rec.Block, maxOriginal))
		if err != nil {
			return Unmasked{}, err
		}
		var posts []*market.Post
		if rec.Type == evidence.TypeResource {
			posts = x.chat(ctx, block, c.At)
			if at.Start >= 0 && at.Start+at.Length <= int64(len(block)) && near == "" {
				if t, ok := fetch.Decode(block[at.Start:at.Start+at.Length], "text/plain"); ok {
					near = string(t.UTF8)
				}
			}
		} else {
			posts = x.page(rec.Get("WARC-Target-URI"), block, c.At)
		}
		for _, p := range posts {
			if text, _ := jobs.ListingText(p); jobs.TextDigest(x.digest, text) == at.TextDigest {
				return Unmasked{Text: text, Exact: true}, nil
			}
			if at.NativeID != "" && p.NativeID == at.NativeID && near == "" {
				near, _ = jobs.ListingText(p)
			}
		}
	}
	if near == "" {
		return Unmasked{}, fmt.Errorf("the post isn't found in its capture; `resumewatch evidence open %s` gives the whole", c.Digest)
	}
	return Unmasked{Text: near}, nil
}

// chat reads the messages of a stretch of an archive.
func (x *opener) chat(ctx context.Context, block []byte, now time.Time) []*market.Post {
	survey, err := archive.Take(ctx, bytes.NewReader(block), int64(len(block)), "stretch.txt", nil)
	if err != nil {
		return nil
	}
	var out []*market.Post
	for _, c := range survey.Chunks {
		s := archive.Settings{Year: now.Year(), Day: now, Place: func(string) (archive.Place, bool) { return archive.Place{ID: "0"}, true }}
		_, err := archive.Read(ctx, survey.Verdict.Format, block[c.Offset:c.Offset+c.Length], c, s, func(p *market.Post) error {
			out = append(out, p)
			return nil
		})
		if err != nil {
			return nil
		}
	}
	return out
}

// page reads the posts of a response.
func (x *opener) page(target string, block []byte, when time.Time) []*market.Post {
	answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(block)), nil)
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	var body io.Reader = answer.Body
	if strings.EqualFold(answer.Header.Get("Content-Encoding"), "gzip") {
		if body, err = gzip.NewReader(body); err != nil {
			return nil
		}
	}
	raw, err := io.ReadAll(io.LimitReader(body, maxOriginal))
	if err != nil {
		return nil
	}
	text, ok := fetch.Decode(raw, answer.Header.Get("Content-Type"))
	at, err := url.Parse(target)
	if !ok || err != nil {
		return nil
	}
	page, err := forum.Parse(at, answer.StatusCode, answer.Header, text.UTF8, when, nil)
	if err != nil {
		return nil
	}
	engine, _ := forum.Detect(page)
	if engine == nil {
		return nil
	}
	reading, err := engine.Read(page)
	if err != nil {
		return nil
	}
	var out []*market.Post
	for i := range reading.Posts {
		out = append(out, &reading.Posts[i])
	}
	return out
}

// reasonOf is a reason without personal values: it stays in logs for ever.
func reasonOf(command, reason string) (string, error) {
	if reason = strings.TrimSpace(reason); reason == "" {
		return "", Usagef("privacy %s: --reason says why; it is kept in the log", command)
	}
	if len(reason) > 1000 {
		return "", Usagef("privacy %s: a reason of more than 1,000 bytes", command)
	}
	return privacy.Mask(reason, shapes(reason)), nil
}
