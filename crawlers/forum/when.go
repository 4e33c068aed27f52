package forum

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"resumewatch/internal/market"
)

// When is a time as a page words it.
type When struct {
	Time        time.Time // in the site's zone, whole seconds
	Precision   string    // how much of it the words say: second, minute, hour or day
	Relative    bool      // counted back from the time of the fetch
	YearAssumed bool      // the words have no year
	DateAssumed bool      // the words have no date
}

// Flags are the market flags that a post with this time carries.
func (w When) Flags() []string {
	var f []string
	if w.DateAssumed {
		f = append(f, market.FlagDateAssumed)
	}
	switch w.Precision {
	case PrecisionDay:
		f = append(f, market.FlagPrecisionDay)
	case PrecisionHour:
		f = append(f, market.FlagPrecisionHour)
	case PrecisionMinute:
		f = append(f, market.FlagPrecisionMin)
	}
	if w.Relative {
		f = append(f, market.FlagTimeRelative)
	}
	if w.YearAssumed {
		f = append(f, market.FlagYearAssumed)
	}
	return f
}

// Shanghai is the zone that Chinese forums use when they name none. It has had
// no daylight saving since 1991.
func Shanghai() *time.Location { return time.FixedZone("Asia/Shanghai", 8*3600) }

// Years outside these are no posting times: zero stamps and nonsense.
const (
	minYear = 1995
	maxYear = 2100
)

// maxTimeText is the longest text in which a time is looked for, in bytes.
const maxTimeText = 512

var (
	isoTime   = regexp.MustCompile(`(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(?:\.\d+)?\s?(Z|[+-]\d{2}:?\d{2})`)
	fullDate  = regexp.MustCompile(`(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(\s?日)?`)
	usDate    = regexp.MustCompile(`(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})`)
	monthDay  = regexp.MustCompile(`(\d{1,2})\s?(?:-|/|月)\s?(\d{1,2})(?:\s?日)?`)
	clockTime = regexp.MustCompile(`(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?`)
	wholeHour = regexp.MustCompile(`(?i)\b(\d{1,2})\s?([ap])\.?m\b`)
	meridiem  = regexp.MustCompile(`(?i)(凌晨|早上|上午|中午|下午|傍晚|晚上|午前|午後|\b[ap]\.?m\b)`)
	agoChina  = regexp.MustCompile(`(\d{1,6})\s?(秒|分钟|分鐘|分|小时|小時|个小时|天|日|周|週|个星期|星期|个月|個月|月|年)\s?前`)
	agoLatin  = regexp.MustCompile(`(?i)\b(\d{1,6}|an?)\s?(second|sec|minute|min|hour|hr|day|week|month|year)s?\s+ago\b`)
	dayWord   = regexp.MustCompile(`(?i)(今天|今日|昨天|昨日|前天|前日|\btoday\b|\byesterday\b)`)
	halfHour  = regexp.MustCompile(`(?i)(半\s?(?:个|個)?\s?(?:小时|小時)前|half an hour ago)`)
	justNow   = regexp.MustCompile(`(?i)(刚刚|剛剛|刚才|just now|now$)`)
)

// ParseWhen reads the time that text holds. at is when the page was fetched,
// zone the site's (nil: Asia/Shanghai). It knows the forms of Discuz!
// (function dgmdate: 刚刚, 38 秒前, 5 分钟前, 半小时前, 3 小时前, 昨天 12:30,
// 前天 20:58, 5 天前, 2026-10-8 02:58[:36]), their Traditional Chinese and
// English packs, forms without year or date, 2026年11月22日 03:16, RFC 3339 and
// dates with the names of months in some European languages. Words around the
// time ("发表于") don't matter.
//
// "N 天前" is a calendar day without a time of day; the instant is its local
// midnight. Hours and minutes ago count back from at.
func ParseWhen(text string, at time.Time, zone *time.Location) (When, bool) {
	if zone == nil {
		zone = Shanghai()
	}
	if len(text) > maxTimeText {
		text = text[:maxTimeText]
	}
	text = strings.Join(strings.Fields(clean(halfWidth(text))), " ")
	if text == "" {
		return When{}, false
	}
	at = at.In(zone).Truncate(time.Second)
	for _, read := range []func(string, time.Time) (When, bool){
		readISO, readNumeric, readNamedMonth, readAgo, readDayWord, readMonthDay, readClock,
	} {
		if w, ok := read(text, at); ok {
			w.Time = w.Time.In(zone)
			if y := w.Time.Year(); y < minYear || y > maxYear {
				return When{}, false
			}
			return w, true
		}
	}
	return When{}, false
}

// halfWidth folds full-width digits, colons and spaces.
func halfWidth(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '：':
			return ':'
		case r == '\u00A0', r == '\u3000', r == '\u202F', r == '\u2009':
			return ' '
		case r == '／':
			return '/'
		}
		return r
	}, s)
}

func readISO(text string, at time.Time) (When, bool) {
	m := isoTime.FindStringSubmatch(text)
	if m == nil {
		return When{}, false
	}
	seconds, precision := m[3], PrecisionSecond
	if seconds == "" {
		seconds, precision = ":00", PrecisionMinute
	}
	off := m[4]
	if off != "Z" && !strings.Contains(off, ":") {
		off = off[:3] + ":" + off[3:]
	}
	t, err := time.Parse(time.RFC3339, m[1]+"T"+m[2]+seconds+off)
	return When{Time: t, Precision: precision}, err == nil
}

func readNumeric(text string, at time.Time) (When, bool) {
	if loc := fullDate.FindStringSubmatchIndex(text); loc != nil {
		n := numbers(text, loc, 1, 2, 3)
		return dated(n[0], n[1], n[2], text[loc[1]:], at)
	}
	if loc := usDate.FindStringSubmatchIndex(text); loc != nil {
		n := numbers(text, loc, 1, 3, 4)
		month, day := n[0], n[1]
		if text[loc[4]:loc[5]] == "." || month > 12 { // 22.11.2026
			month, day = day, month
		}
		return dated(n[2], month, day, text[loc[1]:], at)
	}
	return When{}, false
}

func readAgo(text string, at time.Time) (When, bool) {
	midnight := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location()) }
	back := func(n int, unit string) (When, bool) {
		switch unit {
		case "秒", "second", "sec":
			return When{at.Add(-time.Duration(n) * time.Second), PrecisionSecond, true, false, false}, true
		case "分钟", "分鐘", "分", "minute", "min":
			return When{at.Add(-time.Duration(n) * time.Minute).Truncate(time.Minute), PrecisionMinute, true, false, false}, true
		case "小时", "小時", "个小时", "hour", "hr":
			return When{at.Add(-time.Duration(n) * time.Hour).Truncate(time.Minute), PrecisionHour, true, false, false}, true
		case "天", "日", "day":
			return When{midnight(at.AddDate(0, 0, -min(n, 40_000))), PrecisionDay, true, false, false}, true
		case "周", "週", "个星期", "星期", "week":
			return When{midnight(at.AddDate(0, 0, -7*min(n, 6_000))), PrecisionDay, true, false, false}, true
		case "个月", "個月", "月", "month":
			return When{midnight(at.AddDate(0, -min(n, 1_200), 0)), PrecisionDay, true, false, false}, true
		case "年", "year":
			return When{midnight(at.AddDate(-min(n, 100), 0, 0)), PrecisionDay, true, false, false}, true
		}
		return When{}, false
	}
	if halfHour.MatchString(text) {
		return When{at.Add(-30 * time.Minute).Truncate(time.Minute), PrecisionHour, true, false, false}, true
	}
	if m := agoChina.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return back(n, m[2])
	}
	if m := agoLatin.FindStringSubmatch(text); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			n = 1 // "an hour ago"
		}
		return back(n, strings.ToLower(m[2]))
	}
	if justNow.MatchString(text) {
		return When{at, PrecisionSecond, true, false, false}, true
	}
	return When{}, false
}

func readDayWord(text string, at time.Time) (When, bool) {
	loc := dayWord.FindStringIndex(text)
	if loc == nil {
		return When{}, false
	}
	day := at
	switch strings.ToLower(text[loc[0]:loc[1]]) {
	case "昨天", "昨日", "yesterday":
		day = at.AddDate(0, 0, -1)
	case "前天", "前日":
		day = at.AddDate(0, 0, -2)
	}
	w, ok := dated(day.Year(), int(day.Month()), day.Day(), text[loc[1]:], at)
	w.Relative = true
	return w, ok
}

// readMonthDay reads "11-22 02:25": the latest such day that isn't in the future.
func readMonthDay(text string, at time.Time) (When, bool) {
	loc := monthDay.FindStringSubmatchIndex(text)
	if loc == nil || strings.ContainsAny(text[:loc[0]], "0123456789") { // part of something else
		return When{}, false
	}
	n := numbers(text, loc, 1, 2)
	for year := at.Year() + 1; year > at.Year()-5; year-- { // 02-29 may lie four years back
		w, ok := dated(year, n[0], n[1], text[loc[1]:], at)
		if ok && !w.Time.After(at.Add(10*time.Minute)) { // clocks differ a little
			w.YearAssumed = true
			return w, true
		}
	}
	return When{}, false
}

// readClock reads "08:15": the latest such time that isn't in the future.
func readClock(text string, at time.Time) (When, bool) {
	loc := clockTime.FindStringIndex(text)
	if loc == nil || strings.ContainsAny(text[:loc[0]]+text[loc[1]:], "0123456789") { // a bad date stood before it
		return When{}, false
	}
	for back := range 2 {
		day := at.AddDate(0, 0, -back)
		w, ok := dated(day.Year(), int(day.Month()), day.Day(), text, at)
		if ok && !w.Time.After(at.Add(10*time.Minute)) {
			w.DateAssumed = true
			return w, true
		}
	}
	return When{}, false
}

// dated joins a date and the time of day that the rest of the text may hold.
// Impossible dates and times are refused, not rolled over.
func dated(year, month, day int, rest string, at time.Time) (When, bool) {
	if month < 1 || month > 12 || day < 1 || day > 31 || year < 1 || year > 9999 {
		return When{}, false
	}
	hour, minute, second, precision := 0, 0, 0, PrecisionDay
	if loc := clockTime.FindStringSubmatchIndex(rest); loc != nil {
		n := numbers(rest, loc, 1, 2, 3)
		hour, minute, second, precision = n[0], n[1], max(n[2], 0), PrecisionSecond
		if n[2] < 0 {
			precision = PrecisionMinute
		}
		if m := meridiem.FindString(rest); m != "" {
			hour = halfDay(hour, m)
		}
	} else if m := wholeHour.FindStringSubmatch(rest); m != nil { // "3 p.m." of Django
		hour, _ = strconv.Atoi(m[1])
		hour, precision = halfDay(hour, m[2]+"m"), PrecisionMinute
	} else if lower := strings.ToLower(rest); strings.Contains(lower, "noon") {
		hour, precision = 12, PrecisionMinute
	} else if strings.Contains(lower, "midnight") {
		precision = PrecisionMinute
	}
	if hour == 24 && minute == 0 && second == 0 {
		hour, day = 0, day+1
	} else if hour > 23 || minute > 59 || second > 60 {
		return When{}, false
	} else if t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, at.Location()); t.Day() != day && hour < 24 {
		return When{}, false // 02-30
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, at.Location())
	return When{Time: t, Precision: precision}, true
}

// halfDay applies 上午, 下午, a.m., p.m. to an hour.
func halfDay(hour int, word string) int {
	switch strings.ToLower(strings.ReplaceAll(word, ".", "")) {
	case "am", "上午", "凌晨", "早上", "午前":
		if hour == 12 {
			return 0
		}
	case "pm", "下午", "傍晚", "午後":
		if hour < 12 {
			return hour + 12
		}
	case "晚上":
		if hour == 12 {
			return 0
		}
		if hour >= 5 && hour < 12 {
			return hour + 12
		}
	case "中午":
		if hour < 4 {
			return hour + 12
		}
	}
	return hour
}

// numbers are groups of a match as numbers, -1 for a group that is absent.
func numbers(s string, loc []int, groups ...int) []int {
	out := make([]int, len(groups))
	for i, g := range groups {
		out[i] = -1
		if loc[2*g] >= 0 {
			out[i], _ = strconv.Atoi(s[loc[2*g]:loc[2*g+1]])
		}
	}
	return out
}
