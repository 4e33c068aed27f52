package forum

import (
	"testing"
	"time"
)

func TestParseWhen(t *testing.T) {
	sh := Shanghai()
	at := func(s string, zone *time.Location) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	utc := time.UTC
	nyc := time.FixedZone("EST", -5*3600)
	for _, c := range []struct {
		name, text, now string
		zone            *time.Location
		want, precision string
		relative, year  bool
		date            bool
	}{
		{"now", "刚刚", "2026-11-22 00:05:00", sh, "2026-11-22 00:05:00", "second", true, false, false},
		{"seconds", "38\u00a0秒前", "2026-11-22 00:05:00", sh, "2026-11-22 00:04:22", "second", true, false, false},
		{"minutes", "5\u00a0分钟前", "2026-11-22 00:05:30", sh, "2026-11-22 00:00:00", "minute", true, false, false},
		{"minutes over midnight", "6 分钟前", "2026-11-22 00:05:00", sh, "2026-11-21 23:59:00", "minute", true, false, false},
		{"half", "半小时前", "2026-11-22 12:40:00", sh, "2026-11-22 12:10:00", "hour", true, false, false},
		{"hours", "3 小时前", "2026-11-22 12:40:09", sh, "2026-11-22 09:40:00", "hour", true, false, false},
		{"yesterday", "发表于 昨天\u00a012:30", "2026-11-22 00:05:00", sh, "2026-11-21 12:30:00", "minute", true, false, false},
		{"yesterday over month", "昨天 23:59", "2026-12-01 00:05:00", sh, "2026-11-30 23:59:00", "minute", true, false, false},
		{"before yesterday over year", "前天 20:58", "2027-01-01 00:05:00", sh, "2026-12-30 20:58:00", "minute", true, false, false},
		{"days", "5 天前", "2026-11-22 00:05:00", sh, "2026-11-17 00:00:00", "day", true, false, false},
		{"days over year", "6 天前", "2027-01-03 00:05:00", sh, "2026-12-28 00:00:00", "day", true, false, false},
		{"unpadded", "2026-10-8 02:58", "2026-11-22 00:05:00", sh, "2026-10-08 02:58:00", "minute", false, false, false},
		{"unpadded seconds", "发表于 2026-10-8 02:58:36", "2026-11-22 00:05:00", sh, "2026-10-08 02:58:36", "second", false, false, false},
		{"date only", "2026-11-22", "2026-11-22 00:05:00", sh, "2026-11-22 00:00:00", "day", false, false, false},
		{"future", "2027-1-2 03:04", "2026-11-22 00:05:00", sh, "2027-01-02 03:04:00", "minute", false, false, false},
		{"afternoon", "2026-10-8 02:58 PM", "2026-11-22 00:05:00", sh, "2026-10-08 14:58:00", "minute", false, false, false},
		{"midnight of twelve", "2026-10-8 12:08 AM", "2026-11-22 00:05:00", sh, "2026-10-08 00:08:00", "minute", false, false, false},
		{"下午", "2026年11月22日 下午3:16", "2026-11-23 00:05:00", sh, "2026-11-22 15:16:00", "minute", false, false, false},
		{"django zh", "由：小林 发表于 2026年11月22日 03:16", "2026-11-23 00:05:00", sh, "2026-11-22 03:16:00", "minute", false, false, false},
		{"traditional", "5 分鐘前", "2026-11-22 08:05:00", sh, "2026-11-22 08:00:00", "minute", true, false, false},
		{"traditional hours", "2 小時前", "2026-11-22 08:05:00", sh, "2026-11-22 06:05:00", "hour", true, false, false},
		{"no year", "11-22 02:25", "2026-11-22 08:05:00", sh, "2026-11-22 02:25:00", "minute", false, true, false},
		{"no year, last year", "12-31 23:59", "2027-01-01 00:05:00", sh, "2026-12-31 23:59:00", "minute", false, true, false},
		{"leap day without year", "02-29 10:00", "2027-01-01 00:05:00", sh, "2024-02-29 10:00:00", "minute", false, true, false},
		{"today", "今天 08:00", "2026-11-22 08:05:00", sh, "2026-11-22 08:00:00", "minute", true, false, false},
		{"clock", "23:50", "2026-11-22 00:05:00", sh, "2026-11-21 23:50:00", "minute", false, false, true},
		{"other zone", "昨天 12:30", "2026-11-22 00:05:00", nyc, "2026-11-21 12:30:00", "minute", true, false, false},
		{"english", "5 minutes ago", "2026-11-22 08:05:00", utc, "2026-11-22 08:00:00", "minute", true, false, false},
		{"django en", "By: lin on Nov. 22, 2026, 3:16 p.m.", "2026-11-23 08:05:00", utc, "2026-11-22 15:16:00", "minute", false, false, false},
		{"django en whole hour", "on Nov. 22, 2026, 3 p.m.", "2026-11-23 08:05:00", utc, "2026-11-22 15:00:00", "minute", false, false, false},
		{"django en noon", "on Nov. 22, 2026, noon", "2026-11-23 08:05:00", utc, "2026-11-22 12:00:00", "minute", false, false, false},
		{"german", "am 22. November 2026 03:16", "2026-11-23 08:05:00", utc, "2026-11-22 03:16:00", "minute", false, false, false},
		{"spanish", "22 de noviembre de 2026 a las 03:16", "2026-11-23 08:05:00", utc, "2026-11-22 03:16:00", "minute", false, false, false},
		{"french", "2 août 2026 03:16", "2026-11-23 08:05:00", utc, "2026-08-02 03:16:00", "minute", false, false, false},
		{"russian", "22 ноября 2026 г. 3:16", "2026-11-23 08:05:00", utc, "2026-11-22 03:16:00", "minute", false, false, false},
		{"dotted", "22.11.2026 03:16", "2026-11-23 08:05:00", utc, "2026-11-22 03:16:00", "minute", false, false, false},
		{"american", "11/22/2026 03:16", "2026-11-23 08:05:00", utc, "2026-11-22 03:16:00", "minute", false, false, false},
		{"rfc 3339", "2026-11-22T03:16:09+08:00", "2026-11-23 08:05:00", utc, "2026-11-21 19:16:09", "second", false, false, false},
		{"full width", "２０２６-10-8　02：58", "2026-11-22 00:05:00", sh, "2026-10-08 02:58:00", "minute", false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := ParseWhen(c.text, at(c.now, c.zone), c.zone)
			if !ok {
				t.Fatalf("ParseWhen(%q) found no time", c.text)
			}
			if want := at(c.want, c.zone); !got.Time.Equal(want) || got.Precision != c.precision || got.Relative != c.relative ||
				got.YearAssumed != c.year || got.DateAssumed != c.date {
				t.Errorf("ParseWhen(%q) = %+v, want %v %s relative=%v year=%v date=%v", c.text, got, want, c.precision, c.relative, c.year, c.date)
			}
		})
	}
}

func TestParseWhenRefuses(t *testing.T) {
	at := time.Date(2026, 11, 22, 0, 5, 0, 0, Shanghai())
	for _, text := range []string{"", "  ", "发表于", "从未", "2026-13-08 02:58", "2026-2-30 10:00", "2026-10-8 25:00", "1970-1-1 08:00", "99:99", "回复 12", "13月40日 10:00"} {
		if w, ok := ParseWhen(text, at, nil); ok {
			t.Errorf("ParseWhen(%q) = %+v, want nothing", text, w)
		}
	}
}

// The site's zone decides which day "yesterday" is: at 00:05 in Shanghai it is
// still the day before in UTC.
func TestParseWhenZoneDecidesTheDay(t *testing.T) {
	at := time.Date(2026, 11, 21, 16, 5, 0, 0, time.UTC) // 00:05 on the 22nd in Shanghai
	sh, _ := ParseWhen("昨天 12:30", at, nil)
	utc, _ := ParseWhen("昨天 12:30", at, time.UTC)
	if got := sh.Time.Format(time.RFC3339); got != "2026-11-21T12:30:00+08:00" {
		t.Errorf("in Shanghai: %s", got)
	}
	if got := utc.Time.Format(time.RFC3339); got != "2026-11-20T12:30:00Z" {
		t.Errorf("in UTC: %s", got)
	}
}

func FuzzParseWhen(f *testing.F) {
	for _, s := range []string{"刚刚", "5 天前", "昨天 12:30", "2026-10-8 02:58:36", "2026年11月22日 下午3:16", "Nov. 22, 2026, 3 p.m.", "999999 年前", "24:00", "2026-12-31 24:00", "02-29"} {
		f.Add(s, int64(1795277100))
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		at := time.Unix(unix%4e9, 0)
		w, ok := ParseWhen(text, at, nil)
		if !ok {
			return
		}
		if y := w.Time.Year(); y < minYear || y > maxYear {
			t.Errorf("%q: year %d", text, y)
		}
		if w.Precision == "" || w.Time.Nanosecond() != 0 {
			t.Errorf("%q: %+v", text, w)
		}
	})
}
