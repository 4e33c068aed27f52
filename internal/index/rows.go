package index

import "time"

// A row number is the second of posting, shifted, plus a running number among the
// listings of that second.
const (
	slotBits = 20
	maxSlot  = 1<<slotBits - 1
	maxSec   = 1<<(62-slotBits) - 1 // seconds from 1970, either way: more than 100,000 years
)

// firstRow is the first row of a second; seconds too far away count as the farthest.
func firstRow(sec int64) int64 {
	return min(max(sec, -maxSec), maxSec) << slotBits
}

// rowSecond is the second that a row stands for.
func rowSecond(row int64) int64 { return row >> slotBits }

// boundRow is the first row at or after a time.
func boundRow(t time.Time) int64 {
	sec := t.Unix()
	if t.Nanosecond() > 0 {
		sec++
	}
	return firstRow(sec)
}
