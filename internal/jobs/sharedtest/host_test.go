package sharedtest

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestMostAndUsed(t *testing.T) {
	at := func(seconds ...float64) []time.Time {
		var out []time.Time
		for _, s := range seconds {
			out = append(out, time.Unix(1000, 0).Add(time.Duration(s*float64(time.Second))))
		}
		return out
	}
	for _, tt := range []struct {
		arrivals []time.Time
		window   time.Duration
		most     int
		least    int
		used     float64
	}{
		{nil, time.Second, 0, -1, 0},
		{at(0), time.Second, 1, -1, 0},
		{at(0, 1, 2, 3), 2 * time.Second, 3, 2, 1},
		{at(0, 1, 1.1, 1.9, 3), time.Second, 3, 0, 4. / 3},
		{at(0, 0, 0, 5), time.Second, 3, 0, 3. / 5},
	} {
		if got := Most(tt.arrivals, tt.window); got != tt.most {
			t.Errorf("Most(%v, %s) = %d, want %d", tt.arrivals, tt.window, got, tt.most)
		}
		if got := Least(tt.arrivals, tt.window); got != tt.least {
			t.Errorf("Least(%v, %s) = %d, want %d", tt.arrivals, tt.window, got, tt.least)
		}
		if got := Used(tt.arrivals, time.Second); got != tt.used {
			t.Errorf("Used(%v) = %v, want %v", tt.arrivals, got, tt.used)
		}
	}
}

func TestHost(t *testing.T) {
	var h Host
	page := h.Wrap(http.NotFoundHandler())
	for range 3 {
		page.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/robots.txt", nil))
	}
	if n := len(h.Arrivals()); n != 3 {
		t.Errorf("%d arrivals, want 3", n)
	}
}
