package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"resumewatch/crawlers/archive"
	"resumewatch/crawlers/fetch"
	"resumewatch/crawlers/forum"
	"resumewatch/extractors"
	"resumewatch/internal/casebook"
	"resumewatch/internal/console"
	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
)

// maxOriginal bounds how much of a capture is read to find a post, in bytes.
const maxOriginal = 64 << 20

// opener reads posts out of sealed captures.
type opener struct {
	open   func(ctx context.Context, ref evidence.Ref) (io.ReadCloser, error)
	digest []byte // key of text digests
	reader jobs.Reader
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
	reader, err := o.reader()
	if err != nil {
		return nil, err
	}
	return &opener{digest: digest, reader: reader, open: func(ctx context.Context, ref evidence.Ref) (io.ReadCloser, error) {
		return openCapture(ctx, store, ref, ids, keys)
	}}, nil
}

// text finds a post in its capture.
func (x *opener) text(ctx context.Context, at casebook.Original) (console.Original, error) {
	var exact, near string // near: where the post lies, when it can't be read exactly
	found := false
	err := x.posts(ctx, at.Capture, func(block []byte) {
		if at.Start >= 0 && at.Start+at.Length <= int64(len(block)) && near == "" {
			if t, ok := fetch.Decode(block[at.Start:at.Start+at.Length], "text/plain"); ok {
				near = string(t.UTF8)
			}
		}
	}, func(p *market.Post, text string) bool {
		if found = jobs.TextDigest(x.digest, text) == at.TextDigest; found {
			exact = text
			return false
		}
		if at.NativeID != "" && p.NativeID == at.NativeID && near == "" {
			near = text
		}
		return true
	})
	switch {
	case err != nil:
		return console.Original{}, err
	case !found && near == "":
		return console.Original{}, fmt.Errorf("the post isn't found in its capture; `resumewatch evidence open %s` gives the whole", at.Capture.Digest)
	case !found:
		exact = near
	}
	r := x.reader.Extract(exact, extractors.Options{AssumeListing: true})
	return console.Original{Text: exact, Exact: found, Personal: jobs.Personal(exact, r)}, nil
}

// sample is the people whom a listing's text shows.
type sample struct {
	listings int    // that say it; filled in by whoever counts them
	digest   string // keyed, of the text
	records  [][]market.PersonValue
}

// samples reads listings of one capture again, those of one text once; what isn't
// found in it is left out.
func (x *opener) samples(ctx context.Context, c casebook.Capture, shown []casebook.Shown, f func(sample)) error {
	wanted := map[string]bool{}
	for _, s := range shown {
		wanted[s.TextDigest] = true
	}
	return x.posts(ctx, c, func([]byte) {}, func(_ *market.Post, text string) bool {
		digest := jobs.TextDigest(x.digest, text)
		if wanted[digest] {
			delete(wanted, digest)
			f(sample{digest: digest, records: jobs.Records(text, x.reader.Extract(text, extractors.Options{}))})
		}
		return len(wanted) > 0
	})
}

// posts calls f for the posts of a capture with the text that is read of them, until
// it returns false; chat is called with the bytes of each stretch of a chat before.
func (x *opener) posts(ctx context.Context, c casebook.Capture, chat func([]byte), f func(*market.Post, string) bool) error {
	if c.File == "" {
		return console.ErrNotKept
	}
	plain, err := x.open(ctx, refOf(c))
	if err != nil {
		return err
	}
	defer plain.Close()
	records := evidence.NewReader(plain)
	for {
		rec, err := records.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if rec.Type != evidence.TypeResource && rec.Type != evidence.TypeResponse {
			continue
		}
		block, err := io.ReadAll(io.LimitReader(rec.Block, maxOriginal))
		if err != nil {
			return err
		}
		var posts []*market.Post
		if rec.Type == evidence.TypeResource {
			chat(block)
			posts = x.chat(ctx, block, c.At)
		} else {
			posts = x.page(rec.Get("WARC-Target-URI"), block, c.At)
		}
		if slices.ContainsFunc(posts, func(p *market.Post) bool {
			text, _ := jobs.ListingText(p)
			return !f(p, text)
		}) {
			return nil
		}
	}
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
	page, err := jobs.ParsePage(target, block, when)
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
