package console

import (
	"html/template"
	"net/url"
	"reflect"

	"resumewatch/alerts/rules"
	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// pageFuncs are template functions that only pages use. Those that answer ""
// mean: there is nothing to link to.
func pageFuncs(l language) template.FuncMap {
	return template.FuncMap{
		"word":    l.word,                                           // {{word "goods" .}}
		"number":  func(n int) string { return l.number(int64(n)) }, // {{number .Sightings}}
		"bytes":   func(n int64) string { return l.number(n) },
		"price":   l.price,
		"stock":   l.stock,
		"contact": l.contact,
		"moment":  moment,
		"exact":   exact,
		"ago":     l.ago, // {{ago $.Data.Now .At}}
		"lasted":  l.lasted,
		"alertID": casebook.AlertID,
		"seller":  casebook.SellerID,
		"find":    searchField, // {{with find "place" .Place}}<a href="{{.}}">
		"reach":   searchContact,
		"web":     webAddress,
		"reason":  func(code string) string { return l.named("reason", code) },
		"part":    url.PathEscape, // {{part .Name}} within the path of an address
		"more":    func(list any, shown int) int { return max(reflect.ValueOf(list).Len()-shown, 0) },
		"cut":     shortened,
		"percent": func(share float64) float64 { return share * 100 },
		"name":    func(s string) template.HTML { return lineText(shortened(s, nameRunes)) }, // of strangers and their places
		"tame":    tame,
		"worth":   worth,
		"unmask":  func(ids any) string { return askLink(ids) },
		"pair":    func(a, b any) pair { return pair{a, b} },
	}
}

// nameRunes is how much of a name a page shows.
const nameRunes = 100

// shortened is a text of at most so many runes, with an ellipsis where more was.
func shortened(s string, runes int) string {
	if cut := forth(s, 0, runes); cut < len(s) {
		return s[:cut] + "…"
	}
	return s
}

// pair hands two values to a template.
type pair struct{ A, B any }

// worth leaves out the reasons that only say again what the title of an alert says.
func worth(all []market.Reason) []market.Reason {
	out := []market.Reason{}
	for _, r := range all {
		if r.Code != rules.CodeSells && r.Code != rules.CodeSeeks {
			out = append(out, r)
		}
	}
	return out
}
