package casebook

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// One sweep drops all that there is to drop: guesses from many addresses make more
// rows in a minute than a few hundred.
func TestOneSweepDropsEverything(t *testing.T) {
	b, err := OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "book.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	now, span := time.Unix(1_800_000_000, 0), 15*time.Minute
	fill := func(n int, last time.Time) {
		t.Helper()
		rows := make([][]any, n)
		for i := range rows {
			rows[i] = []any{fmt.Sprintf("address %d %d", millis(last), i), "[]", millis(last) - int64(n-i)}
		}
		err := b.write(t.Context(), "test", func(t *tx) error {
			_, err := t.insert(`INSERT INTO sign_in_try (subject, times, last_at)`, rows, "")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	left := func(want int) {
		t.Helper()
		if err := b.SweepTries(t.Context(), TryLimits{Span: span}, now); err != nil {
			t.Fatal(err)
		}
		n, newest := 0, int64(0)
		err := b.read(t.Context(), "test", func(t *tx) error {
			return t.row(`SELECT count(*), coalesce(max(last_at), 0) FROM sign_in_try`).Scan(&n, &newest)
		})
		if err != nil || n != want || newest != millis(now)-1 {
			t.Errorf("%d rows are left, the newest of %d; %v", n, newest, err)
		}
	}
	fill(2*sweepLot+1, now.Add(-span-time.Second))
	fill(10, now)
	left(10)
	fill(tryRows+2*sweepLot, now.Add(-time.Minute))
	left(tryRows)
}
