package casebook

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Old is a kind of row that retention drops one by one.
type Old string

// Kinds of old rows, in the order in which they are dropped: what stands for others
// goes after them.
const (
	OldFingerprints Old = "fingerprints" // blocks of a place and an hour to which nothing was added since
	OldDropped      Old = "dropped"      // fingerprints of listings that retention dropped
	OldReviews      Old = "reviews"      // doubtful posts that were decided, or expired
	OldRejected     Old = "rejected"     // fingerprints of doubtful posts that don't wait again
	OldPages        Old = "pages"        // visited, and neither due nor owed to a run
	OldWork         Old = "work"         // finished
	OldRuns         Old = "runs"         // without work, with their counts and problems
	OldAlerts       Old = "alerts"       // whose offer is gone, and nobody touched since
	OldAudit        Old = "audit"
	OldGrants       Old = "grants"   // to see what is masked
	OldTokens       Old = "tokens"   // revoked or expired
	OldSessions     Old = "sessions" // of the console, not used
	OldTries        Old = "tries"    // to sign in
)

// oldKind is how rows of a kind are found and dropped.
type oldKind struct {
	table string
	key   []string // its primary key
	first []any    // below every key
	where string   // with before as often as `befores` says
	times int
	also  []string // rows of other tables that go first; ends before "IN (…)" of single keys
}

// noHold keeps the records of what people did while any hold is on.
const noHold = `NOT EXISTS (SELECT 1 FROM case_file WHERE case_file.hold = 1)`

// heldSource is whether the row's source is held, or one of its own that has no table.
const heldSource = `EXISTS (SELECT 1 FROM held WHERE held.kind = 'source' AND held.item = %s.source)`

var lowest = int64(-1 << 62)

var oldKinds = map[Old]oldKind{
	OldFingerprints: {table: "seen", key: []string{"place", "bucket"}, first: []any{"", lowest}, times: 1,
		where: `at < ? AND place NOT IN (SELECT post.place FROM held JOIN post ON post.id = held.item WHERE held.kind = 'post')
			AND place NOT IN (SELECT post.site FROM held JOIN post ON post.id = held.item WHERE held.kind = 'post')
			AND place NOT IN (SELECT post.place FROM held JOIN post_source ON post_source.source = held.item JOIN post ON post.id = post_source.post_id WHERE held.kind = 'source')
			AND place NOT IN (SELECT post.site FROM held JOIN post_source ON post_source.source = held.item JOIN post ON post.id = post_source.post_id WHERE held.kind = 'source')`},
	OldDropped: {table: "listing_gone", key: []string{"print"}, first: []any{int64(-1 << 63)}, times: 1, where: `at < ?`},
	OldReviews: {table: "doubt", key: []string{"num"}, first: []any{lowest}, times: 1,
		where: `state <> 'waiting' AND item = '' AND decided_at < ? AND NOT ` + fmt.Sprintf(heldSource, "doubt")},
	OldRejected: {table: "doubt_closed", key: []string{"print"}, first: []any{int64(-1 << 63)}, times: 1, where: `at < ?`},
	OldPages: {table: "page", key: []string{"id"}, first: []any{""}, times: 1,
		where: `visited_at > 0 AND visited_at < ? AND due_at IS NULL AND batch IS NULL AND run_id IS NULL AND NOT ` + fmt.Sprintf(heldSource, "page")},
	OldWork: {table: "work", key: []string{"id"}, first: []any{""}, times: 1,
		where: `state IN ('done', 'failed') AND finished_at > 0 AND finished_at < ? AND NOT ` + fmt.Sprintf(heldSource, "work")},
	OldRuns: {table: "run", key: []string{"id"}, first: []any{lowest}, times: 1,
		where: `started_at < ? AND NOT EXISTS (SELECT 1 FROM work WHERE work.run_id = run.id) AND NOT EXISTS (SELECT 1 FROM page WHERE page.run_id = run.id)
			AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.run_id = run.id)`,
		also: []string{`DELETE FROM run_problem WHERE run_id`, `DELETE FROM run_count WHERE run_id`}},
	OldAlerts: {table: "alert", key: []string{"num"}, first: []any{lowest}, times: 2,
		where: `created_at < ? AND NOT EXISTS (SELECT 1 FROM offer WHERE offer.id = alert.offer_id)
			AND NOT EXISTS (SELECT 1 FROM alert_event WHERE alert_event.alert = alert.num AND alert_event.at >= ?)
			AND (merged = 0 OR NOT EXISTS (SELECT 1 FROM alert AS other WHERE other.num = alert.merged)) AND kind = 'market' AND NOT ` + heldAlert,
		also: []string{`DELETE FROM alert_event WHERE alert`}},
	OldAudit:  {table: "audit", key: []string{"id"}, first: []any{lowest}, times: 1, where: `at < ? AND ` + noHold},
	OldGrants: {table: "unmask_grant", key: []string{"num"}, first: []any{lowest}, times: 2, where: `asked_at < ? AND until < ? AND ` + noHold},
	OldTokens: {table: "token", key: []string{"id"}, first: []any{lowest}, times: 2,
		where: `(revoked_at > 0 AND revoked_at < ? OR expires_at > 0 AND expires_at < ?) AND ` + noHold},
	OldSessions: {table: "web_session", key: []string{"digest"}, first: []any{""}, times: 1, where: `used_at < ?`},
	OldTries:    {table: "sign_in_try", key: []string{"subject"}, first: []any{""}, times: 1, where: `last_at < ?`},
}

// OldRows walks the rows of a kind that are older than a time.
type OldRows struct {
	b      *Book
	kind   Old
	old    oldKind
	before int64
	after  []any
}

// OldRows begins a walk.
func (b *Book) OldRows(kind Old, before time.Time) (*OldRows, error) {
	k, ok := oldKinds[kind]
	if !ok {
		return nil, fmt.Errorf("casebook: %q is no kind of old row", kind)
	}
	return &OldRows{b: b, kind: kind, old: k, before: millis(before), after: k.first}, nil
}

func (k oldKind) keys() string {
	if len(k.key) == 1 {
		return k.key[0]
	}
	return "(" + strings.Join(k.key, ", ") + ")"
}

func (k oldKind) marks() string {
	if len(k.key) == 1 {
		return "?"
	}
	each := make([]string, len(k.key))
	for i, first := range k.first {
		if each[i] = "?"; first == any(lowest) { // in VALUES an engine takes all for text
			each[i] = "CAST(? AS BIGINT)"
		}
	}
	return "(" + strings.Join(each, ", ") + ")"
}

func (o *OldRows) befores() []any { return slices.Repeat([]any{o.before}, o.old.times) }

// Count is how many there are.
func (o *OldRows) Count(ctx context.Context) (n int64, err error) {
	err = o.b.read(ctx, "counting old "+string(o.kind), func(t *tx) error {
		return t.row(`SELECT count(*) FROM `+o.old.table+` WHERE `+o.old.where, o.befores()...).Scan(&n)
	})
	return n, err
}

// Drop drops the next of them, at most limit. done: there are no more.
func (o *OldRows) Drop(ctx context.Context, limit int) (n int64, done bool, err error) {
	// Looking for them may take long: nobody waits for it.
	var found [][]any
	err = o.b.read(ctx, "old "+string(o.kind), func(t *tx) error {
		found = found[:0]
		return t.rows(func(scan func(...any) error) error {
			row := make([]any, len(o.old.key))
			into := make([]any, len(row))
			for i := range row {
				if _, text := o.old.first[i].(string); text {
					into[i] = new(string)
				} else {
					into[i] = new(int64)
				}
			}
			if err := scan(into...); err != nil {
				return err
			}
			for i := range row {
				switch v := into[i].(type) {
				case *string:
					row[i] = *v
				case *int64:
					row[i] = *v
				}
			}
			found = append(found, row)
			return nil
		}, `SELECT `+strings.Join(o.old.key, ", ")+` FROM `+o.old.table+` WHERE `+o.old.keys()+` > `+o.old.marks()+` AND `+o.old.where+
			` ORDER BY `+strings.Join(o.old.key, ", ")+` LIMIT ?`, slices.Concat(o.after, o.befores(), []any{limit})...)
	})
	if err != nil || len(found) == 0 {
		return 0, err == nil, err
	}
	err = o.b.write(ctx, "dropping old "+string(o.kind), func(t *tx) error {
		if err := t.d.alone(t, "holds"); err != nil {
			return err
		}
		n, err = o.drop(t, found)
		return err
	})
	if err != nil {
		return 0, false, err
	}
	o.after = found[len(found)-1]
	return n, len(found) < limit, nil
}

// drop drops those of the rows that are still old.
func (o *OldRows) drop(t *tx, found [][]any) (n int64, err error) {
	flat := slices.Concat(found...)
	in := strings.TrimSuffix(strings.Repeat(o.old.marks()+", ", len(found)), ", ")
	if len(o.old.key) > 1 {
		in = "VALUES " + in
	}
	if len(o.old.also) == 0 {
		return t.exec(`DELETE FROM `+o.old.table+` WHERE `+o.old.keys()+` IN (`+in+`) AND `+o.old.where, append(flat, o.befores()...)...)
	}
	var still []any
	if err := t.rows(func(scan func(...any) error) error {
		var key int64
		err := scan(&key)
		still = append(still, key)
		return err
	}, `SELECT `+o.old.keys()+` FROM `+o.old.table+` WHERE `+o.old.keys()+` IN (`+in+`) AND `+o.old.where+` ORDER BY 1`+t.d.locked(), append(flat, o.befores()...)...); err != nil || len(still) == 0 {
		return 0, err
	}
	in = marks(len(still))
	for _, q := range append(slices.Clone(o.old.also), `DELETE FROM `+o.old.table+` WHERE `+o.old.keys()) {
		if n, err = t.exec(q+` IN (`+in+`)`, anys(still)...); err != nil {
			return 0, err
		}
	}
	return n, nil
}
