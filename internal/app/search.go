package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"resumewatch/alerts/severity"
	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
	"resumewatch/internal/search"
)

// Hit is one listing as `search` prints it. Its keys are frozen.
type Hit struct {
	ListingID string         `json:"listing_id"`
	OfferID   string         `json:"offer_id"`
	SellerID  string         `json:"seller_id"`
	Source    string         `json:"source"`
	Place     string         `json:"place"`
	PostedAt  string         `json:"posted_at"` // RFC 3339; "" when unknown
	SeenAt    string         `json:"seen_at"`
	Author    HitAuthor      `json:"author"`
	Text      string         `json:"text"` // masked
	Listing   market.Listing `json:"listing"`
	Permalink string         `json:"permalink"`
	State     string         `json:"state"`
	Revision  int            `json:"revision"`
	Flags     []string       `json:"flags"`
	Capture   HitCapture     `json:"capture"`
	Alerts    []string       `json:"alerts"`
}

// HitAuthor is who wrote it: ID is the QQ number where there is one.
type HitAuthor struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// HitCapture is where the evidence lies; Digest is of the plain capture.
type HitCapture struct {
	Digest string `json:"digest"`
	File   string `json:"file"`
	Offset int64  `json:"offset"`
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(search.Zone).Format(time.RFC3339)
}

func hit(r casebook.Row) Hit {
	h := Hit{
		ListingID: r.ID, OfferID: r.OfferID, SellerID: casebook.SellerID(r.SellerID), Place: r.Place,
		PostedAt: stamp(r.PostedAt), SeenAt: stamp(r.SeenAt), Author: HitAuthor{ID: r.Author.ID, Name: r.Author.Name},
		Text: r.Text, Listing: r.Listing, Permalink: r.Permalink, State: r.State, Revision: r.Revision, Flags: r.Flags,
		Capture: HitCapture{Digest: r.Capture.Digest, File: r.Capture.File, Offset: r.Capture.Offset}, Alerts: []string{},
	}
	if len(r.Sources) > 0 {
		h.Source = r.Sources[0]
	}
	if h.Flags == nil {
		h.Flags = []string{}
	}
	for _, a := range r.Alerts {
		h.Alerts = append(h.Alerts, casebook.AlertID(a))
	}
	return h
}

// SearchOptions say what to look for.
type SearchOptions struct {
	Query        string
	Since, Until string // RFC 3339, a date, or 7d
	Limit        int    // 0: all
}

// Search calls f with the hits, newest first. A mistake in the query or a time is a UsageError.
func (r *Reader) Search(ctx context.Context, o SearchOptions, f func(Hit) error) error {
	s := search.Searcher{Book: r.Book, Now: r.Now}
	plan, err := s.Plan(ctx, search.Request{Query: o.Query, Since: o.Since, Until: o.Until})
	if bad, ok := errors.AsType[*search.Mistake](err); ok {
		if bad.Part != search.PartQuery {
			return Usagef("--%v", bad)
		}
		return Usagef("%v", bad)
	}
	if err != nil {
		return err
	}
	if s.Index, err = r.Index(ctx); err != nil {
		return err
	}
	return s.Each(ctx, plan, o.Limit, func(row casebook.Row) error { return f(hit(row)) })
}

// AlertDetail is an alert with all that `alert show` prints. Its keys are frozen.
type AlertDetail struct {
	market.Alert
	Listings []Hit                 `json:"listings"`
	History  []casebook.AlertEvent `json:"history"`
	Law      []severity.Figure     `json:"law"` // quantities, claimed and evidenced
}

// law holds what an offer's listings say and show against the law.
func law(rows []casebook.Row, people casebook.Crowd) []severity.Figure {
	var goods []string
	var stock []market.Stock
	sure := 0.0
	for _, r := range rows {
		goods, stock, sure = append(goods, r.Listing.Goods...), append(stock, r.Listing.Stock...), max(sure, r.Confidence)
	}
	return severity.Law(goods, stock, severity.Evidence{People: people.People, AtLeast: people.More}, sure)
}

// Alert finds an alert by its name ("A-12").
func (r *Reader) Alert(ctx context.Context, id string) (AlertDetail, error) {
	num, ok := casebook.AlertNumber(id)
	if !ok {
		return AlertDetail{}, Usagef("%q is no alert; they are called A-1, A-2 …", id)
	}
	a, err := r.Book.Alert(ctx, num)
	if errors.Is(err, casebook.ErrNotFound) {
		return AlertDetail{}, fmt.Errorf("there is no alert %s", strings.ToUpper(id))
	}
	if err != nil {
		return AlertDetail{}, err
	}
	d := AlertDetail{Alert: a, Listings: []Hit{}}
	rows, err := r.Book.OfferRows(ctx, a.OfferID)
	if err != nil {
		return d, err
	}
	for _, row := range rows {
		d.Listings = append(d.Listings, hit(row))
	}
	people, err := r.Book.PeopleOfOffer(ctx, a.OfferID)
	if err != nil {
		return d, err
	}
	d.Law = law(rows, people)
	current, _ := casebook.AlertNumber(a.ID)
	d.History, err = r.Book.AlertHistory(ctx, current)
	return d, err
}
