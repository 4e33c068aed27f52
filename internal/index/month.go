package index

import (
	"strconv"
	"time"
)

// OtherMonths stands for every month out of reach and for what is no month.
const OtherMonths = "other"

// Months that get a part of the index each. The bound keeps posts with invented dates from
// making thousands of parts.
const (
	firstYear = 2000
	lastYear  = 2039
)

// Month is the part of the index that a month belongs to: "2026-01", or OtherMonths.
func Month(s string) string {
	t, err := time.Parse("2006-01", s)
	if err != nil || t.Year() < firstYear || t.Year() > lastYear {
		return OtherMonths
	}
	return s
}

// Part is the part of the index where a document stands, as Month gives it.
func (d *Document) Part() string {
	if d.Month != "" {
		return Month(d.Month)
	}
	t := d.Time()
	if t.Year() < firstYear || t.Year() > lastYear {
		return OtherMonths
	}
	return strconv.Itoa(t.Year()) + t.Format("-01")
}
