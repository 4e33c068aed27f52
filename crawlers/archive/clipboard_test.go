package archive

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestClipboard(t *testing.T) {
	type post struct{ At, ID, Name, Text, Flags string }
	f := func(name, file string, s Settings, want ...post) {
		t.Helper()
		rows, survey, _ := readAll(t, []byte(file), s, standardCut())
		if survey.Verdict.Format != FormatClipboard {
			t.Errorf("%s: taken for %+v", name, survey.Verdict)
			return
		}
		var got []post
		for _, r := range rows {
			got = append(got, post{r.At, r.ID, r.Name, r.Text, r.Flags})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	s := knownZone()
	f("window of PC QQ", "【群主】老王 2020/10/3 21:43:23\r\n出简历\r\n2毛\r\n\r\n小 李 2020/10/3 21:44:00\r\n收\r\n", s,
		post{"2020-10-03 21:43:23", "", "老王", "出简历\n2毛", "name_only"},
		post{"2020-10-03 21:44:00", "", "小 李", "收", "name_only"})
	f("one message", "老王 2020/10/3 21:43:23\n出", s, post{"2020-10-03 21:43:23", "", "老王", "出", "name_only"})
	f("with a number", "老王(1000012345) 2020/10/3 21:43:23\n出", s, post{"2020-10-03 21:43:23", "1000012345", "老王", "出", ""})
	f("without blank lines", "老王 2020/10/3 21:43:23\n出\n小李 2020/10/3 21:44:00\n收\n老王 2020/10/3 下午 9:45:00\n嗯\n", s,
		post{"2020-10-03 21:43:23", "", "老王", "出", "name_only"},
		post{"2020-10-03 21:44:00", "", "小李", "收", "name_only"},
		post{"2020-10-03 21:45:00", "", "老王", "嗯", "name_only"})
	f("English", "Wang 2/14/2020 9:16:13 PM\nhello\n", Settings{}, post{"2020-02-14 21:16:13", "", "Wang", "hello", "name_only place_assumed tz_assumed tz_suspect"})

	file := "老王 2020/10/3 21:43:23\n开会时间\n\n小李 1:19:33\n收\n"
	f("the day of copying, unknown", file, s,
		post{"2020-10-03 21:43:23", "", "老王", "开会时间", "name_only"}, post{"2020-10-03 01:19:33", "", "小李", "收", "date_assumed name_only"})
	day := s
	day.Day = time.Date(2020, 10, 5, 0, 0, 0, 0, shanghai)
	f("the day of copying, given", file, day,
		post{"2020-10-03 21:43:23", "", "老王", "开会时间", "name_only"}, post{"2020-10-05 01:19:33", "", "小李", "收", "date_assumed name_only"})

	file = "老王: 12-31 23:59:50\n出\n小李: 01-01 00:00:11\n收\n"
	year := s
	year.Year = 2023
	f("no year", file, year, post{"2023-12-31 23:59:50", "", "老王", "出", "name_only year_assumed"}, post{"2024-01-01 00:00:11", "", "小李", "收", "name_only year_assumed"})
	rows, survey, res := readAll(t, []byte(file), s, standardCut())
	if !survey.NeedsYear || len(rows) != 0 || res.Quarantined != 2 {
		t.Errorf("no year given: needs %v, %d rows, %+v", survey.NeedsYear, len(rows), res)
	}
	rows, survey, res = readAll(t, []byte("老王 9:43:23\n出\n\n小李 9:44:00\n收\n"), s, standardCut())
	if !survey.NeedsDay || len(rows) != 0 || res.Quarantined != 2 {
		t.Errorf("no day anywhere: needs %v, %d rows, %+v", survey.NeedsDay, len(rows), res)
	}
}
