package jobs

import (
	"context"
	"slices"

	"resumewatch/crawlers/forum"
	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// doubts are the doubtful posts of a chunk, with what stands around them.
type doubts struct {
	all  []doubtful
	last [around + 1]nearby // the newest message last
	open int                // how many of all still wait for what stands behind them, from the end
}

// nearby is a message that stands beside a doubtful one.
type nearby struct{ place, text string }

// pass sees every message, before add.
func (d *doubts) pass(p *market.Post) {
	copy(d.last[:], d.last[1:])
	d.last[around] = nearby{p.Place, p.Text}
	for i := len(d.all) - d.open; i < len(d.all); i++ {
		one := &d.all[i]
		if p.Place == one.post.Place && len(one.around)-one.first <= around {
			one.around = append(one.around, p.Text)
		} else if i == len(d.all)-d.open {
			d.open--
		}
	}
}

// add takes the message that passed last.
func (d *doubts) add(one doubtful, at int) {
	one.at = at
	from := around
	for from > 0 && d.last[from-1].place == one.post.Place {
		from--
	}
	for _, n := range d.last[from:] {
		one.around = append(one.around, n.text)
	}
	one.first = around - from
	d.all = append(d.all, one)
	d.open++
}

// decided reads as listings what a person took for such, in the order of the file.
func (c *chunkReader) decided(ctx context.Context) error {
	rest, err := c.w.decided(ctx, c.doubts.all, func(d doubtful, f casebook.Found) {
		at, _ := slices.BinarySearch(c.found, d.at)
		// Of a capture that is read again, learnt holds what others of it held before.
		c.learnt.Found = slices.Insert(c.learnt.Found, len(c.learnt.Found)-len(c.found)+at, f)
		c.found = slices.Insert(c.found, at, d.at)
	})
	c.doubts.all = rest
	for i := range rest {
		rest[i].neighbours(c.w, rest[i].around, rest[i].first)
	}
	return err
}

// park parks the doubtful posts of a chunk, each with the stretch that would be captured.
func (c *chunkReader) park(ctx context.Context, s Stretch) error {
	return c.w.park(ctx, c.learnt, c.doubts.all, func(d doubtful, doc *Doubt) error {
		first, last := c.window(d.at)
		capture, err := c.capture(s, first, last)
		doc.State, doc.Capture, doc.Start = market.PostUnknown, toPark(capture), c.ends[d.at].start-c.ends[first].start
		return err
	})
}

// parkIn parks the doubtful posts of a stretch that is kept in a capture already.
func (c *chunkReader) parkIn(ctx context.Context, capture string, start int64) error {
	return c.w.park(ctx, c.learnt, c.doubts.all, func(d doubtful, doc *Doubt) error {
		doc.State, doc.In, doc.Start = market.PostUnknown, capture, c.ends[d.at].start-start
		return nil
	})
}

// around says for each doubtful post of a page what else the page shows.
func (v *visitor) around(r forum.Reading) {
	if len(v.doubts) == 0 {
		return
	}
	texts := make([]string, len(r.Posts))
	for i := range r.Posts {
		texts[i], _ = ListingText(&r.Posts[i])
	}
	for i := range v.doubts {
		v.doubts[i].neighbours(v.w, texts, v.doubts[i].at)
	}
}

// park parks the doubtful posts of a page, each with all of it.
func (v *visitor) park(ctx context.Context) error {
	if len(v.doubts) == 0 || len(v.res.Exchanges) == 0 {
		return nil
	}
	original := v.original
	v.original = nil // what it would be a revisit of may be gone when somebody decides
	capture, err := v.evidence()
	v.original = original
	if err != nil {
		return err
	}
	return v.w.park(ctx, &v.learnt, v.doubts, func(_ doubtful, doc *Doubt) error {
		doc.Thread, doc.State, doc.Capture = v.visit.Thread, market.PostThere, toPark(capture)
		return nil
	})
}
