package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

const (
	textsShown     = 12 // wordings of an offer
	sightingsShown = 50 // a page of them
	capturesShown  = 50
	revisionsShown = 20
)

// wordingView is one way in which an offer is worded.
type wordingView struct {
	casebook.Row
	Open, Folded []piece
	Readings     []reading
	Revisions    []casebook.Revision
}

// figures is what the wordings of an offer say, each figure once.
type figures struct {
	Sides     []string
	Goods     []string
	Platforms []string
	Grades    []string
	Prices    []market.Price
	Stock     []market.Stock
	Contacts  []market.Contact
	Samples   []*market.Sample
}

// offerView is what the page of an offer shows.
type offerView struct {
	Now       time.Time
	Offer     casebook.OfferFacts
	Figures   figures
	Wordings  []wordingView
	Hidden    int // wordings that are not shown
	Sightings []casebook.Row
	Page      pager
	Captures  []casebook.Held
	AllHeld   bool // false: there are more captures
	Gone      int  // captures that retention dropped
	Alerts    []market.Alert
	People    casebook.Crowd

	MayUnmask, MayNumbers bool
	AllWordings           string // address at which all of them are asked for
}

// offerPage shows one offer; an older id of it leads to its present one.
func (c *Console) offerPage(v *visit) error {
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	id := v.PathValue("id")
	offer, err := c.Book.OfferFacts(ctx, id)
	if err != nil {
		return err
	}
	if offer.ID != id {
		http.Redirect(v.w, v.Request, "/offers/"+offer.ID, http.StatusFound)
		return nil
	}
	page := leaf(v.Request)
	view := offerView{Now: c.Now(), Offer: offer, Page: pages("/offers/"+id+"?", page, offer.Sightings, sightingsShown)}
	texts, err := c.Book.OfferTexts(ctx, id, textsShown)
	if err != nil {
		return err
	}
	for _, r := range texts {
		w := wordingView{Row: r, Readings: readings(v.lang, &r.Listing, r.Spans, r.Text)}
		w.Open, w.Folded = unfold(pieces(r.Text, nil, w.Readings))
		if r.Revision > 0 {
			if w.Revisions, err = c.Book.Revisions(ctx, r.ID, revisionsShown); err != nil {
				return err
			}
		}
		view.Wordings = append(view.Wordings, w)
	}
	view.Hidden, view.Figures = offer.Wordings-len(texts), tell(texts)
	if view.Sightings, err = c.Book.OfferSightings(ctx, id, sightingsShown, (page-1)*sightingsShown); err != nil {
		return err
	}
	if view.Captures, err = c.Book.OfferCaptures(ctx, id, capturesShown+1); err != nil {
		return err
	}
	if view.Gone, err = c.Book.OfferCapturesGone(ctx, id); err != nil {
		return err
	}
	if view.AllHeld = len(view.Captures) <= capturesShown; !view.AllHeld {
		view.Captures = view.Captures[:capturesShown]
	}
	if view.Alerts, err = c.Book.AlertsOfOffer(ctx, id); err != nil {
		return err
	}
	if view.People, err = c.Book.PeopleOfOffer(ctx, id); err != nil {
		return err
	}
	if c.Originals != nil {
		view.MayUnmask, view.MayNumbers = v.user.May(permUnmask), v.user.May(permNumbers)
	}
	var ids []string
	for _, w := range view.Wordings {
		ids = append(ids, w.ID)
	}
	view.AllWordings = unmaskLink(ids...)
	return v.render(http.StatusOK, "offer.html", view)
}

// tell gathers the figures of several wordings.
func tell(rows []casebook.Row) figures {
	var f figures
	for _, r := range rows {
		l := r.Listing
		f.Sides, f.Goods = joined(f.Sides, l.Side), joined(f.Goods, l.Goods...)
		f.Platforms, f.Grades = joined(f.Platforms, l.Platforms...), joined(f.Grades, l.Grades...)
		f.Prices, f.Stock = joined(f.Prices, l.Prices...), joined(f.Stock, l.Stock...)
		f.Contacts = joined(f.Contacts, l.Contacts...)
		if l.Sample != nil {
			f.Samples = append(f.Samples, l.Sample)
		}
	}
	return f
}

// maxFigures caps a list of figures: a post may hold thousands of prices.
const maxFigures = 40

func joined[T comparable](to []T, more ...T) []T {
	for _, m := range more {
		if len(to) < maxFigures && !slices.Contains(to, m) {
			to = append(to, m)
		}
	}
	return to
}

// pager is the way through a list of several pages.
type pager struct {
	N, Pages, Total int
	From, To        int    // of the entries shown, from 1
	Prev, Next      string // addresses; "" where there is none
}

// pages makes the pager of page n; base is the address up to and with "?" or "&".
func pages(base string, n, total, size int) pager {
	p := pager{N: n, Pages: max((total+size-1)/size, 1), Total: total, From: (n-1)*size + 1, To: min(n*size, total)}
	if n > 1 {
		p.Prev = fmt.Sprintf("%spage=%d", base, min(n-1, p.Pages))
	}
	if n < p.Pages {
		p.Next = fmt.Sprintf("%spage=%d", base, n+1)
	}
	return p
}

// sellerView is what the page of a seller shows.
type sellerView struct {
	Now      time.Time
	Seller   casebook.SellerFacts
	Contacts []market.Contact // known ways to reach the seller
	Accounts []string         // names and accounts, "site:…"
	Offers   []sellerOffer
	More     bool // there are more offers
	Search   string
	People   casebook.Crowd
}

// sellerOffer is an offer with the words of its listings.
type sellerOffer struct {
	casebook.OfferFacts
	Figures figures
}

const (
	sellerKeys   = 100
	sellerOffers = 50
)

// sellerPage shows one seller.
func (c *Console) sellerPage(v *visit) error {
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	num, ok := casebook.SellerNumber(v.PathValue("id"))
	if !ok {
		return casebook.ErrNotFound
	}
	facts, err := c.Book.SellerFacts(ctx, num, sellerKeys)
	if err != nil {
		return err
	}
	name := casebook.SellerID(facts.ID)
	if v.PathValue("id") != name {
		http.Redirect(v.w, v.Request, "/sellers/"+name, http.StatusFound)
		return nil
	}
	view := sellerView{Now: c.Now(), Seller: facts, Search: searchField("seller", name)}
	for _, k := range facts.Keys {
		kind, value, ok := strings.Cut(k, ":")
		if contact := (market.Contact{Kind: kind, Value: value}); ok && searchContact(contact) != "" {
			view.Contacts = append(view.Contacts, contact)
		} else {
			view.Accounts = append(view.Accounts, k)
		}
	}
	offers, err := c.Book.OffersOfSeller(ctx, facts.ID, sellerOffers+1)
	if err != nil {
		return err
	}
	if view.More = len(offers) > sellerOffers; view.More {
		offers = offers[:sellerOffers]
	}
	for _, o := range offers {
		rows, err := c.Book.OfferTexts(ctx, o.ID, 3)
		if err != nil {
			return err
		}
		view.Offers = append(view.Offers, sellerOffer{o, tell(rows)})
	}
	if view.People, err = c.Book.PeopleOfSeller(ctx, facts.ID); err != nil {
		return err
	}
	return v.render(http.StatusOK, "seller.html", view)
}
