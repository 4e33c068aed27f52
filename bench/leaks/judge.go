package main

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
)

// rule says what of the values may stand in a place, and why.
type rule struct {
	place *regexp.Regexp
	kind  func(*planted) bool
	why   string
}

// allowed is all that is allowed. Sellers' contacts are planted nowhere: they are
// the evidence and are kept whole.
var allowed = []rule{
	{regexp.MustCompile(`^stdout of source`), func(v *planted) bool { return !shaped(v.kind) },
		"`source test` shows a public page to whoever names it, on their own terminal, and stores nothing; numbers are masked there too"},
	{regexp.MustCompile(`^stdout of review`), func(v *planted) bool { return !shaped(v.kind) && (v.post == nil || !v.post.listing) },
		"`review` shows a reviewer the posts that nobody can tell, and what stands around them; they lie in the sealed spool alone, and numbers are masked there too"},
	{regexp.MustCompile(`casebook`), func(v *planted) bool { return v.where == "name of a file" || v.where == "name of a damaged file" },
		"the casebook has the path of an archive that somebody imported, or its chunks could not be read; what is printed or logged of it is masked"},
	{regexp.MustCompile(`.`), func(v *planted) bool { return v.where == "address of a source" },
		"an address that somebody named to be read is asked for, stored and shown as it is"},
}

// report is what a search found.
type report struct {
	places, bytes int
	kinds         map[string]int // how many values were looked for
	leaks         []leak
	excused       map[string]int // by the rule's reason
	samples       map[bool]int   // found by the extractor, or missed
	rates         map[string]*rate
}

// rate is how many of the values that nobody recognised are left in the stored texts.
type rate struct{ values, left int }

// forbidden reports whether a value may be nowhere.
func forbidden(v *planted) bool {
	switch {
	case shaped(v.kind), v.post == nil:
		return true
	case !v.post.listing:
		return true
	case v.kind == "":
		return false // the text of what the extractor takes for a listing is kept
	}
	return v.found
}

// judge searches the exhibits.
func judge(w *world, exhibits []exhibit) report {
	rep := report{kinds: map[string]int{}, excused: map[string]int{}, samples: map[bool]int{}, rates: map[string]*rate{}}
	var never, perhaps []*planted
	for _, v := range w.values() {
		if forbidden(v) {
			never = append(never, v)
			rep.kinds[v.kind]++
		} else if v.kind != "" {
			perhaps = append(perhaps, v)
		}
	}
	f, missed := newFinder(never), newFinder(perhaps)
	for pair := range missed.pairs { // two values may have it
		delete(f.pairs, pair)
	}
	for _, t := range append(slices.Clone(w.threads), w.posts) {
		for _, p := range t {
			if p.shows > 0 && p.listing {
				rep.samples[p.found]++
			}
		}
	}
	left := map[*planted]bool{}
	done := map[string]bool{}
	var fresh []exhibit
	for _, e := range exhibits {
		rep.places++
		rep.bytes += len(e.data)
		if key := e.asked + "\x00" + string(e.data); !done[key] { // else the same as before
			done[key] = true
			fresh = append(fresh, e)
		}
	}
	found := make([][]leak, len(fresh))
	var work sync.WaitGroup
	next := atomic.Int64{}
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(fresh); i = int(next.Add(1)) - 1 {
				found[i] = append(f.find(fresh[i].place, fresh[i].data), f.inTokens(fresh[i].place, fresh[i].tokens)...)
			}
		})
	}
	work.Wait()
	for i, e := range fresh {
		for _, l := range found[i] {
			if why := excuse(e, l); why != "" {
				rep.excused[why]++
				continue
			}
			rep.leaks = append(rep.leaks, l)
		}
		if strings.Contains(e.place, "table post") {
			for _, l := range missed.find(e.place, e.data) {
				left[l.planted] = true
			}
		}
	}
	for _, v := range perhaps {
		r := rep.rates[v.where]
		if r == nil {
			r = &rate{}
			rep.rates[v.where] = r
		}
		r.values++
		if left[v] {
			r.left++
		}
	}
	return rep
}

// excuse is why a value may be where it was found; "": it may not.
func excuse(e exhibit, l leak) string {
	if e.asked != "" && strings.Contains(e.asked, l.norm) {
		return "an answer repeats the words of the question"
	}
	for _, a := range allowed {
		if a.place.MatchString(e.place) && a.kind(l.planted) {
			return a.why
		}
	}
	return ""
}

// print writes what was found.
func (r report) print(out io.Writer) {
	fmt.Fprintf(out, "searched %d places, %d bytes, for", r.places, r.bytes)
	for _, k := range slices.Sorted(maps.Keys(r.kinds)) {
		what := k
		if k == "" {
			what = "texts without a listing"
		}
		fmt.Fprintf(out, " %d %s,", r.kinds[k], what)
	}
	fmt.Fprintf(out, " in %d samples that the extractor found and %d that it missed\n", r.samples[true], r.samples[false])
	for _, why := range slices.Sorted(maps.Keys(r.excused)) {
		fmt.Fprintf(out, "allowed, %d times: %s\n", r.excused[why], why)
	}
	values, left := 0, 0
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "names, schools, employers, addresses and birthdays that no sample was recognised around\tvalues\tleft in stored text")
	for _, where := range slices.Sorted(maps.Keys(r.rates)) {
		x := r.rates[where]
		values, left = values+x.values, left+x.left
		fmt.Fprintf(w, "%s\t%d\t%d\n", where, x.values, x.left)
	}
	fmt.Fprintf(w, "all\t%d\t%d (%.1f %%)\n", values, left, 100*float64(left)/float64(max(values, 1)))
	_ = w.Flush() // to a writer that says so itself
	for _, l := range r.leaks {
		fmt.Fprintln(out, "LEAK", l)
	}
	fmt.Fprintf(out, "%d leaks\n", len(r.leaks))
}
