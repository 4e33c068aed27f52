package index

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"resumewatch/internal/query"
)

// everyToken stands in each row, so that "all but" has something to begin with.
const everyToken = "every"

const everyMatch = `facet : "` + everyToken + `"`

// facetToken is a value of a field as one token: hashed, as values hold what
// tokenizers cut. 96 bits leave no room for two values to meet by chance.
func facetToken(field, value string) string {
	sum := sha256.Sum256([]byte(field + "\x00" + value))
	return "f" + hex.EncodeToString(sum[:12])
}

// Names of facets that no user can write. Their values are the listing's id and
// the ranges of its numbers.
const (
	facetID     = "#id"
	facetNumber = "#" // before the name of the field
)

// numberFacet asks for one range of numbers as it stands in a listing.
func numberFacet(field string, n NumberRange) query.Field {
	text := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	return query.Field{Name: facetNumber + field, Value: text(n.Lo) + ".." + text(n.Hi)}
}

// facets is the facet column of a document.
func facets(d *Document) string {
	tokens := []string{everyToken, facetToken(facetID, d.ListingID)}
	for field := range numberFields {
		for _, n := range Numbers(d, field) {
			f := numberFacet(field, n)
			tokens = append(tokens, facetToken(f.Name, f.Value))
		}
	}
	for field, values := range FieldValues(d) {
		for _, v := range values {
			tokens = append(tokens, facetToken(field, v))
		}
	}
	slices.Sort(tokens)
	return strings.Join(slices.Compact(tokens), " ")
}

// FieldValues is what each field of the query language compares with, for one
// document: normalised, without empty values.
func FieldValues(d *Document) map[string][]string {
	out := map[string][]string{}
	add := func(field string, values ...string) {
		for _, v := range values {
			if v = query.NormalValue(field, v); v != "" {
				out[field] = append(out[field], v)
			}
		}
	}
	add(query.FieldSide, d.Side)
	add(query.FieldGoods, d.Goods...)
	add(query.FieldPlatform, d.Platforms...)
	add(query.FieldGrade, d.Grades...)
	add(query.FieldSource, d.Source...)
	add(query.FieldPlace, d.Place)
	add(query.FieldAuthor, d.AuthorID, d.AuthorName)
	for _, c := range d.Contacts {
		if field := query.ContactField(c.Kind); field != "" {
			add(field, c.Value)
		}
	}
	return out
}
