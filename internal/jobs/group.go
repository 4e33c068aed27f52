package jobs

import (
	"context"
	"slices"
	"strings"

	"resumewatch/alerts/grouping"
	"resumewatch/alerts/rules"
	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// groupBatch is how many notices one step of the grouper consumes. Large, since
// a step regroups all listings of every seller that the notices touch.
const groupBatch = 5000

// GroupStep regroups what the oldest notices touch: offers, sellers and alerts
// are as if all listings had come at once. Only the leader does it; ErrLost
// says that another leads.
func (w *Workshop) GroupStep(ctx context.Context, fence casebook.Fence) (int, error) {
	notices, err := w.Book.Outbox(ctx, casebook.TopicGroup, groupBatch)
	if err != nil || len(notices) == 0 {
		return 0, err
	}
	touched := refsOf(notices)
	g := casebook.Grouping{Fence: fence, At: w.Now(), Notices: notices, Keys: map[string][]string{}}
	members, err := w.closure(ctx, touched, g.Keys)
	if err != nil {
		return 0, err
	}
	g.Before = members
	byOldest := make(map[string]casebook.Member, len(members)) // as grouping names them
	before := map[string]int{}
	live := make([]grouping.Member, 0, len(members))
	for _, m := range members {
		before[m.OfferID]++
		if m.Listings > 0 {
			byOldest[m.Oldest] = m
			live = append(live, groupMember(m))
		}
	}
	isTouched := make(map[string]bool, len(touched))
	for _, id := range touched {
		isTouched[id] = true
	}
	for _, o := range grouping.Partition(live, nil) {
		if unchanged(o, byOldest, isTouched, before) {
			continue
		}
		g.Offers = append(g.Offers, w.offer(o, byOldest))
	}
	raised, err := w.Book.SaveGrouping(ctx, g)
	if err != nil {
		return 0, err
	}
	return len(notices), w.announce(ctx, raised)
}

func (w *Workshop) announce(ctx context.Context, raised []casebook.Raised) error {
	if w.Watch == nil {
		return nil
	}
	for _, r := range raised {
		a, err := w.Book.Alert(ctx, r.Num)
		if err != nil {
			return err
		}
		w.Watch.Raised(a, r.Fresh)
	}
	return nil
}

func groupMember(m casebook.Member) grouping.Member {
	author := m.Author.Key()
	if m.Author.Kind == market.AuthorSite && m.Author.ID != "" { // guests have a name at the most
		author = m.Author.Kind + ":" + m.Site + ":" + m.Author.ID
	}
	return grouping.Member{
		ListingID: m.Oldest, PostedAt: m.PostedAt, Contacts: m.Listing.Contacts, AuthorKey: author, Sketch: m.Sketch,
		Side: m.Listing.Side, Goods: m.Listing.Goods, Prices: m.Listing.Prices,
	}
}

// closure loads the touched wordings and all that can be joined with them,
// directly or through others, and fills in the keys of the touched ones.
func (w *Workshop) closure(ctx context.Context, touched []string, keys map[string][]string) ([]casebook.Member, error) {
	var out []casebook.Member
	have := map[string]bool{}
	asked := map[string]bool{} // keys and offers that were followed
	// What an edit took a contact from, or withdrew, may have kept others apart.
	newKeys, err := w.Book.KeysOf(ctx, touched)
	if err != nil {
		return nil, err
	}
	for _, k := range newKeys {
		asked[k] = true
	}
	todo := touched
	for len(todo) > 0 {
		for _, id := range todo {
			have[id] = true
		}
		members, err := w.Book.Members(ctx, todo)
		if err != nil {
			return nil, err
		}
		out = append(out, members...)
		var newOffers []string
		for _, m := range members {
			ks := linkKeys(m)
			if len(out) <= len(touched) {
				keys[m.ID] = ks
			}
			for _, k := range ks {
				if !asked[k] {
					asked[k] = true
					newKeys = append(newKeys, k)
				}
			}
			if o := "offer " + m.OfferID; m.OfferID != "" && !asked[o] {
				asked[o] = true
				newOffers = append(newOffers, m.OfferID)
			}
		}
		ids, err := w.Book.WithKeys(ctx, newKeys, newOffers)
		if err != nil {
			return nil, err
		}
		newKeys = nil
		todo = todo[:0:0]
		for _, id := range ids {
			if !have[id] {
				todo = append(todo, id)
			}
		}
	}
	return out, nil
}

// linkKeys are the keys by which listings can find each other: those of their
// seller, and the account that posted them (a listing without contacts may
// belong to one with contacts by the same account).
func linkKeys(m casebook.Member) []string {
	if m.Listings == 0 {
		return nil
	}
	g := groupMember(m)
	keys := grouping.Keys(g, nil)
	g.Contacts = nil
	for _, k := range grouping.Keys(g, nil) {
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// unchanged reports whether an offer has exactly the wordings that it had, none
// of them touched. before counts the wordings that each offer had.
func unchanged(o grouping.Offer, byOldest map[string]casebook.Member, touched map[string]bool, before map[string]int) bool {
	for _, oldest := range o.Members {
		if m := byOldest[oldest]; touched[m.ID] || m.OfferID != o.ID {
			return false
		}
	}
	return before[o.ID] == len(o.Members)
}

// offer sums its listings up and holds it against the rules.
func (w *Workshop) offer(o grouping.Offer, byOldest map[string]casebook.Member) casebook.Offer {
	sum := rules.Offer{ID: o.ID}
	out := casebook.Offer{ID: o.ID}
	for _, oldest := range o.Members {
		m := byOldest[oldest]
		out.Members = append(out.Members, m.ID)
		sum.Sightings += m.Listings
		if out.FirstSeen.IsZero() || m.FirstSeen.Before(out.FirstSeen) {
			out.FirstSeen = m.FirstSeen
		}
		if m.LastSeen.After(out.LastSeen) {
			out.LastSeen = m.LastSeen
		}
		l := m.Listing
		sum.Side = l.Side
		sum.Goods = addAll(sum.Goods, l.Goods)
		sum.Platforms = addAll(sum.Platforms, l.Platforms)
		sum.Prices = addAll(sum.Prices, l.Prices)
		sum.Stock = addAll(sum.Stock, l.Stock)
		sum.Contacts = addAll(sum.Contacts, l.Contacts)
		sum.Sources = addAll(sum.Sources, m.Sources)
		for _, k := range grouping.Keys(groupMember(m), nil) {
			if strings.HasPrefix(k, "name:") {
				k = "name@" + m.Place + ":" + strings.TrimPrefix(k, "name:") // anybody can take a name
			}
			out.SellerKeys = addAll(out.SellerKeys, []string{k})
		}
	}
	slices.Sort(sum.Goods)
	slices.Sort(sum.Platforms)
	slices.Sort(sum.Sources)
	slices.Sort(out.SellerKeys)
	sum.FirstSeen, sum.LastSeen = out.FirstSeen, out.LastSeen
	for _, r := range w.Rules {
		if hit, severity, reasons, title := rules.Evaluate(r, sum); hit {
			out.Verdicts = append(out.Verdicts, casebook.Verdict{Rule: r.Name, Severity: severity, Title: title, Reasons: reasons})
		}
	}
	return out
}

func addAll[T comparable](to, from []T) []T {
	for _, v := range from {
		if !slices.Contains(to, v) {
			to = append(to, v)
		}
	}
	return to
}
