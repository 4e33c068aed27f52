package measure

import "math"

// undefined is the value of a rate with nothing to divide by; it is shown as a dash.
var undefined = math.NaN()

// Rate is a figure of a set of documents. It is no number (math.IsNaN) where there is
// nothing to divide by.
type Rate func(*Counts) float64

func ratio(part, whole int) float64 {
	if whole == 0 {
		return undefined
	}
	return float64(part) / float64(whole)
}

// F1 of a field.
func F1(f Field) Rate {
	return func(c *Counts) float64 {
		t := c.Of[f]
		return ratio(2*t.Hit, 2*t.Hit+t.Wrong+t.Missed)
	}
}

// Precision of a field: how much of what was read is so.
func Precision(f Field) Rate {
	return func(c *Counts) float64 { return ratio(c.Of[f].Hit, c.Of[f].Hit+c.Of[f].Wrong) }
}

// Recall of a field: how much of what is so was read.
func Recall(f Field) Rate {
	return func(c *Counts) float64 { return ratio(c.Of[f].Hit, c.Of[f].Hit+c.Of[f].Missed) }
}

// FalseAlarms is the share of other documents that were called listings.
func FalseAlarms(c *Counts) float64 { return ratio(c.FalseAlarms, c.Others) }

// Sides is the share of listings whose side is right; a missed one has none.
func Sides(c *Counts) float64 { return ratio(c.Sides, c.Listings) }

// FoundSides is the share of the listings that were found whose side is right.
func FoundSides(c *Counts) float64 { return ratio(c.Sides, c.FoundSides) }

// Records is the share of samples whose number of records is right.
func Records(c *Counts) float64 { return ratio(c.Records, c.Samples) }

// MacroF1 is the mean of the F1 of all fields that have one.
func MacroF1(c *Counts) float64 {
	total, n := 0.0, 0
	for f := range fields {
		if v := F1(f)(c); !math.IsNaN(v) {
			total += v
			n++
		}
	}
	if n == 0 {
		return undefined
	}
	return total / float64(n)
}
