package evidence

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestClock(t *testing.T) {
	if c := SystemClock(); !strings.HasPrefix(c.Source, "kernel, ") && !strings.HasPrefix(c.Source, "unknown: ") {
		t.Errorf("%+v", c)
	}
	if c := clockOf(unix.TIME_ERROR, &unix.Timex{Offset: 5}); c.Source != "kernel, not synchronised" || c.OffsetSeconds != nil {
		t.Errorf("%+v", c)
	}
	if c := clockOf(unix.TIME_OK, &unix.Timex{Status: unix.STA_UNSYNC}); c.Source != "kernel, not synchronised" {
		t.Errorf("%+v", c)
	}
	for status, want := range map[int32]float64{unix.STA_NANO: -0.0000025, 0: -0.0025} {
		c := clockOf(unix.TIME_OK, &unix.Timex{Status: status, Offset: -2500, Maxerror: 16000})
		if c.Source != "kernel, synchronised" || *c.OffsetSeconds != want || *c.MaxErrorSeconds != 0.016 {
			t.Errorf("%s %v %v", c.Source, *c.OffsetSeconds, *c.MaxErrorSeconds)
		}
	}
}
