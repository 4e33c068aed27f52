package app

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"resumewatch/crawlers/archive"
	"resumewatch/internal/casebook"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
)

// ImportOptions say what to import and what the files don't say themselves.
type ImportOptions struct {
	Paths    []string
	GroupID  string            // of files with one conversation
	Groups   map[string]string // by conversation name
	ByName   bool              // take a conversation's name for its place
	Timezone string            // IANA name; "": group.yaml, else Asia/Shanghai, assumed
	Year     int
	Keep     string // "all": every chunk is kept whole, sealed, until Case closes
	Case     string // C-3
	// Authority is why the archives may be read; "": they were handed over.
	Authority string
	// Progress is told of bytes looked over and of the run. Both may be nil.
	Surveyed func(file string, done, size int64)
	Progress func(casebook.Progress)
}

// Report is what a command that orders work ends with.
type Report struct {
	Summary casebook.Summary
	Failed  bool // a whole file, page or item that was asked for could not be done
}

// assumedZone is taken where neither file nor user names one.
const assumedZone = "Asia/Shanghai"

// plan is one file to import.
type plan struct {
	path    string // absolute
	survey  archive.Survey
	archive jobs.Archive
	mark    string // what it is read with: chunks that were read with the same are not read again
	reread  bool   // its source is known already, and stays as it is
	again   bool   // what the same version of the extractor read is read again too
	keep    int64  // number of the case that every chunk is kept whole for; 0: none

	authority market.Authority // why it may be read
	// read gives the bytes of a chunk; nil: they are the file's.
	read func(context.Context, archive.Chunk) (jobs.Stretch, error)
}

// DryRunLine says what a file is.
type DryRunLine struct {
	File          string               `json:"file"`
	Format        string               `json:"format"`
	Readable      bool                 `json:"readable"`
	Why           string               `json:"why"`
	Encoding      string               `json:"encoding"`
	Bytes         int64                `json:"bytes"`
	Conversations []DryRunConversation `json:"conversations"`
	NeedsGroup    bool                 `json:"needs_group"`
	NeedsYear     bool                 `json:"needs_year"`
}

// DryRunConversation is one conversation of a file.
type DryRunConversation struct {
	Name     string `json:"name"`
	Folder   string `json:"folder"` // of the contact list
	Messages int64  `json:"messages"`
	Offset   int64  `json:"offset"` // of its first message, in bytes
}

// DryRun looks at files and stores nothing.
func DryRun(ctx context.Context, in ImportOptions) ([]DryRunLine, []market.Problem, error) {
	files, problems, err := findFiles(in.Paths)
	if err != nil {
		return nil, nil, err
	}
	var out []DryRunLine
	for _, f := range files {
		s, err := survey(ctx, f.path, in.Surveyed)
		if err != nil && !errors.Is(err, archive.ErrUnreadable) {
			if ctx.Err() != nil {
				return out, problems, ctx.Err()
			}
			problems = append(problems, market.Problem{File: f.path, Reason: err.Error()})
			continue
		}
		conversations := make([]DryRunConversation, len(s.Conversations))
		for i, c := range s.Conversations {
			conversations[i] = DryRunConversation{jobs.Clean(c.Name), c.Folder, c.Messages, c.FirstOffset}
		}
		out = append(out, DryRunLine{jobs.Clean(f.path), s.Verdict.Format, s.Verdict.Readable, s.Verdict.Why, s.Verdict.Encoding, s.Size, conversations, s.NeedsGroup, s.NeedsYear})
	}
	jobs.CleanProblems(problems)
	return out, problems, nil
}

// Import reads archives: it surveys every file, checks that nothing is missing
// (a UsageError before anything is stored), orders the chunks and waits for them.
func Import(ctx context.Context, o Options, in ImportOptions) (Report, error) {
	began := time.Now()
	if err := in.check(); err != nil {
		return Report{}, err
	}
	o, err := o.ready()
	if err != nil {
		return Report{}, err
	}
	files, problems, err := findFiles(in.Paths)
	if err != nil {
		return Report{}, err
	}
	var plans []plan
	for _, f := range files {
		p, err := planFile(ctx, f, in)
		var usage *UsageError
		switch {
		case err == nil:
			p.mark = o.Words.Version()
			if err := p.grant(o, in); err != nil {
				return Report{}, err
			}
			plans = append(plans, p)
		case errors.As(err, &usage), ctx.Err() != nil:
			return Report{}, err
		default:
			problems = append(problems, market.Problem{File: f.path, Reason: err.Error()})
		}
	}
	s, err := Open(ctx, o)
	if err != nil {
		return Report{}, err
	}
	report, err := s.importAll(ctx, plans, problems, in, began)
	return report, errors.Join(err, s.Close())
}

func (s *Session) importAll(ctx context.Context, plans []plan, problems []market.Problem, in ImportOptions, began time.Time) (Report, error) {
	problems, plans, err := s.keepable(ctx, problems, plans)
	if err != nil {
		return Report{}, err
	}
	run, err := s.Book.StartRun(ctx, "import", s.Now())
	if err != nil {
		return Report{}, err
	}
	jobs.CleanProblems(problems)
	for _, p := range problems {
		if err := s.Book.Note(ctx, run, market.OutcomeUnreadable, 1, []market.Problem{p}); err != nil {
			return Report{}, err
		}
	}
	for _, p := range plans {
		if err := s.order(ctx, run, p); err != nil {
			return Report{}, err
		}
	}
	done, err := s.Wait(ctx, run, in.Progress)
	summary := casebook.Summarize(done, time.Since(began))
	return Report{Summary: summary, Failed: summary.Visits[market.OutcomeUnreadable]+summary.Visits[market.OutcomeError] > 0}, err
}

func withFile(problems []market.Problem, source, file string) []market.Problem {
	out := slices.Clone(problems)
	for i := range out {
		out[i].Source, out[i].File = source, file
	}
	jobs.CleanProblems(out)
	return out
}

func hashID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// found is a file and what a group.yaml beside it says.
type found struct {
	path  string
	group groupFile
}

type groupFile struct {
	ID       string `yaml:"id"`
	Name     string `yaml:"name"`
	Timezone string `yaml:"timezone"`
}

// findFiles lists the files of the paths, folders walked in order of names.
// Hidden files and links are passed over. What is missing is a problem.
func findFiles(paths []string) (files []found, problems []market.Problem, err error) {
	for _, p := range paths {
		abs, err := filepath.Abs(p)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", p, err)
		}
		if target, err := filepath.EvalSymlinks(abs); err == nil {
			abs = target // what is named is read, also by way of a link
		}
		groups := map[string]groupFile{}
		walk := filepath.WalkDir(abs, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				problems = append(problems, market.Problem{File: path, Reason: plainFSError(err)})
				return nil
			}
			if path != abs && strings.HasPrefix(d.Name(), ".") {
				if d.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
			if d.IsDir() {
				g, err := readGroupFile(path)
				if err != nil {
					return err
				}
				groups[path] = g
				return nil
			}
			if path != abs && (d.Name() == "group.yaml" || !d.Type().IsRegular()) {
				return nil
			}
			if !d.Type().IsRegular() { // opening a pipe would wait for its writer
				problems = append(problems, market.Problem{File: path, Reason: "not a regular file"})
				return nil
			}
			dir := filepath.Dir(path)
			g, ok := groups[dir]
			if !ok {
				if g, err = readGroupFile(dir); err != nil {
					return err
				}
			}
			files = append(files, found{path, g})
			return nil
		})
		if walk != nil {
			return nil, nil, walk
		}
	}
	return files, problems, nil
}

// plainFSError drops the operation from a file system error: the file is named anyway.
func plainFSError(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

func readGroupFile(dir string) (groupFile, error) {
	var g groupFile
	path := filepath.Join(dir, "group.yaml")
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return g, nil
	}
	if err != nil {
		return g, Usagef("%s: %v", path, plainFSError(err))
	}
	defer f.Close()
	dec := yaml.NewDecoder(f)
	dec.KnownFields(true)
	if err := dec.Decode(&g); err != nil && !errors.Is(err, io.EOF) { // empty says nothing
		return g, Usagef("%s: %v", path, err)
	}
	if g.ID != "" && !IsGroupNumber(g.ID) {
		return g, Usagef("%s: id %q is no group number (5 to 11 digits)", path, g.ID)
	}
	return g, nil
}

// IsGroupNumber reports whether a text can be the number of a QQ group.
func IsGroupNumber(s string) bool {
	return len(s) >= 5 && len(s) <= 11 && strings.Trim(s, "0123456789") == "" && s[0] != '0'
}

func survey(ctx context.Context, path string, progress func(string, int64, int64)) (archive.Survey, error) {
	f, err := os.Open(path)
	if err != nil {
		return archive.Survey{}, errors.New(plainFSError(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return archive.Survey{}, errors.New(plainFSError(err))
	}
	return archive.Take(ctx, f, info.Size(), filepath.Base(path), func(done int64) {
		if progress != nil {
			progress(path, done, info.Size())
		}
	})
}

// glance surveys the beginning of a file.
func glance(ctx context.Context, path string) (archive.Survey, error) {
	f, err := os.Open(path)
	if err != nil {
		return archive.Survey{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return archive.Survey{}, err
	}
	return archive.Take(ctx, f, min(info.Size(), 1<<20), filepath.Base(path), nil)
}

// planFile surveys a file and settles its places and time zone.
func planFile(ctx context.Context, f found, in ImportOptions) (plan, error) {
	if in.GroupID == "" && len(in.Groups) == 0 && !in.ByName && f.group.ID == "" {
		// Nobody gave a number: say so from the first bytes, not after an hour.
		if s, err := glance(ctx, f.path); err == nil && s.NeedsGroup {
			if _, err := places(f, s, in); err != nil {
				return plan{}, err
			}
		}
	}
	s, err := survey(ctx, f.path, in.Surveyed)
	if err != nil {
		return plan{}, err
	}
	a := jobs.Archive{Path: f.path, SHA256: s.SHA256, Format: s.Verdict.Format, Year: in.Year}
	if s.NeedsYear && in.Year == 0 {
		return plan{}, Usagef("%s: its messages name no year; say --year YYYY", f.path)
	}
	switch {
	case in.Timezone != "":
		a.Zone = in.Timezone
	case f.group.Timezone != "":
		a.Zone = f.group.Timezone
	default:
		a.Zone, a.ZoneAssumed = assumedZone, true
	}
	if _, err := time.LoadLocation(a.Zone); err != nil || a.Zone == "Local" {
		return plan{}, Usagef("%s: time zone %q is not known; write one such as Asia/Shanghai", f.path, a.Zone)
	}
	if a.Places, err = places(f, s, in); err != nil {
		return plan{}, err
	}
	a.Source = sourceName(f, a.Places)
	return plan{path: f.path, survey: s, archive: a}, nil
}

// places gives every conversation of a file its group number.
func places(f found, s archive.Survey, in ImportOptions) (map[string]jobs.Place, error) {
	out := map[string]jobs.Place{}
	names := []string{}
	for _, c := range s.Conversations {
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	var missing []string
	for _, name := range names {
		given := name
		id := in.Groups[given]
		if name = jobs.Clean(name); id == "" {
			id = in.Groups[name] // as --dry-run shows it
		}
		if _, twice := out[name]; twice {
			return nil, Usagef("%s: two conversations are named %q but for hidden numbers; import them from a file each", f.path, name)
		}
		switch {
		case id != "":
			out[name] = jobs.Place{ID: id, Name: name}
		case len(names) == 1 && in.GroupID != "":
			out[name] = jobs.Place{ID: in.GroupID, Name: name}
		case len(names) == 1 && f.group.ID != "":
			out[name] = jobs.Place{ID: f.group.ID, Name: cmp.Or(jobs.Clean(f.group.Name), name)}
		case f.group.ID != "" && f.group.Name == given:
			out[name] = jobs.Place{ID: f.group.ID, Name: name}
		case in.ByName && given != "" && name != given:
			return nil, Usagef("%s: the name %q holds what looks like a number of a person and can't stand for the group; say --group-id NUMBER or --group %q=NUMBER", f.path, name, name)
		case in.ByName && name != "":
			out[name] = jobs.Place{ID: name, Name: name, Assumed: true}
		default:
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	if len(names) == 1 {
		return nil, Usagef("%s: the export of %q doesn't say its group number; say --group-id NUMBER (or --by-name)", f.path, names[0])
	}
	show := missing[:min(len(missing), 5)]
	var flags []string
	for _, name := range show {
		flags = append(flags, fmt.Sprintf("--group %q=NUMBER", name))
	}
	more := ""
	if n := len(missing) - len(show); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return nil, Usagef("%s: %d conversations, their group numbers are not in the export; say %s%s (or --by-name)", f.path, len(names), strings.Join(flags, " "), more)
}

func sourceName(f found, places map[string]jobs.Place) string {
	ids := map[string]bool{}
	for _, p := range places {
		ids[p.ID] = true
	}
	if len(ids) == 1 {
		for id := range ids {
			return "qq-" + id
		}
	}
	return "archive-" + jobs.Clean(strings.TrimSuffix(filepath.Base(f.path), filepath.Ext(f.path)))
}
