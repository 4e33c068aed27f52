package casebook

import (
	"database/sql"
	"slices"
	"strconv"
	"strings"
)

// dialect is what differs between engines.
type dialect struct {
	rebind  func(query string) string      // "?" to the engine's own marks
	locked  func(tables ...string) string  // ends a SELECT of rows that this transaction changes: others wait for it
	passing string                         // ends a SELECT like locked, but leaves out rows that somebody holds
	serial  bool                           // one writer at a time: there is nobody to wait for
	alone   func(t *tx, what string) error // waits until nobody else does what; holds until the transaction ends
	reading sql.IsolationLevel             // at which the reads of a transaction see one state of the book
	writing sql.IsolationLevel
	again   func(error) bool // nothing was written because others were at the same rows: it may run once more
	lost    func(error) bool // the error of a COMMIT leaves open whether it was done
	check   func(*tx) error  // looks through the whole book for damage
}

// numbered turns "?" into "$1", "$2" …, outside of literals and quoted names.
func numbered(query string) string {
	var b strings.Builder
	b.Grow(len(query) + 16)
	n := 0
	var quote byte
	for i := range len(query) {
		c := query[i]
		switch {
		case quote != 0:
			if c == quote { // a doubled one ends and begins again
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '?':
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// insert writes rows by as few statements as is sensible: `head` is the
// statement up to VALUES, `tail` what follows the rows. Few sizes of statement
// are used, for the sake of engines that keep them prepared. The rows of one
// statement must differ in their key when the tail updates.
func (t *tx) insert(head string, rows [][]any, tail string) (n int64, err error) {
	for size := 256; len(rows) > 0; {
		for size > len(rows) {
			size /= 2
		}
		row := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(rows[0])), ", ") + ")"
		args := make([]any, 0, size*len(rows[0]))
		for _, r := range rows[:size] {
			args = append(args, r...)
		}
		done, err := t.exec(head+" VALUES "+strings.TrimSuffix(strings.Repeat(row+", ", size), ", ")+" "+tail, args...)
		if err != nil {
			return n, err
		}
		n, rows = n+done, rows[size:]
	}
	return n, nil
}

// sortRows sorts rows by their first value, a text: changes that lock several
// rows do so in one order, so that none waits for another in a circle.
func sortRows(rows [][]any) {
	slices.SortStableFunc(rows, func(a, b []any) int { return strings.Compare(a[0].(string), b[0].(string)) })
}
