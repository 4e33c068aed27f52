package index

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"resumewatch/internal/query"
)

// dsl is a query of Elasticsearch. Nothing is scored.
type dsl map[string]any

const (
	// maxNested is how deep queries stand in each other before a wrapper begins the count
	// anew: Elasticsearch refuses more than 30 (indices.query.bool.max_nested_depth), which
	// only its administrator could change.
	maxNested = 16
	// maxTerms is the most values of one terms query; index.max_terms_count is 65,536.
	maxTerms = 50_000
	// maxKeyword is the most bytes of a value that stands as it is. Longer ones, which Lucene
	// may refuse, stand as facetToken.
	maxKeyword = 512
)

// elasticQuery writes a query together with the period of a page.
func elasticQuery(n query.Node, page Page) (dsl, error) {
	q, err := elasticNode(n, 1)
	if err != nil || page.Since.IsZero() && page.Until.IsZero() {
		return q, err
	}
	return dsl{"bool": dsl{"filter": []dsl{q, elasticPeriod(page.Since, page.Until)}}}, nil
}

func elasticNode(n query.Node, depth int) (dsl, error) {
	if depth > maxNested && isCompound(n) {
		inner, err := elasticNode(n, 1)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(inner)
		return dsl{"wrapper": dsl{"query": base64.StdEncoding.EncodeToString(text)}}, err
	}
	switch n := n.(type) {
	case query.All:
		return dsl{"match_all": dsl{}}, nil
	case query.And:
		return elasticAnd(n.Nodes, depth)
	case query.Not:
		if not, twice := n.Node.(query.Not); twice {
			return elasticNode(not.Node, depth)
		}
		return elasticAnd([]query.Node{n}, depth)
	case query.Or:
		some, err := elasticNodes(n.Nodes, depth)
		return dsl{"bool": dsl{"should": some, "minimum_should_match": 1}}, err
	case query.Phrase:
		return elasticPhrase(n), nil
	case query.Field:
		return elasticField(n)
	case query.Number:
		return elasticNumber(n), nil
	case query.Period:
		return elasticPeriod(n.From, n.Before), nil
	case query.IDs:
		return elasticIDs(n.IDs), nil
	}
	return nil, fmt.Errorf("a query part of type %T is unknown to the index", n)
}

func isCompound(n query.Node) bool {
	switch n.(type) {
	case query.And, query.Or, query.Not:
		return true
	}
	return false
}

func elasticAnd(nodes []query.Node, depth int) (dsl, error) {
	var want, exclude []query.Node
	for _, n := range nodes {
		if not, ok := n.(query.Not); ok {
			exclude = append(exclude, not.Node)
		} else {
			want = append(want, n)
		}
	}
	out := dsl{}
	for part, nodes := range map[string][]query.Node{"filter": want, "must_not": exclude} {
		parts, err := elasticNodes(nodes, depth)
		if err != nil {
			return nil, err
		}
		if len(parts) > 0 {
			out[part] = parts
		}
	}
	return dsl{"bool": out}, nil
}

// elasticNodes writes parts that stand one level down, equal ones once: what a
// query may have of them is bounded (indices.query.bool.max_clause_count).
func elasticNodes(nodes []query.Node, depth int) ([]dsl, error) {
	var out []dsl
	seen := map[string]bool{}
	for _, n := range nodes {
		q, err := elasticNode(n, depth+1)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(q)
		if err != nil {
			return nil, err
		}
		if !seen[string(text)] {
			seen[string(text)] = true
			out = append(out, q)
		}
	}
	return out, nil
}

// elasticPhrase: a prefix of one character is a term among the index_prefixes of words, also
// at the end of a phrase, so nothing is spread out and nothing is cut off.
func elasticPhrase(p query.Phrase) dsl {
	text := strings.Join(p.Tokens, " ")
	switch {
	case len(p.Tokens) == 0:
		return dsl{"match_none": dsl{}}
	case len(p.Tokens) == 1 && p.Prefix:
		return dsl{"prefix": dsl{"words": text}}
	case len(p.Tokens) == 1:
		return dsl{"term": dsl{"words": text}}
	case p.Prefix:
		return dsl{"match_phrase_prefix": dsl{"words": text}}
	}
	return dsl{"match_phrase": dsl{"words": text}}
}

// elasticFields are the fields of the documents that hold FieldValues.
var elasticFields = []string{
	query.FieldSide, query.FieldGoods, query.FieldPlatform, query.FieldGrade, query.FieldSource, query.FieldPlace, query.FieldAuthor,
	query.FieldQQ, query.FieldWeChat, query.FieldPhone, query.FieldTelegram, query.FieldEmail,
}

func elasticField(f query.Field) (dsl, error) {
	switch {
	case f.Name == query.FieldSeller || f.Name == query.FieldAlert:
		return nil, fmt.Errorf("%s: has to be resolved by the casebook before the index is asked", f.Name)
	case !slices.Contains(elasticFields, f.Name):
		return nil, fmt.Errorf("%s: the index has no such field", f.Name)
	}
	return dsl{"term": dsl{f.Name: keyword(f.Name, f.Value)}}, nil
}

func keyword(field, value string) string {
	if len(value) > maxKeyword {
		return facetToken(field, value)
	}
	return value
}

func elasticNumber(n query.Number) dsl {
	least, most, relation := n.Min, n.Max, "intersects"
	switch {
	case math.IsNaN(least), math.IsNaN(most), math.IsInf(least, 1), math.IsInf(most, -1):
		return dsl{"match_none": dsl{}}
	case math.IsInf(least, -1) && math.IsInf(most, 1):
		return dsl{"exists": dsl{"field": n.Field}}
	case least > most: // begins at most there and ends at least here
		least, most, relation = most, least, "contains"
	}
	bounds := dsl{"relation": relation}
	if !math.IsInf(least, -1) {
		bounds["gte"] = least
	}
	if !math.IsInf(most, 1) {
		bounds["lte"] = most
	}
	return dsl{"range": dsl{n.Field: bounds}}
}

// boundSecond is the first whole second at or after a time; all engines take
// seconds too far away for the farthest. As text: a number would be milliseconds.
func boundSecond(t time.Time) string { return strconv.FormatInt(rowSecond(boundRow(t)), 10) }

func elasticPeriod(from, before time.Time) dsl {
	bounds := dsl{}
	if !from.IsZero() {
		bounds["gte"] = boundSecond(from)
	}
	if !before.IsZero() {
		bounds["lt"] = boundSecond(before)
	}
	if len(bounds) == 0 {
		return dsl{"match_all": dsl{}}
	}
	return dsl{"range": dsl{"posted_at": bounds}}
}

func elasticIDs(ids []string) dsl {
	var some []dsl
	for lot := range slices.Chunk(ids, maxTerms) {
		some = append(some, dsl{"terms": dsl{"listing_id": lot}})
	}
	switch len(some) {
	case 0:
		return dsl{"match_none": dsl{}}
	case 1:
		return some[0]
	}
	return dsl{"bool": dsl{"should": some, "minimum_should_match": 1}}
}
