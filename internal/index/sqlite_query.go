package index

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"resumewatch/internal/query"
)

// plan is a query as SQL over listing rows.
type plan struct {
	from, before int64    // rows: from ≤ row < before
	match        string   // FTS5 expression that all hits meet; "" for none
	sets         []clause // sets of rows that the conditions speak of, as set0, set1 …
	where        []clause // over l.row and l.id
	first        string   // a condition on few rows, by which to begin; "" for none
}

// clause is a piece of SQL with its arguments.
type clause struct {
	text string
	args []any
}

// fewRows is the size up to which a set of rows is gone through row by row,
// instead of filtering the walk from the newest down. Above it the walk meets hits soon.
const fewRows = 4000

// counter counts the rows that a SELECT gives, up to fewRows+1.
type counter func(clause) (int, error)

// newPlan splits a query at its outermost AND: what FTS5 can answer goes into one
// expression, times into the bounds, the rest into conditions. Of the conditions that hold for
// few rows the smallest is what the search begins with.
func newPlan(q query.Node, count counter) (*plan, error) {
	p := &plan{from: math.MinInt64, before: math.MaxInt64}
	parts := []query.Node{q}
	if and, ok := q.(query.And); ok {
		parts = and.Nodes
	}
	var pure, mixed []query.Node
	for _, n := range parts {
		period, isPeriod := n.(query.Period)
		switch _, all := n.(query.All); {
		case all:
		case isPeriod:
			p.narrow(period.From, period.Before)
		case isPure(n):
			pure = append(pure, n)
		default:
			mixed = append(mixed, n)
		}
	}
	least := fewRows
	if len(pure) > 0 {
		p.match = match(query.And{Nodes: pure})
	}
	for _, n := range mixed {
		c, err := p.condition(n)
		if err != nil {
			return nil, err
		}
		if p.match != "" { // FTS5 can't be asked for single rows at a price that pays
			p.where = append(p.where, c)
			continue
		}
		rows, size, err := bounded(n, count)
		if err != nil {
			return nil, err
		}
		if size <= least {
			least, p.first = size, p.set(rows)
		}
		p.where = append(p.where, c)
	}
	return p, nil
}

// narrow keeps the rows of a period; zero times are open ends.
func (p *plan) narrow(from, before time.Time) {
	if !from.IsZero() {
		p.from = max(p.from, boundRow(from))
	}
	if !before.IsZero() {
		p.before = min(p.before, boundRow(before))
	}
}

// set adds a SELECT of rows to the plan and gives the condition of being in it.
// Materialized: MATCH works only where the planner takes it as the table's own constraint,
// which it does not when it folds the SELECT into the walk.
func (p *plan) set(rows clause) string {
	p.sets = append(p.sets, rows)
	return fmt.Sprintf("l.row IN set%d", len(p.sets)-1)
}

// sql is the statement that gives row and id, newest row first.
func (p *plan) sql() (string, []any) {
	var b strings.Builder
	var args []any
	add := func(c clause) {
		b.WriteString(c.text)
		args = append(args, c.args...)
	}
	for i, rows := range p.sets {
		fmt.Fprintf(&b, "%s set%d (row) AS MATERIALIZED (", []string{"WITH", ","}[min(i, 1)], i)
		add(rows)
		b.WriteString(") ")
	}
	order := ` ORDER BY l.row DESC`
	if p.match != "" {
		// CROSS JOIN keeps the order of the tables: the walk is FTS5's.
		add(clause{`SELECT l.row, l.id FROM words w CROSS JOIN listing l ON l.row = w.rowid WHERE words MATCH ? AND w.rowid >= ? AND w.rowid < ?`,
			[]any{p.match, p.from, p.before}})
		order = ` ORDER BY w.rowid DESC`
	} else {
		add(clause{`SELECT l.row, l.id FROM listing l WHERE l.row >= ? AND l.row < ?`, []any{p.from, p.before}})
		if p.first != "" {
			b.WriteString(` AND ` + p.first)
		}
	}
	for _, c := range p.where {
		add(clause{" AND (" + c.text + ")", c.args})
	}
	return b.String() + order, args
}

// bounded gives a SELECT of rows among which are all for which the part holds, and
// how many it gives, when these are few; else a size above fewRows.
func bounded(n query.Node, count counter) (clause, int, error) {
	const many = fewRows + 1
	var rows clause
	switch n := n.(type) {
	case query.And:
		size := many
		for _, c := range n.Nodes {
			r, s, err := bounded(c, count)
			if err != nil {
				return clause{}, 0, err
			}
			if s < size {
				rows, size = r, s
			}
		}
		return rows, size, nil
	case query.Or:
		size := 0
		for i, c := range n.Nodes {
			r, s, err := bounded(c, count)
			if err != nil {
				return clause{}, 0, err
			}
			if size += s; size > fewRows {
				return clause{}, many, nil
			}
			if i > 0 {
				rows.text += " UNION ALL "
			}
			rows = clause{rows.text + r.text, append(rows.args, r.args...)}
		}
		return rows, size, nil
	case query.IDs:
		var err error
		if rows, err = idRows(n); err != nil || len(n.IDs) > fewRows {
			return clause{}, many, err
		}
		return rows, len(n.IDs), nil
	case query.Number:
		rows = numberRows(n)
	case query.Phrase, query.Field:
		if !isPure(n) {
			return clause{}, many, nil
		}
		rows = matchRows(n)
	default:
		return clause{}, many, nil
	}
	size, err := count(rows)
	return rows, size, err
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
		return everyMatch + ` NOT ` + operand(n.Node)
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
			s = `(` + s + `) NOT ` + operand(anyOf(exclude))
		}
		return s
	}
	return everyMatch
}

// join writes parts between operators, the deepest first: the parser of FTS5 has
// a stack of 100, on which what stands to the left of a parenthesis waits.
func join(nodes []query.Node, operator string) string {
	if len(nodes) == 1 {
		return match(nodes[0])
	}
	nodes = slices.Clone(nodes)
	slices.SortStableFunc(nodes, func(a, b query.Node) int { return depth(b) - depth(a) })
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = operand(n)
	}
	return strings.Join(parts, operator)
}

func operand(n query.Node) string {
	switch n.(type) {
	case query.Phrase, query.Field, query.All:
		return match(n)
	}
	return "(" + match(n) + ")"
}

func depth(n query.Node) int {
	below := 0
	switch n := n.(type) {
	case query.And:
		for _, c := range n.Nodes {
			below = max(below, depth(c))
		}
	case query.Or:
		for _, c := range n.Nodes {
			below = max(below, depth(c))
		}
	case query.Not:
		below = depth(n.Node)
	}
	return below + 1
}

// condition writes any part as a condition on l.row and l.id.
func (p *plan) condition(n query.Node) (clause, error) {
	if isPure(n) {
		return clause{text: p.set(matchRows(n))}, nil
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
		rows, err := idRows(n)
		return clause{text: p.set(rows)}, err
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

// numberTest looks at the numbers of one row.
func numberTest(n query.Number) clause {
	return clause{
		`EXISTS (SELECT 1 FROM number WHERE number.row = l.row AND field = ? AND lo <= ? AND hi >= ?)`,
		[]any{numberFields[n.Field], n.Max, n.Min},
	}
}

// numberRows selects the rows with a number in the range: those that begin in it,
// and those that begin before and reach into it. A row may come twice.
func numberRows(n query.Number) clause {
	field := numberFields[n.Field]
	return clause{
		`SELECT row FROM number INDEXED BY number_lo WHERE field = ? AND lo >= ? AND lo <= ?
	UNION ALL SELECT row FROM number INDEXED BY number_wide WHERE field = ? AND hi >= ? AND hi > lo AND lo < ?`,
		[]any{field, n.Min, n.Max, field, n.Min, n.Min},
	}
}

// matchRows selects the rows for which a pure part holds.
func matchRows(n query.Node) clause {
	return clause{`SELECT rowid FROM words WHERE words MATCH ?`, []any{match(n)}}
}

// idRows selects the rows of the listings that there are.
func idRows(n query.IDs) (clause, error) {
	list, err := json.Marshal(append([]string{}, n.IDs...))
	if err != nil {
		return clause{}, err
	}
	return clause{`SELECT row FROM listing WHERE id IN (SELECT value FROM json_each(?))`, []any{string(list)}}, nil
}
