package jobs

import (
	"context"
	"math"
	"strconv"
	"strings"

	"resumewatch/crawlers/forum"
)

// missing notes the posts with a listing that should stand on a thread's page
// and don't: they were deleted. The page is kept as proof.
func (v *visitor) missing(ctx context.Context, r forum.Reading) error {
	s, ok := stretchOf(r)
	if !ok {
		return nil
	}
	known, err := v.w.Book.ThreadPosts(ctx, v.visit.Thread)
	if err != nil {
		return err
	}
	for id, native := range known {
		if n, ok := postNumber(native); ok && n > s.after && n < s.before && !s.shown[n] {
			v.learnt.GonePosts = append(v.learnt.GonePosts, id)
			v.capture = true
		}
	}
	return nil
}

// stretch is the part of a thread that a page shows whole: every post with a
// number between the bounds stands on it.
type stretch struct {
	after, before int64
	shown         map[int64]bool
}

// stretchOf finds a page's part of its thread. Forums number their posts upward
// and show them so; a page that is in another order, or that could not be read
// whole, proves nothing.
func stretchOf(r forum.Reading) (stretch, bool) {
	s := stretch{shown: map[int64]bool{}}
	var first, last int64
	for i := range r.Posts {
		if strings.HasPrefix(r.Posts[i].NativeID, "comment:") {
			continue // a remark under a post
		}
		n, ok := postNumber(r.Posts[i].NativeID)
		if !ok || n <= last {
			return s, false
		}
		if first == 0 {
			first = n
		}
		last, s.shown[n] = n, true
	}
	if first == 0 || len(r.Problems) > 0 {
		return s, false
	}
	s.after, s.before = first, last
	if r.PageNo <= 1 {
		s.after = 0
	}
	if r.Next == "" && (r.LastPage == 0 || r.PageNo >= r.LastPage) {
		s.before = math.MaxInt64
	}
	return s, true
}

// postNumber is the number of a post in its forum.
func postNumber(native string) (int64, bool) {
	text, ok := strings.CutPrefix(native, "pid:")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n > 0
}
