package casebook

import (
	"maps"
	"slices"

	"resumewatch/internal/market"
)

// What became of an alert whose ground a later reading took away.
const (
	withdrawnAlone  = 1 // nobody had worked on it: it is dismissed
	withdrawnWorked = 2 // people had: it says so, and is theirs to end
)

// unfounded looks for alerts that rest on readings which a later version of the
// extractor took back. What an edit changed is left alone: it was said.
func (s *grouper) unfounded(stays map[string]string) error {
	belongs := map[string]string{} // wording → offer
	rules := map[string][]string{} // offer → rules that it meets
	for _, o := range s.g.Offers {
		for _, m := range o.Members {
			belongs[m] = o.ID
		}
		rules[o.ID] = nil
		for _, v := range o.Verdicts {
			rules[o.ID] = append(rules[o.ID], v.Rule)
		}
	}
	touched := map[string]bool{}
	for _, n := range s.g.Notices {
		if !n.Reread {
			continue
		}
		was := s.was[n.Ref]
		for _, offer := range []string{belongs[n.Ref], was, stays[was]} {
			if offer != "" {
				touched[offer] = true
			}
		}
	}
	for _, offer := range slices.Sorted(maps.Keys(touched)) {
		if err := s.takeBack(offer, rules[offer]); err != nil {
			return err
		}
	}
	return nil
}

// takeBack withdraws the alerts of an offer but those of the given rules.
func (s *grouper) takeBack(offer string, founded []string) error {
	type alert struct {
		num   int64
		state string
		work  bool
	}
	var all []alert
	err := s.rows(func(scan func(...any) error) error {
		var a alert
		var rule string
		err := scan(&a.num, &rule, &a.state, &a.work)
		if !slices.Contains(founded, rule) {
			all = append(all, a)
		}
		return err
	}, `SELECT num, rule, state, EXISTS (SELECT 1 FROM alert_event WHERE alert_event.alert = alert.num AND who <> '')
			OR EXISTS (SELECT 1 FROM case_item WHERE case_item.kind = ? AND item = CAST(alert.num AS TEXT) OR case_item.kind = ? AND item = alert.offer_id)
		FROM alert WHERE offer_id = ? AND merged = 0 AND withdrawn = 0 AND kind = ? ORDER BY num`, ItemAlert, ItemOffer, offer, market.AlertMarket)
	if err != nil || len(all) == 0 {
		return err
	}
	// Its oldest listing may have been edited away, or one that it still has may have said more before.
	var edited bool
	if err := s.row(`SELECT EXISTS (SELECT 1 FROM post JOIN listing ON listing.id = post.id WHERE post.id = ? AND listing.live = 0 AND post.text_digest <> '' AND post.state IN (?, ?))
		OR EXISTS (SELECT 1 FROM wording JOIN listing ON listing.wording = wording.id JOIN post ON post.id = listing.id WHERE wording.offer_id = ? AND post.revision > 0)`,
		offer, market.PostChanged, market.PostGone, offer).Scan(&edited); err != nil || edited {
		return err
	}
	for _, a := range all {
		mark, state := withdrawnWorked, a.state
		if !a.work && a.state == market.AlertNew {
			mark, state = withdrawnAlone, market.AlertDismissed
		}
		if _, err := s.exec(`UPDATE alert SET withdrawn = ?, state = ? WHERE num = ?`, mark, state, a.num); err != nil {
			return err
		}
		if err := s.alertEvent(a.num, s.g.At, "", "withdrawn", ""); err != nil {
			return err
		}
	}
	return nil
}

// found says that an alert which was withdrawn has its ground again.
func (s *grouper) found(num int64, severity string, run int64) error {
	_, err := s.exec(`UPDATE alert SET state = CASE WHEN withdrawn = ? AND state = ? THEN ? ELSE state END, withdrawn = 0 WHERE num = ?`,
		withdrawnAlone, market.AlertDismissed, market.AlertNew, num)
	if err != nil {
		return err
	}
	s.gain(run, 0, 1)
	s.raised = append(s.raised, Raised{Num: num, Fresh: true})
	return s.alertEvent(num, s.g.At, "", "raised", severity)
}
