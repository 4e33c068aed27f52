package index

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"resumewatch/internal/query"
)

// plan is a query as SQL over listing rows.
type plan struct {
	from, before int64    // rows: from ≤ row < before
	match        string   // FTS5 expression that the walk follows; "" for none
	sets         []string // FTS5 expressions whose rows conditions speak of, as set0, set1 …
	drive        []clause // sets of rows small enough to begin with
	where        []clause // over l.row and l.id
}

// clause is a piece of SQL with its arguments.
type clause struct {
	text string
	args []any
}

// fewRows is the size up to which a set of rows is looked up row by row instead of
// filtering the walk from the newest: above it, the walk meets hits often enough.
const fewRows = 4000

// newPlan splits a query at its outermost AND: what FTS5 can answer goes into
// one expression, times into the bounds, the rest into conditions. few tells whether a range
// of numbers holds for at most fewRows rows.
func newPlan(q query.Node, few func(query.Number) (bool, error)) (*plan, error) {
	p := &plan{from: math.MinInt64, before: math.MaxInt64}
	parts := []query.Node{q}
	if and, ok := q.(query.And); ok {
		parts = and.Nodes
	}
	var pure []query.Node
	for _, n := range parts {
		switch n := n.(type) {
		case query.All:
			continue
		case query.Period:
			if !n.From.IsZero() {
				p.from = max(p.from, boundRow(n.From))
			}
			if !n.Before.IsZero() {
				p.before = min(p.before, boundRow(n.Before))
			}
			continue
		case query.IDs:
			ids, err := idsClause(n)
			if err != nil {
				return nil, err
			}
			if len(n.IDs) <= fewRows {
				p.drive = append(p.drive, ids)
			} else {
				p.where = append(p.where, ids)
			}
			continue
		case query.Number:
			small, err := few(n)
			if err != nil {
				return nil, err
			}
			if small {
				p.drive = append(p.drive, numberSet(n))
			} else {
				p.where = append(p.where, numberTest(n))
			}
			continue
		}
		if isPure(n) {
			pure = append(pure, n)
			continue
		}
		c, err := p.condition(n)
		if err != nil {
			return nil, err
		}
		p.where = append(p.where, c)
	}
	if len(pure) > 0 {
		p.match = match(query.And{Nodes: pure})
	}
	return p, nil
}

// sql is the statement that gives row and id, newest row first.
func (p *plan) sql() (string, []any) {
	var b strings.Builder
	var args []any
	add := func(c clause) {
		b.WriteString(" AND (" + c.text + ")")
		args = append(args, c.args...)
	}
	// Materialized: MATCH works only where the planner calls it as a table's own
	// constraint, which it does not when it folds these into the walk.
	for i, m := range p.sets {
		fmt.Fprintf(&b, "%s set%d AS MATERIALIZED (SELECT rowid FROM words WHERE words MATCH ?) ", []string{"WITH", ","}[min(i, 1)], i)
		args = append(args, m)
	}
	switch {
	case p.match != "" && len(p.drive) == 0:
		// CROSS JOIN keeps the order of the tables: the walk is FTS5's.
		b.WriteString(`SELECT l.row, l.id FROM words w CROSS JOIN listing l ON l.row = w.rowid WHERE words MATCH ? AND w.rowid >= ? AND w.rowid < ?`)
		args = append(args, p.match, p.from, p.before)
	default:
		b.WriteString(`SELECT l.row, l.id FROM listing l WHERE l.row >= ? AND l.row < ?`)
		args = append(args, p.from, p.before)
		for _, c := range p.drive {
			add(c)
		}
		if p.match != "" {
			add(clause{`EXISTS (SELECT 1 FROM words w WHERE words MATCH ? AND w.rowid = l.row)`, []any{p.match}})
		}
	}
	for _, c := range p.where {
		add(c)
	}
	if p.match != "" && len(p.drive) == 0 {
		b.WriteString(` ORDER BY w.rowid DESC`)
	} else {
		b.WriteString(` ORDER BY l.row DESC`)
	}
	return b.String(), args
}

// isPure reports whether FTS5 can answer the part alone.
func isPure(n query.Node) bool {
	switch n := n.(type) {
	case query.Phrase, query.All:
		return true
	case query.Field:
		return n.Name != query.FieldSeller && n.Name != query.FieldAlert
	case query.Not:
		return isPure(n.Node)
	case query.And:
		return allPure(n.Nodes)
	case query.Or:
		return allPure(n.Nodes)
	}
	return false
}

func allPure(nodes []query.Node) bool {
	for _, n := range nodes {
		if !isPure(n) {
			return false
		}
	}
	return true
}

// match writes a pure part in the language of FTS5. Tokens are letters and
// digits, so quotes suffice.
func match(n query.Node) string {
	switch n := n.(type) {
	case query.Phrase:
		s := `{title text} : "` + strings.Join(n.Tokens, " ") + `"`
		if n.Prefix {
			s += " *"
		}
		return s
	case query.Field:
		return `facet : "` + facetToken(n.Name, n.Value) + `"`
	case query.Not: // FTS5's NOT takes away from something
		return everyMatch + ` NOT (` + match(n.Node) + `)`
	case query.Or:
		return join(n.Nodes, " OR ")
	case query.And:
		var want, exclude []query.Node
		for _, c := range n.Nodes {
			if not, ok := c.(query.Not); ok {
				exclude = append(exclude, not.Node)
			} else {
				want = append(want, c)
			}
		}
		s := everyMatch
		if len(want) > 0 {
			s = join(want, " AND ")
		}
		if len(exclude) > 0 {
			s = `(` + s + `) NOT (` + join(exclude, " OR ") + `)`
		}
		return s
	}
	return everyMatch
}

func join(nodes []query.Node, operator string) string {
	if len(nodes) == 1 {
		return match(nodes[0])
	}
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = "(" + match(n) + ")"
	}
	return strings.Join(parts, operator)
}

// condition writes any part as a condition on l.row and l.id.
func (p *plan) condition(n query.Node) (clause, error) {
	if isPure(n) {
		p.sets = append(p.sets, match(n))
		return clause{text: fmt.Sprintf("l.row IN set%d", len(p.sets)-1)}, nil
	}
	switch n := n.(type) {
	case query.And:
		return p.conditions(n.Nodes, " AND ")
	case query.Or:
		return p.conditions(n.Nodes, " OR ")
	case query.Not:
		c, err := p.condition(n.Node)
		return clause{"NOT (" + c.text + ")", c.args}, err
	case query.Number:
		return numberTest(n), nil
	case query.Period:
		c := clause{text: "1"}
		if !n.From.IsZero() {
			c = clause{c.text + " AND l.row >= ?", append(c.args, boundRow(n.From))}
		}
		if !n.Before.IsZero() {
			c = clause{c.text + " AND l.row < ?", append(c.args, boundRow(n.Before))}
		}
		return c, nil
	case query.IDs:
		return idsClause(n)
	case query.Field:
		return clause{}, fmt.Errorf("%s: has to be resolved by the casebook before the index is asked", n.Name)
	}
	return clause{}, fmt.Errorf("a query part of type %T is unknown to the index", n)
}

func (p *plan) conditions(nodes []query.Node, operator string) (clause, error) {
	var out clause
	for i, n := range nodes {
		c, err := p.condition(n)
		if err != nil {
			return clause{}, err
		}
		if i > 0 {
			out.text += operator
		}
		out.text += "(" + c.text + ")"
		out.args = append(out.args, c.args...)
	}
	return out, nil
}

func idsClause(n query.IDs) (clause, error) {
	list, err := json.Marshal(append([]string{}, n.IDs...))
	if err != nil {
		return clause{}, err
	}
	return clause{`l.row IN (SELECT row FROM listing WHERE id IN (SELECT value FROM json_each(?)))`, []any{string(list)}}, nil
}

// numberTest looks at the numbers of one row.
func numberTest(n query.Number) clause {
	return clause{
		`EXISTS (SELECT 1 FROM number WHERE number.row = l.row AND field = ? AND lo <= ? AND hi >= ?)`,
		[]any{numberFields[n.Field], n.Max, n.Min},
	}
}

// numberSet is the rows with a number in the range: those that begin in it, and
// those that begin before and reach into it.
func numberSet(n query.Number) clause {
	field := numberFields[n.Field]
	return clause{
		`l.row IN (` + numberRows + `)`,
		[]any{field, n.Min, n.Max, field, n.Min, n.Min},
	}
}

const numberRows = `SELECT row FROM number INDEXED BY number_lo WHERE field = ? AND lo >= ? AND lo <= ?
	UNION ALL SELECT row FROM number INDEXED BY number_wide WHERE field = ? AND hi >= ? AND hi > lo AND lo < ?`
