package evidence

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// SystemClock asks the kernel, which NTP and PTP services tell what they know
// (adjtimex(2)). Where that can't be had the source says why.
func SystemClock() Clock {
	var t unix.Timex // modes 0: only read
	state, err := unix.Adjtimex(&t)
	if err != nil {
		return Clock{Source: fmt.Sprintf("unknown: the kernel doesn't say (%v)", err)}
	}
	return clockOf(state, &t)
}

func clockOf(state int, t *unix.Timex) Clock {
	if state == unix.TIME_ERROR || t.Status&unix.STA_UNSYNC != 0 {
		return Clock{Source: "kernel, not synchronised"}
	}
	unit := time.Microsecond.Seconds()
	if t.Status&unix.STA_NANO != 0 {
		unit = time.Nanosecond.Seconds()
	}
	offset, most := float64(t.Offset)*unit, float64(t.Maxerror)*time.Microsecond.Seconds()
	return Clock{Source: "kernel, synchronised", OffsetSeconds: &offset, MaxErrorSeconds: &most}
}
