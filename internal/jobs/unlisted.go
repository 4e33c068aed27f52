package jobs

import (
	"context"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// unlisted is a post that was read and holds no listing.
func (w *Workshop) unlisted(p *market.Post, id string) casebook.Unlisted {
	text, _ := ListingText(p)
	return casebook.Unlisted{ID: id, TextDigest: w.textDigest(text), Extractor: w.Extractor.Version(), Native: p.NativeID != ""}
}

// plain collects posts without a listing. It is wanted only where another version of
// the extractor has read: nearly all posts are such.
type plain struct {
	wanted bool
	posts  []casebook.Unlisted
	equals map[string]int // posts by id
}

func (l *plain) add(w *Workshop, p *market.Post) {
	if !l.wanted {
		return
	}
	if l.equals == nil {
		l.equals = map[string]int{}
	}
	first := p.ID(0)
	id := p.ID(l.equals[first])
	l.equals[first]++
	l.posts = append(l.posts, w.unlisted(p, id))
}

// readBefore reports whether another version of the extractor found listings, or doubts.
func (w *Workshop) readBefore(ctx context.Context) (bool, error) {
	yes, err := w.Book.ReadBefore(ctx, w.Extractor.Version())
	if err != nil || yes {
		return yes, err
	}
	return w.Book.DoubtsBefore(ctx, w.Extractor.Version())
}

// outdated are those of the posts in whose words a listing is known, or that wait for
// a person.
func (w *Workshop) outdated(ctx context.Context, l plain) ([]casebook.Unlisted, error) {
	if len(l.posts) == 0 {
		return nil, nil
	}
	ids := make([]string, len(l.posts))
	for i, p := range l.posts {
		ids[i] = p.ID
	}
	known, err := w.Book.KnownText(ctx, ids)
	if err != nil {
		return nil, err
	}
	waiting, err := w.Book.WaitingDoubts(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []casebook.Unlisted
	for _, p := range l.posts {
		if known[p.ID] == p.TextDigest || waiting[p.ID] == p.TextDigest {
			out = append(out, p)
		}
	}
	return out, nil
}
