// Package measure says how well readings agree with labels. Its figures are those of the
// labelling guide's own scorer, with intervals.
//
// Listing figures run over all documents. All others run over the true listings, a missed
// one counting as a document with nothing in it.
package measure

import "resumewatch/internal/market"

// A Field is what is counted by hits, wrong and missed values.
type Field int

// The fields, in the order in which they are shown.
const (
	Listing Field = iota
	Goods
	Platforms
	Grades
	PricesStrict
	PricesLenient
	Contacts
	Stock
	Sample
	SampleFields
	fields
)

// Tally counts values that were found, made up and missed.
type Tally struct{ Hit, Wrong, Missed int }

// Counts are what all figures of a set of documents are made of; they add up.
type Counts struct {
	Of [fields]Tally
	// Documents that are none and are listings, and those of the first that were called one.
	Others, Listings, FalseAlarms int
	Sides, FoundSides             int // listings whose side is right; listings that were found
	Samples, Records              int // listings with a sample; those whose number of records is right
}

// Add adds what other documents gave.
func (c *Counts) Add(o *Counts) {
	for i := range c.Of {
		c.Of[i].Hit += o.Of[i].Hit
		c.Of[i].Wrong += o.Of[i].Wrong
		c.Of[i].Missed += o.Of[i].Missed
	}
	c.Others += o.Others
	c.Listings += o.Listings
	c.FalseAlarms += o.FalseAlarms
	c.Sides += o.Sides
	c.FoundSides += o.FoundSides
	c.Samples += o.Samples
	c.Records += o.Records
}

// Documents is how many were compared.
func (c *Counts) Documents() int { return c.Others + c.Listings }

// Compare counts one document: its label and what was read.
func Compare(label, read market.Listing) Counts {
	var c Counts
	if !read.Listing {
		read = market.Listing{}
	}
	if !label.Listing {
		c.Others = 1
		if read.Listing {
			c.FalseAlarms = 1
			c.Of[Listing].Wrong = 1
		}
		return c
	}
	c.Listings = 1
	c.Of[Listing] = one(true, read.Listing)
	if read.Listing {
		c.FoundSides = 1
	}
	if label.Side == read.Side {
		c.Sides = 1
	}
	c.Of[Goods] = compare(distinct(label.Goods), distinct(read.Goods))
	c.Of[Platforms] = compare(distinct(label.Platforms), distinct(read.Platforms))
	c.Of[Grades] = compare(distinct(label.Grades), distinct(read.Grades))
	c.Of[Contacts] = compare(distinct(label.Contacts), distinct(read.Contacts))
	c.Of[Stock] = compare(distinct(label.Stock), distinct(read.Stock))
	wanted, got := distinct(label.Prices), distinct(read.Prices)
	c.Of[PricesStrict] = compare(wanted, got)
	c.Of[PricesLenient] = compare(sums(wanted), sums(got))
	c.Of[Sample] = one(label.Sample != nil, read.Sample != nil)
	var there, shown []string
	if label.Sample != nil {
		there = label.Sample.Fields
		c.Samples = 1
		if read.Sample != nil && read.Sample.Records == label.Sample.Records {
			c.Records = 1
		}
	}
	if read.Sample != nil {
		shown = read.Sample.Fields
	}
	c.Of[SampleFields] = compare(distinct(there), distinct(shown))
	return c
}

// one is the tally of a thing that is there or not.
func one(there, found bool) (t Tally) {
	switch {
	case there && found:
		t.Hit = 1
	case there:
		t.Missed = 1
	case found:
		t.Wrong = 1
	}
	return t
}

// distinct counts each value once.
func distinct[T comparable](list []T) map[T]int {
	out := make(map[T]int, len(list))
	for _, v := range list {
		out[v] = 1
	}
	return out
}

// sum is a price without what it is for.
type sum struct{ amount, top, currency string }

// sums are prices without what they are for; two that then look alike count twice.
func sums(prices map[market.Price]int) map[sum]int {
	out := make(map[sum]int, len(prices))
	for p := range prices {
		out[sum{p.Amount, p.AmountMax, p.Currency}]++
	}
	return out
}

func compare[T comparable](there, found map[T]int) (t Tally) {
	for v, n := range found {
		hit := min(n, there[v])
		t.Hit += hit
		t.Wrong += n - hit
	}
	for v, n := range there {
		t.Missed += n - min(n, found[v])
	}
	return t
}
