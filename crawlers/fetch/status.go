package fetch

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"resumewatch/internal/market"
)

// maxRetryAfter bounds what a host may ask for.
const maxRetryAfter = 7 * 24 * time.Hour

// judge is what the status alone says of an answer that is no redirect. "" is
// a page for an engine to judge; engines look at the body of the others too.
// 405, 418, 468 and 521 are what firewalls in front of Chinese sites answer
// with (research/forums.md §1.9).
func judge(status int, conditional bool) (market.Outcome, string) {
	reason := fmt.Sprintf("http %d", status)
	if text := http.StatusText(status); text != "" {
		reason += " " + text
	}
	switch status {
	case http.StatusNotModified:
		if conditional {
			return market.OutcomeSame, reason
		}
		return market.OutcomeError, reason + ", which was not asked for"
	case http.StatusPartialContent:
		return market.OutcomeUnreadable, reason + ", which was not asked for"
	case http.StatusNotFound, http.StatusGone, http.StatusUnavailableForLegalReasons:
		return market.OutcomeGone, reason
	case http.StatusUnauthorized:
		return market.OutcomeLoginWall, reason
	case http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusTeapot, http.StatusTooManyRequests, 468,
		http.StatusServiceUnavailable, 521:
		return market.OutcomeBlocked, reason
	}
	switch {
	case status >= 200 && status < 300:
		return "", ""
	case status == http.StatusMultipleChoices:
		return "", ""
	case isRedirect(status):
		return market.OutcomeError, reason + " without a Location"
	}
	return market.OutcomeError, reason
}

// isRedirect reports a status that sends on to its Location.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// retryAfter reads Retry-After, seconds or date (RFC 9110 §10.2.3); 0 without a
// usable one. A date counts from the host's own clock where it tells it.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if digits := strings.TrimLeft(value, "0123456789"); digits == "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter // more digits than fit
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
