package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
)

const (
	perCommit  = 500
	perWording = 10 // listings of one account in the same words
	perSeller  = 50
	source     = "qq-1000045678"
)

// fill makes listings, groups them, and puts them into the index.
func (b *bench) fill(ctx context.Context, n int) error {
	w, err := b.store.Writer(ctx, "bench")
	if err != nil {
		return err
	}
	for left := n; left > 0; {
		some := min(left, perCommit)
		if err := b.commit(ctx, some, w); err != nil {
			return err
		}
		left -= some
	}
	if err := w.Close(); err != nil {
		return err
	}
	lead, _, err := b.book.TakeLease(ctx, "leader", "bench", b.now, time.Hour)
	if err != nil {
		return err
	}
	shop := &jobs.Workshop{Book: b.book, Index: b.index, Now: b.clock, Log: slog.New(slog.DiscardHandler)}
	for {
		n, err := shop.GroupStep(ctx, lead)
		if err != nil {
			return err
		}
		m := 0
		if b.index != nil {
			m, err = shop.IndexStep(ctx)
		} else {
			m, err = b.forget(ctx)
		}
		if err != nil {
			return err
		}
		if n+m == 0 {
			return b.book.ReleaseLease(ctx, lead)
		}
	}
}

// forget drops notices for the index, where there is none.
func (b *bench) forget(ctx context.Context) (int, error) {
	notices, err := b.book.Outbox(ctx, casebook.TopicIndex, 10_000)
	if err == nil && len(notices) > 0 {
		err = b.book.Ack(ctx, notices)
	}
	return len(notices), err
}

// commit writes some listings as one unit of an archive, with captures if there is a writer.
func (b *bench) commit(ctx context.Context, n int, w evidence.Writer) error {
	run := int64(1)
	id := fmt.Sprintf("%s %d", b.now.Format("2006-01"), b.made)
	if _, _, err := b.book.AddChunks(ctx, run, []casebook.Work{{ID: id, Source: source, Payload: []byte(`{}`)}}, b.now); err != nil {
		return err
	}
	claim := casebook.Claim{ID: id, Generation: 1}
	if _, err := b.book.ClaimWork(ctx, claim, b.now); err != nil {
		return err
	}
	l := casebook.Learnt{Work: claim, Run: run, Source: source, At: b.now, Outcome: market.OutcomeNew, Device: "bench"}
	var buf []byte
	for range n {
		f := b.listing(b.made)
		b.made++
		var s casebook.Sighting
		s, buf = b.prints.Of(f.Post, buf)
		l.Sightings = append(l.Sightings, s)
		if w != nil {
			ref, err := b.capture(ctx, w, f)
			if err != nil {
				return err
			}
			f.Capture = ref.Digest
			l.Captures = append(l.Captures, casebook.Capture{Digest: ref.Digest, SealedDigest: ref.SealedDigest, File: ref.File, Offset: ref.Offset,
				Length: ref.Length, Kind: ref.Kind, URL: ref.URL, At: ref.At, Source: source})
		}
		l.Found = append(l.Found, f)
	}
	if w != nil {
		if err := w.Sync(ctx); err != nil {
			return err
		}
	}
	_, err := b.book.Commit(ctx, l)
	return err
}

// listing is the n-th invented listing.
func (b *bench) listing(n int) casebook.Found {
	seller := fmt.Sprint(1000000000 + n/perSeller%100_000_000)
	text := fmt.Sprintf("出一手简历，两元一条，量大从优，第 %d 批，加 QQ %s", n/perWording, seller)
	p := &market.Post{Place: "1000045678", PlaceName: "人事交流群", Author: market.Author{Kind: market.AuthorUIN, ID: seller, Name: "卖家"},
		PostedAt: b.now.Add(-time.Duration(n) * time.Second), Text: text}
	sum := sha256.Sum256([]byte(text))
	r := market.Reading{Listing: market.Listing{Listing: true, Side: market.SideSell, Goods: []string{market.GoodsResumeData},
		Contacts: []market.Contact{{Kind: market.ContactQQ, Value: seller}}}, Confidence: 0.9}
	r.Normalize()
	person := sha256.Sum256(fmt.Append(nil, n))
	return casebook.Found{
		Post: p, ID: p.ID(0), Masked: text, TextDigest: hex.EncodeToString(sum[:16]), Reading: r, Sketch: binary.BigEndian.Uint64(sum[:8]),
		Extractor: "bench", Start: 0, Length: int64(len(text)), State: market.PostUnknown,
		People: [][]market.BlindValue{{{Kind: "person", Digest: "1:" + hex.EncodeToString(person[:16])}}},
	}
}

func (b *bench) capture(ctx context.Context, w evidence.Writer, f casebook.Found) (evidence.Ref, error) {
	text := []byte(f.Post.PostedAt.Format(time.DateTime) + " " + f.Post.Author.Name + "\n" + f.Post.Text + "\n")
	c, err := evidence.ChatCapture(evidence.Info{Software: "resumewatch/bench"}, "urn:qq:group:1000045678", b.now, []evidence.Chunk{{
		File: "bench.txt", FileSHA256: f.TextDigest + f.TextDigest, Start: 0, End: int64(len(text)), Data: text, Reader: "qq-txt/1",
	}})
	if err != nil {
		return evidence.Ref{}, err
	}
	return w.Append(ctx, c)
}
