package casebook

import (
	"database/sql"
	"errors"
	"maps"
	"slices"

	"resumewatch/internal/market"
)

// grouper writes one Grouping.
type grouper struct {
	*tx
	g      Grouping
	runs   map[string]int64    // run of each wording in the notices
	was    map[string]string   // offer of each wording before this step
	size   map[string]int      // listings of each wording
	counts map[int64]*[2]int64 // run → offers, alerts gained
	heirs  map[string][]int64  // offer → runs of the offers that became part of it
	raised []Raised
}

func (s *grouper) save() error {
	now := map[string]bool{}
	for _, o := range s.g.Offers {
		now[o.ID] = true
	}
	stays := map[string]string{} // offer before → offer that most of it went to
	for _, o := range s.g.Offers {
		for _, m := range o.Members {
			if old := s.was[m]; old != "" && !now[old] {
				if to, ok := stays[old]; !ok || o.ID < to {
					stays[old] = o.ID
				}
			}
		}
	}
	if err := s.retire(stays); err != nil {
		return err
	}
	for _, o := range s.g.Offers {
		if err := s.offer(o); err != nil {
			return err
		}
	}
	if err := s.drop(now, stays); err != nil {
		return err
	}
	if err := s.unfounded(stays); err != nil {
		return err
	}
	for _, run := range slices.Sorted(maps.Keys(s.counts)) {
		n := s.counts[run]
		if err := s.count(run, map[string]int64{CountOffers: n[0], CountAlerts: n[1]}); err != nil {
			return err
		}
	}
	return nil
}

// run is the run that what is new about an offer is counted for: the latest that
// touched it, or that touched what it was split from.
func (s *grouper) run(members []string) int64 {
	var run, any int64
	for _, m := range members {
		run = max(run, s.runs[m])
	}
	if run != 0 {
		return run
	}
	for _, r := range s.runs {
		any = max(any, r)
	}
	return any
}

func (s *grouper) gain(run int64, offers, alerts int64) {
	c := s.counts[run]
	if c == nil {
		c = new([2]int64)
		s.counts[run] = c
	}
	c[0] += offers
	c[1] += alerts
}

// retire moves the alerts of offers that became part of another to that one and
// leaves an alias behind.
func (s *grouper) retire(stays map[string]string) error {
	olds := make([]string, 0, len(stays))
	for old := range stays {
		olds = append(olds, old)
	}
	slices.Sort(olds)
	for _, old := range olds {
		to := stays[old]
		if _, err := s.exec(`UPDATE offer_alias SET offer_id = ? WHERE offer_id = ?`, to, old); err != nil {
			return err
		}
		if _, err := s.exec(`INSERT INTO offer_alias (alias, offer_id) VALUES (?, ?) ON CONFLICT (alias) DO UPDATE SET offer_id = excluded.offer_id`, old, to); err != nil {
			return err
		}
		run, known, err := s.runOf(old)
		if err != nil {
			return err
		}
		if known {
			s.heirs[to] = append(s.heirs[to], run)
		}
		if _, err := s.exec(`DELETE FROM offer WHERE id = ?`, old); err != nil {
			return err
		}
		if err := s.moveAlerts(old, to); err != nil {
			return err
		}
	}
	return nil
}

// runOf is the run that an offer is counted for.
func (s *grouper) runOf(offer string) (run int64, known bool, err error) {
	err = s.row(`SELECT run_id FROM offer WHERE id = ?`, offer).Scan(&run)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return run, err == nil, err
}

// moveAlerts keeps the lowest number where both offers have an alert of one rule.
func (s *grouper) moveAlerts(old, to string) error {
	type alert struct {
		num, run int64
		rule     string
	}
	var moving []alert
	err := s.rows(func(scan func(...any) error) error {
		var a alert
		err := scan(&a.num, &a.run, &a.rule)
		moving = append(moving, a)
		return err
	}, `SELECT num, run_id, rule FROM alert WHERE offer_id = ? AND merged = 0 ORDER BY num`, old)
	if err != nil {
		return err
	}
	for _, a := range moving {
		var other, otherRun int64
		err := s.row(`SELECT num, run_id FROM alert WHERE offer_id = ? AND rule = ? AND merged = 0`, to, a.rule).Scan(&other, &otherRun)
		if errors.Is(err, sql.ErrNoRows) {
			if _, err := s.exec(`UPDATE alert SET offer_id = ? WHERE num = ?`, to, a.num); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		keep := min(a.num, other)
		if err := s.mergeAlert(keep, max(a.num, other), to); err != nil {
			return err
		}
		if _, err := s.exec(`UPDATE alert SET run_id = ? WHERE num = ?`, min(a.run, otherRun), keep); err != nil {
			return err
		}
		s.gain(max(a.run, otherRun), 0, -1)
	}
	return nil
}

// mergeAlert makes one alert part of another: what people did to it goes along.
func (s *grouper) mergeAlert(keep, drop int64, offer string) error {
	for _, q := range []string{`UPDATE alert SET merged = ? WHERE num = ?`, `UPDATE alert SET merged = ? WHERE merged = ?`} {
		if _, err := s.exec(q, keep, drop); err != nil {
			return err
		}
	}
	if _, err := s.exec(`UPDATE alert SET offer_id = ? WHERE num = ?`, offer, keep); err != nil {
		return err
	}
	if err := s.alertEvent(drop, s.g.At, "", "merged", AlertID(keep)); err != nil {
		return err
	}
	return s.alertEvent(keep, s.g.At, "", "took_in", AlertID(drop))
}

func (s *grouper) offer(o Offer) error {
	seller, err := s.seller(o.SellerKeys)
	if err != nil {
		return err
	}
	run := s.run(o.Members)
	counted, err := s.countOffer(o.ID, run)
	if err != nil {
		return err
	}
	sightings := 0
	for _, m := range o.Members {
		sightings += s.size[m]
	}
	// An id that was an alias is an offer again (a merge that an edit undid).
	if _, err := s.exec(`DELETE FROM offer_alias WHERE alias = ?`, o.ID); err != nil {
		return err
	}
	if _, err := s.exec(`INSERT INTO offer (id, seller_id, first_seen, last_seen, sightings, run_id) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET seller_id = excluded.seller_id, first_seen = excluded.first_seen, last_seen = excluded.last_seen, sightings = excluded.sightings, run_id = excluded.run_id`,
		o.ID, seller, millis(o.FirstSeen), millis(o.LastSeen), sightings, counted); err != nil {
		return err
	}
	err = inLots(o.Members, func(ids []string) error {
		args := append([]any{o.ID, seller}, anys(ids)...)
		_, err := s.exec(`UPDATE wording SET offer_id = ?, seller_id = ? WHERE id IN (`+marks(len(ids))+`)`, args...)
		return err
	})
	if err != nil {
		return err
	}
	for _, v := range o.Verdicts {
		if err := s.verdict(o, v, run); err != nil {
			return err
		}
	}
	return nil
}

// countOffer counts an offer once, for the first run that brought a part of it:
// what was counted of the other parts is taken back from their runs.
func (s *grouper) countOffer(id string, run int64) (counted int64, err error) {
	parts := s.heirs[id]
	if had, known, err := s.runOf(id); err != nil {
		return 0, err
	} else if known {
		parts = append(parts, had)
	}
	if len(parts) == 0 {
		s.gain(run, 1, 0)
		return run, nil
	}
	slices.Sort(parts)
	for _, p := range parts[1:] {
		s.gain(p, -1, 0)
	}
	return parts[0], nil
}

func (s *grouper) verdict(o Offer, v Verdict, run int64) error {
	if v.Reasons == nil {
		v.Reasons = []market.Reason{}
	}
	var num int64
	var severity string
	var withdrawn int
	err := s.row(`SELECT num, severity, withdrawn FROM alert WHERE offer_id = ? AND rule = ? AND merged = 0`, o.ID, v.Rule).Scan(&num, &severity, &withdrawn)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if err := s.row(`INSERT INTO alert (kind, offer_id, rule, severity, state, title, reasons, created_at, run_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING num`,
			market.AlertMarket, o.ID, v.Rule, v.Severity, market.AlertNew, v.Title, document(v.Reasons), millis(s.g.At), run).Scan(&num); err != nil {
			return err
		}
		s.gain(run, 0, 1)
		s.raised = append(s.raised, Raised{Num: num, Fresh: true})
		return s.alertEvent(num, s.g.At, "", "raised", v.Severity)
	case err != nil:
		return err
	}
	if _, err := s.exec(`UPDATE alert SET severity = ?, title = ?, reasons = ? WHERE num = ?`, v.Severity, v.Title, document(v.Reasons), num); err != nil {
		return err
	}
	if withdrawn != 0 {
		return s.found(num, v.Severity, run)
	}
	if severity == v.Severity {
		return nil
	}
	if market.SeverityRank(v.Severity) > market.SeverityRank(severity) {
		s.raised = append(s.raised, Raised{Num: num})
	}
	return s.alertEvent(num, s.g.At, "", "severity", severity+" → "+v.Severity)
}

// drop removes offers that have no listing left. Their alerts stay: people may
// have worked on them.
func (s *grouper) drop(now map[string]bool, stays map[string]string) error {
	for _, m := range s.g.Before {
		if m.Listings > 0 {
			continue
		}
		if _, err := s.exec(`DELETE FROM wording_key WHERE wording = ?`, m.ID); err != nil {
			return err
		}
		if _, err := s.exec(`DELETE FROM wording WHERE id = ? AND listings = 0`, m.ID); err != nil {
			return err
		}
		if _, moved := stays[m.OfferID]; m.OfferID != "" && !now[m.OfferID] && !moved {
			if _, err := s.exec(`DELETE FROM offer WHERE id = ?`, m.OfferID); err != nil {
				return err
			}
		}
	}
	return nil
}
