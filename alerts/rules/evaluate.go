package rules

import (
	"fmt"
	"slices"
	"strings"

	"resumewatch/alerts/severity"
	"resumewatch/internal/market"
)

// Codes of the reasons that a rule gives for a hit, beside those of package
// severity. The set is closed: one code a condition of Match.
const (
	CodeSells     = "rule.sells"
	CodeSeeks     = "rule.seeks"
	CodeGoods     = "rule.goods"
	CodePlatforms = "rule.platforms"
	CodeContacts  = "rule.contacts"
	CodeSources   = "rule.sources"
	CodeStock     = "rule.stock"
	CodeSightings = "rule.sightings"
)

// Evaluate holds an offer against a rule. On a hit it gives the alert's
// severity, the reasons (the rule's conditions first, then what made the
// severity) and the alert's title; else all of them are empty.
func Evaluate(r Rule, o Offer) (hit bool, grave string, reasons []market.Reason, title string) {
	reasons, hit = r.Match.reasons(o)
	if !hit {
		return false, "", nil, ""
	}
	judged, why := severity.Assess(o.Stock, o.Prices, severity.Default())
	if r.Severity != "" {
		judged = r.Severity
	}
	return true, judged, append(reasons, why...), Title(o)
}

// reasons are why an offer matches, one a condition; ok is false when it doesn't.
func (m Match) reasons(o Offer) (reasons []market.Reason, ok bool) {
	because := func(code, format string, args ...any) {
		reasons = append(reasons, market.Reason{Code: code, Text: fmt.Sprintf(format, args...)})
	}
	if m.Side != "" {
		if o.Side != m.Side {
			return nil, false
		}
		if m.Side == market.SideSell {
			because(CodeSells, "出售%s", spaced(subject(o)))
		} else {
			because(CodeSeeks, "求购%s", spaced(subject(o)))
		}
	}
	lists := []struct {
		want, have []string
		code, text string
		name       func(string) string
	}{
		{m.Goods, o.Goods, CodeGoods, "货物", goodsWord},
		{m.Platforms, o.Platforms, CodePlatforms, "平台", platformWord},
		{m.Contacts, contactKeys(o.Contacts), CodeContacts, "联系方式", visible},
		{m.Sources, o.Sources, CodeSources, "来源", visible},
	}
	for _, l := range lists {
		if len(l.want) == 0 {
			continue
		}
		var both []string
		for _, w := range l.want {
			if slices.Contains(l.have, w) {
				both = append(both, l.name(w))
			}
		}
		if len(both) == 0 {
			return nil, false
		}
		because(l.code, "%s：%s", l.text, strings.Join(both, "、"))
	}
	if m.MinStock > 0 {
		var most int64
		for _, s := range o.Stock {
			if s.Unit == market.UnitItem {
				most = max(most, s.Quantity)
			}
		}
		if most < m.MinStock {
			return nil, false
		}
		because(CodeStock, "声称存量 %d 条，规则要求 %d 条", most, m.MinStock)
	}
	if m.MinSightings > 0 {
		if o.Sightings < m.MinSightings {
			return nil, false
		}
		because(CodeSightings, "出现 %d 次，规则要求 %d 次", o.Sightings, m.MinSightings)
	}
	return reasons, true
}

func contactKeys(contacts []market.Contact) []string {
	keys := make([]string, len(contacts))
	for i, c := range contacts {
		keys[i] = c.Key()
	}
	return keys
}

func spaced(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}
