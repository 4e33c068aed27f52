package casebook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"resumewatch/internal/custody"
)

// scope is what a case is about, as it is now.
type scope struct {
	alerts  []int64  // those that what was added became part of
	offers  []string // of the alerts and of the sellers, and those that were added; sorted
	sellers []int64  // that were added
	sources []string // that were added, sorted
}

// scope reads the items of a case and follows them.
func (t *tx) scope(num int64) (s scope, err error) {
	var alerts []int64
	var offers []string
	s.offers, s.sources = []string{}, []string{}
	err = t.rows(func(scan func(...any) error) error {
		var kind, item string
		if err := scan(&kind, &item); err != nil {
			return err
		}
		n, _ := strconv.ParseInt(item, 10, 64) // of the others it is not used
		switch kind {
		case ItemAlert:
			alerts = append(alerts, n)
		case ItemSeller:
			s.sellers = append(s.sellers, n)
		case ItemOffer:
			offers = append(offers, item)
		case ItemSource:
			s.sources = append(s.sources, item)
		}
		return nil
	}, `SELECT kind, item FROM case_item WHERE case_num = ? ORDER BY kind, item`, num)
	if err != nil {
		return s, err
	}
	if s.alerts, err = t.merged(`alert`, `num`, alerts); err != nil {
		return s, err
	}
	if s.sellers, err = t.merged(`seller`, `id`, s.sellers); err != nil {
		return s, err
	}
	found := map[string]bool{}
	for _, o := range offers {
		found[o] = true
	}
	add := func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		found[id] = true
		return err
	}
	if err := inLots(offers, func(ids []string) error {
		in, args := among(ids)
		return t.rows(add, `SELECT offer_id FROM offer_alias WHERE alias IN (`+in+`)`, args...)
	}); err != nil {
		return s, err
	}
	if err := inLots(s.alerts, func(nums []int64) error {
		in, args := among(nums)
		return t.rows(add, `SELECT offer_id FROM alert WHERE offer_id <> '' AND num IN (`+in+`)`, args...)
	}); err != nil {
		return s, err
	}
	err = inLots(s.sellers, func(nums []int64) error {
		in, args := among(nums)
		return t.rows(add, `SELECT DISTINCT offer_id FROM wording WHERE offer_id <> '' AND seller_id IN (`+in+`)`, args...)
	})
	s.offers = append(s.offers, slices.Sorted(maps.Keys(found))...)
	return s, err
}

// merged are the alerts or sellers that others became part of, sorted; those that are gone are
// left out.
func (t *tx) merged(table, id string, nums []int64) ([]int64, error) {
	var out []int64
	err := inLots(nums, func(nums []int64) error {
		in, args := among(nums)
		return t.rows(func(scan func(...any) error) error {
			var n int64
			err := scan(&n)
			out = append(out, n)
			return err
		}, `SELECT CASE WHEN merged <> 0 THEN merged ELSE `+id+` END FROM `+table+` WHERE `+id+` IN (`+in+`)`, args...)
	})
	slices.Sort(out)
	return slices.Compact(out), err
}

// keepHold notes what a case on hold is about, beside what was noted before.
func (t *tx) keepHold(num int64) error {
	s, err := t.scope(num)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, n := range s.alerts {
		rows = append(rows, []any{ItemAlert, strconv.FormatInt(n, 10), num})
	}
	for _, n := range s.sellers {
		rows = append(rows, []any{ItemSeller, strconv.FormatInt(n, 10), num})
	}
	for _, name := range s.sources {
		rows = append(rows, []any{ItemSource, name, num})
	}
	if err := t.holdRows(rows); err != nil {
		return err
	}
	if err := t.holdOffers(num, s.offers); err != nil {
		return err
	}
	if err := inLots(s.offers, func(offers []string) error {
		in, args := among(offers)
		_, err := t.exec(`INSERT INTO held (kind, item, case_num) SELECT 'post', listing.id, `+fmt.Sprint(num)+`
			FROM wording JOIN listing ON listing.wording = wording.id WHERE wording.offer_id IN (`+in+`) ON CONFLICT DO NOTHING`, args...)
		return err
	}); err != nil {
		return err
	}
	for _, table := range []string{`post ON post.id`, `post_revision ON post_revision.post_id`} {
		if _, err := t.exec(`INSERT INTO held (kind, item, case_num) SELECT DISTINCT 'capture', capture, held.case_num FROM held JOIN `+table+` = held.item
			WHERE held.kind = 'post' AND held.case_num = ? AND capture <> '' ON CONFLICT DO NOTHING`, num); err != nil {
			return err
		}
	}
	return nil
}

// holdOffers holds offers with their sellers and alerts.
func (t *tx) holdOffers(num int64, offers []string) error {
	rows := make([][]any, len(offers))
	for i, id := range offers {
		rows[i] = []any{ItemOffer, id, num}
	}
	if err := t.holdRows(rows); err != nil {
		return err
	}
	return inLots(offers, func(offers []string) error {
		in, args := among(offers)
		for _, q := range []string{
			`SELECT DISTINCT 'seller', CAST(seller_id AS TEXT), ` + fmt.Sprint(num) + ` FROM offer WHERE seller_id <> 0 AND id IN (` + in + `)`,
			`SELECT 'alert', CAST(num AS TEXT), ` + fmt.Sprint(num) + ` FROM alert WHERE merged = 0 AND offer_id IN (` + in + `)`,
		} {
			if _, err := t.exec(`INSERT INTO held (kind, item, case_num) `+q+` ON CONFLICT DO NOTHING`, args...); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) holdRows(rows [][]any) error {
	_, err := t.insert(`INSERT INTO held (kind, item, case_num)`, rows, `ON CONFLICT DO NOTHING`)
	return err
}

// setHold keeps what a case is about and says so in the custody log, with a digest
// over what is held now.
func (t *tx) setHold(num int64, detail map[string]string, device string, by Act) (HeldSum, error) {
	if err := t.keepHold(num); err != nil {
		return HeldSum{}, err
	}
	sum, err := t.heldSum(num)
	if err != nil {
		return sum, err
	}
	all := sha256.New()
	if err := t.rows(func(scan func(...any) error) error {
		var digest string
		err := scan(&digest)
		fmt.Fprintln(all, digest)
		return err
	}, `SELECT digest FROM capture WHERE `+heldBy(num)+` ORDER BY digest`); err != nil {
		return sum, err
	}
	detail["captures"], detail["digest"] = fmt.Sprint(sum.Captures), hex.EncodeToString(all.Sum(nil))
	_, err = t.note(custody.Event{Kind: custody.HoldSet, At: by.At, Actor: by.Who, Device: device, Object: CaseID(num), Detail: detail})
	return sum, err
}

// heldBy is, as a condition on capture, what the hold of one case keeps.
func heldBy(num int64) string {
	return fmt.Sprintf(`digest IN (SELECT item FROM held WHERE held.kind = 'capture' AND case_num = %[1]d
		UNION SELECT c.digest FROM held JOIN capture AS c ON c.refers = held.item AND c.refers <> '' WHERE held.kind = 'capture' AND case_num = %[1]d
		UNION SELECT c.digest FROM held JOIN capture AS c ON c.source = held.item WHERE held.kind = 'source' AND case_num = %[1]d)`, num)
}

// HeldSum is how much a hold keeps.
type HeldSum struct {
	Offers, Posts, Captures int64
	Bytes                   int64 // of the captures, sealed
	Resealed                int64 // captures that the hold's own key seals
}

func (t *tx) heldSum(num int64) (s HeldSum, err error) {
	if err := t.row(`SELECT coalesce(sum(CASE WHEN kind = 'offer' THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN kind = 'post' THEN 1 ELSE 0 END), 0) FROM held WHERE case_num = ?`,
		num).Scan(&s.Offers, &s.Posts); err != nil {
		return s, err
	}
	err = t.row(`SELECT count(*), coalesce(sum(length), 0), coalesce(sum(CASE WHEN seal LIKE 'hold-%' THEN 1 ELSE 0 END), 0) FROM capture WHERE `+heldBy(num)).
		Scan(&s.Captures, &s.Bytes, &s.Resealed)
	return s, err
}

// onHold are the cases whose hold is on.
func (t *tx) onHold() (nums []int64, err error) {
	err = t.rows(func(scan func(...any) error) error {
		var n int64
		err := scan(&n)
		nums = append(nums, n)
		return err
	}, `SELECT num FROM case_file WHERE hold = 1 ORDER BY num`)
	return nums, err
}

// RefreshHolds looks through all holds for what they ought to keep: of what joins a
// case while its hold is being set, on another connection, a note may be missing.
func (b *Book) RefreshHolds(ctx context.Context) error {
	var nums []int64
	if err := b.read(ctx, "holds", func(t *tx) (err error) {
		nums, err = t.onHold()
		return err
	}); err != nil {
		return err
	}
	for _, num := range nums {
		if err := b.write(ctx, "hold of "+CaseID(num), func(t *tx) error {
			if err := t.d.alone(t, "holds"); err != nil {
				return err
			}
			if c, err := t.caseToChange(num); err != nil || !c.Hold {
				return err
			}
			return t.keepHold(num)
		}); err != nil {
			return err
		}
	}
	return nil
}

// holdFound lets holds take in what a commit changed of posts: those that joined a
// held offer, and where posts that are held lie now.
func (t *tx) holdFound(ids []string) error {
	if on, err := t.onHold(); err != nil || len(on) == 0 {
		return err
	}
	return inLots(ids, func(ids []string) error {
		in, args := among(ids)
		return t.holdPosts(`listing.id IN (`+in+`)`, args...)
	})
}

// holdPosts holds listings of held offers, with the captures of all posts that are held.
// where picks listings.
func (t *tx) holdPosts(where string, args ...any) error {
	const into = `INSERT INTO held (kind, item, case_num) SELECT DISTINCT `
	for _, q := range []string{
		`'post', listing.id, held.case_num FROM listing JOIN wording ON wording.id = listing.wording JOIN held ON held.kind = 'offer' AND held.item = wording.offer_id`,
		`'capture', post.capture, held.case_num FROM listing JOIN post ON post.id = listing.id AND post.capture <> '' JOIN held ON held.kind = 'post' AND held.item = post.id`,
		`'capture', post_revision.capture, held.case_num FROM listing JOIN post_revision ON post_revision.post_id = listing.id AND post_revision.capture <> ''
			JOIN held ON held.kind = 'post' AND held.item = listing.id`,
	} {
		if _, err := t.exec(into+q+` WHERE `+where+` ON CONFLICT DO NOTHING`, args...); err != nil {
			return err
		}
	}
	return nil
}

// holdGrouped lets holds take in what a grouping made of held offers: what became
// of each, and what joined them; and offers that came to a held seller.
func (t *tx) holdGrouped(g Grouping) error {
	on, err := t.onHold()
	if err != nil || len(on) == 0 {
		return err
	}
	was := map[string]string{}
	for _, m := range g.Before {
		was[m.ID] = m.OfferID
	}
	from := map[string][]string{} // offer now → ids that its wordings belonged to
	var wordings []string
	asked := map[string]bool{}
	for _, o := range g.Offers {
		from[o.ID] = []string{o.ID}
		for _, m := range o.Members {
			if _, told := g.Keys[m]; was[m] != o.ID || told {
				old := was[m]
				wordings = append(wordings, m)
				if old != "" {
					from[o.ID] = append(from[o.ID], old)
				}
			}
		}
		for _, id := range from[o.ID] {
			asked[id] = true
		}
	}
	holders := map[string][]int64{} // offer → cases
	if err := inLots(slices.Sorted(maps.Keys(asked)), func(ids []string) error {
		in, args := among(ids)
		return t.rows(func(scan func(...any) error) error {
			var id string
			var num int64
			err := scan(&id, &num)
			holders[id] = append(holders[id], num)
			return err
		}, `SELECT item, case_num FROM held WHERE kind = 'offer' AND item IN (`+in+`)`, args...)
	}); err != nil {
		return err
	}
	take := map[int64]map[string]bool{} // case → offers
	add := func(num int64, offer string) {
		if take[num] == nil {
			take[num] = map[string]bool{}
		}
		take[num][offer] = true
	}
	for offer, olds := range from {
		for _, old := range olds {
			for _, num := range holders[old] {
				add(num, offer)
			}
		}
	}
	if err := t.holdSellers(on, g.Offers, add); err != nil {
		return err
	}
	for _, num := range slices.Sorted(maps.Keys(take)) {
		if err := t.holdOffers(num, slices.Sorted(maps.Keys(take[num]))); err != nil {
			return err
		}
	}
	for _, o := range g.Offers {
		for num, offers := range take {
			if offers[o.ID] && !slices.Contains(holders[o.ID], num) { // it is held from now on
				wordings = append(wordings, o.Members...)
			}
		}
	}
	if len(take) == 0 {
		return nil
	}
	slices.Sort(wordings)
	return inLots(slices.Compact(wordings), func(ids []string) error {
		in, args := among(ids)
		return t.holdPosts(`listing.wording IN (`+in+`)`, args...)
	})
}

// holdSellers finds offers of sellers that were put into cases on hold.
func (t *tx) holdSellers(on []int64, offers []Offer, add func(num int64, offer string)) error {
	for _, num := range on {
		var added []int64
		if err := t.rows(func(scan func(...any) error) error {
			var n int64
			err := scan(&n)
			added = append(added, n)
			return err
		}, `SELECT CAST(item AS BIGINT) FROM case_item WHERE case_num = ? AND kind = 'seller'`, num); err != nil {
			return err
		}
		sellers, err := t.merged(`seller`, `id`, added)
		if err != nil {
			return err
		}
		if len(sellers) == 0 {
			continue
		}
		ids := make([]string, len(offers))
		for i, o := range offers {
			ids[i] = o.ID
		}
		if err := inLots(ids, func(ids []string) error {
			in, args := among(ids)
			return t.rows(func(scan func(...any) error) error {
				var id string
				var seller int64
				err := scan(&id, &seller)
				if slices.Contains(sellers, seller) {
					add(num, id)
				}
				return err
			}, `SELECT id, seller_id FROM offer WHERE seller_id <> 0 AND id IN (`+in+`)`, args...)
		}); err != nil {
			return err
		}
	}
	return nil
}
