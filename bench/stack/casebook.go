package stack

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
)

// Casebook looks into the tables of a casebook on PostgreSQL from outside.
type Casebook struct{ dsn string }

// ask runs one query on a connection of its own: the server may have been
// restarted since the last one.
func ask(ctx context.Context, dsn string, do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("casebook from outside: %w", err)
	}
	defer c.Close(context.WithoutCancel(ctx))
	return do(ctx, c)
}

// Progress says how far the work is.
type Progress struct {
	Known  int64 // units of work and pages so far
	Open   int64 // units of work and pages that are still to be done
	Wait   int64 // units of work that nobody has
	Claims int64 // of units of work so far
	Visits int64 // ended looks at pages and chunks
	Index  int64 // seq of the oldest notice that the index has not taken; 0: none
	Group  int64 // seq of the oldest notice that the grouper has not taken; 0: none
}

// Done reports that nothing is left to do.
func (p Progress) Done() bool { return p.Known > 0 && p.Open == 0 && p.Index == 0 && p.Group == 0 }

// Progress asks how far the work is.
func (b Casebook) Progress(ctx context.Context) (p Progress, err error) {
	err = ask(ctx, b.dsn, func(ctx context.Context, c *pgx.Conn) error {
		return c.QueryRow(ctx, `SELECT
			(SELECT count(*) FROM work) + (SELECT count(*) FROM page),
			(SELECT count(*) FROM work WHERE state IN ('pending', 'leased')) + (SELECT count(*) FROM page WHERE run_id IS NOT NULL),
			(SELECT count(*) FROM work WHERE state = 'pending'),
			(SELECT coalesce(sum(attempts), 0)::bigint FROM work),
			(SELECT coalesce(sum(n), 0)::bigint FROM visit_count),
			(SELECT coalesce(min(seq), 0) FROM outbox WHERE topic = 'index'),
			(SELECT coalesce(min(seq), 0) FROM outbox WHERE topic = 'group')`).Scan(&p.Known, &p.Open, &p.Wait, &p.Claims, &p.Visits, &p.Index, &p.Group)
	})
	return p, err
}

// Leased are the units of work that somebody has, with their generations.
func (b Casebook) Leased(ctx context.Context) (map[string]int64, error) {
	out := map[string]int64{}
	err := ask(ctx, b.dsn, func(ctx context.Context, c *pgx.Conn) error {
		rows, err := c.Query(ctx, `SELECT id, generation FROM work WHERE state = 'leased'`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			var generation int64
			if err := rows.Scan(&id, &generation); err != nil {
				return err
			}
			out[id] = generation
		}
		return rows.Err()
	})
	return out, err
}

// Lead is who leads, since which fence.
type Lead struct {
	Holder string
	Fence  int64
	Until  time.Time
}

// Lead asks who leads; a zero Lead is nobody yet.
func (b Casebook) Lead(ctx context.Context) (l Lead, err error) {
	err = ask(ctx, b.dsn, func(ctx context.Context, c *pgx.Conn) error {
		var until int64
		rows, err := c.Query(ctx, `SELECT holder, fence, until FROM lease WHERE name = 'leader'`)
		if err != nil {
			return err
		}
		defer rows.Close()
		if rows.Next() {
			err = rows.Scan(&l.Holder, &l.Fence, &until)
			l.Until = time.UnixMilli(until)
		}
		if err != nil {
			return err
		}
		return rows.Err()
	})
	return l, err
}

// Left are the figures of a casebook that must be nought when all is done.
func (b Casebook) Left(ctx context.Context) (map[string]int64, error) {
	return b.figures(ctx, map[string]string{
		"work pending": `SELECT count(*) FROM work WHERE state = 'pending'`,
		"work leased":  `SELECT count(*) FROM work WHERE state = 'leased'`,
		"work failed":  `SELECT count(*) FROM work WHERE state = 'failed'`,
		"pages owed":   `SELECT count(*) FROM page WHERE run_id IS NOT NULL`,
		"pages taken":  `SELECT count(*) FROM page WHERE batch IS NOT NULL`,
		"notices":      `SELECT count(*) FROM outbox`,
	})
}

// Counted are figures that the same work always brings to the same: a task that
// is counted twice shows here, where a dump shows what is known once.
func (b Casebook) Counted(ctx context.Context) (map[string]int64, error) {
	return b.figures(ctx, map[string]string{
		"posts of all runs":    `SELECT coalesce(sum(n), 0)::bigint FROM run_count WHERE name = 'posts'`,
		"listings of all runs": `SELECT coalesce(sum(n), 0)::bigint FROM run_count WHERE name = 'listings'`,
		"fingerprints":         `SELECT coalesce(sum(octet_length(prints)), 0)::bigint / 8 FROM seen`,
		"listings in wordings": `SELECT coalesce(sum(listings), 0)::bigint FROM wording`,
		"sightings":            `SELECT coalesce(sum(sightings), 0)::bigint FROM offer`,
		"chunks":               `SELECT count(*) FROM work WHERE kind = 'chunk'`,
		"pages":                `SELECT count(*) FROM page`,
	})
}

func (b Casebook) figures(ctx context.Context, queries map[string]string) (map[string]int64, error) {
	out := map[string]int64{}
	err := ask(ctx, b.dsn, func(ctx context.Context, c *pgx.Conn) error {
		for what, query := range queries {
			var n int64
			if err := c.QueryRow(ctx, query).Scan(&n); err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
			out[what] = n
		}
		return nil
	})
	return out, err
}

// Listings is how many listings should be in the index.
func (b Casebook) Listings(ctx context.Context) (n int64, err error) {
	err = ask(ctx, b.dsn, func(ctx context.Context, c *pgx.Conn) error {
		return c.QueryRow(ctx, `SELECT count(*) FROM listing WHERE live = 1`).Scan(&n)
	})
	return n, err
}

// createDatabase makes an empty database of that name, in place of one that is there.
func createDatabase(ctx context.Context, server, name string) (dsn string, err error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", fmt.Errorf("address of PostgreSQL: %w", err)
	}
	if err := dropDatabase(ctx, server, name); err != nil {
		return "", err
	}
	err = ask(ctx, server, func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `CREATE DATABASE `+pgx.Identifier{name}.Sanitize())
		return err
	})
	u.Path = "/" + name
	return u.String(), err
}

func dropDatabase(ctx context.Context, server, name string) error {
	return ask(ctx, server, func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `DROP DATABASE IF EXISTS `+pgx.Identifier{name}.Sanitize()+` WITH (FORCE)`)
		return err
	})
}
