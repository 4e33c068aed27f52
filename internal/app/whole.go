package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/config"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
)

// handedOver is why an archive may be read of which nothing else is said.
const handedOver = "archive handed over"

// check looks at what is said of keeping.
func (in ImportOptions) check() error {
	switch {
	case in.Keep != "" && in.Keep != "all":
		return Usagef("--keep %.40s: only --keep all is known", in.Keep)
	case in.Keep == "" && in.Case != "":
		return Usagef("--case %.40s: a case is named for what is kept: --keep all", in.Case)
	case in.Keep == "":
		return nil
	case strings.TrimSpace(in.Authority) == "":
		return Usagef("--keep all: --authority says why all of it may be kept, such as the order of a court")
	case in.Case == "":
		return Usagef("--keep all: --case C-3 names the case that it is kept for (`resumewatch case new NAME` opens one)")
	}
	if _, ok := casebook.CaseNumber(in.Case); !ok {
		return Usagef("--case %.40s: cases are called C-1, C-2 …", in.Case)
	}
	return nil
}

// grant says why an archive may be read, and whether it is kept whole: by the flags,
// else by the configured source that it lies in.
func (p *plan) grant(o Options, in ImportOptions) error {
	p.authority = market.Authority{Why: handedOver}
	keep := in.Case
	if src, ok := configuredArchive(o.Config.Sources, p.path); ok {
		p.authority = src.Authority.Market()
		if in.Keep == "" && src.Keep == config.KeepAll {
			keep = src.Case
		}
	}
	if why := strings.TrimSpace(in.Authority); why != "" {
		p.authority = market.Authority{Why: why}
	}
	if keep == "" {
		return nil
	}
	num, ok := casebook.CaseNumber(keep)
	if !ok {
		return Usagef("case %.40q: cases are called C-1, C-2 …", keep)
	}
	p.keep = num
	return nil
}

// configuredArchive is the source of the configuration whose file this is, or in whose
// folder it lies: the innermost.
func configuredArchive(sources []config.Source, path string) (found config.Source, ok bool) {
	longest := -1
	for _, s := range sources {
		if s.Kind != "archive" {
			continue
		}
		root, err := filepath.Abs(s.URL)
		if err != nil {
			continue
		}
		if target, err := filepath.EvalSymlinks(root); err == nil {
			root = target
		}
		rel, err := filepath.Rel(root, path)
		if err == nil && filepath.IsLocal(rel) && len(root) > longest {
			found, ok, longest = s, true, len(root)
		}
	}
	return found, ok
}

// keepable leaves out what may not be read any more, and refuses cases that are not
// there or not open before anything is stored.
func (s *Session) keepable(ctx context.Context, problems []market.Problem, plans []plan) ([]market.Problem, []plan, error) {
	var out []plan
	cases := map[int64]bool{}
	for _, p := range plans {
		if p.authority.Ended(s.Now()) {
			problems = append(problems, market.Problem{File: p.path, Reason: "the authority to read it ended on " + p.authority.Until.Format(time.DateOnly)})
			continue
		}
		if p.keep != 0 && !cases[p.keep] {
			err := s.Book.OpenCase(ctx, p.keep)
			if errors.Is(err, casebook.ErrNotFound) {
				err = fmt.Errorf("there is no case %s", casebook.CaseID(p.keep))
			}
			if err != nil {
				return nil, nil, err
			}
			cases[p.keep] = true
		}
		out = append(out, p)
	}
	return problems, out, nil
}

// endKept ends what was kept whole for closed cases, in the name of who acts.
func endKept(ctx context.Context, o Options, book *casebook.Book, by casebook.Act) (int64, error) {
	nums, err := book.KeptForClosed(ctx)
	if err != nil || len(nums) == 0 {
		return 0, err
	}
	keys, err := keyring(o)
	if err != nil {
		return 0, err
	}
	store, err := openEvidence(ctx, o, keys, time.Now)
	if err != nil {
		return 0, err
	}
	device, _ := os.Hostname() // unknown is empty
	return jobs.Kept{Book: book, Store: store, Keys: keys, Now: func() time.Time { return by.At }, Device: device, Actor: by.Who}.End(ctx)
}
