package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"resumewatch/extractors"
	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/index"
	"resumewatch/internal/jobs"
	"resumewatch/internal/privacy"
	"resumewatch/internal/queue"
)

// Diagnosis is what `doctor` prints. Its keys are frozen.
type Diagnosis struct {
	OK    bool   `json:"ok"`
	Parts []Part `json:"parts"`
}

// Part is one thing that was looked at.
type Part struct {
	Part   string `json:"part"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Mend   string `json:"mend"` // what to do; "" when all is well
}

// lowDisk is the free space below which captures are at risk, in bytes.
const lowDisk = 1 << 30

// Doctor looks at every part of a data folder and of the program. It changes nothing.
func Doctor(ctx context.Context, o Options) Diagnosis {
	d := Diagnosis{OK: true}
	add := func(part string, err error, detail, mend string) {
		p := Part{Part: part, OK: err == nil, Detail: detail}
		if err != nil {
			p.Detail, p.Mend, d.OK = err.Error(), mend, false
		}
		d.Parts = append(d.Parts, p)
	}
	abs, err := filepath.Abs(o.Data)
	if err != nil {
		abs = o.Data
	}
	if _, err := os.Stat(o.Data); errors.Is(err, os.ErrNotExist) {
		add("data", nil, abs+": not there yet; the first import, crawl or up makes it", "")
	} else {
		detail, err := disk(o.Data)
		add("data", err, abs+": "+detail, "free some space, or name another folder with --data")
	}
	d.stores(ctx, o, add)
	if _, err := extractors.New(); err != nil {
		add("extractor", err, "", "this build is broken: install the program again")
	} else if reader, err := o.reader(); err != nil {
		add("extractor", errors.New(strings.ReplaceAll(err.Error(), "\n", "; ")), "", "correct the files of lexicon.files; `resumewatch config check` tells all mistakes")
	} else {
		add("extractor", nil, "version "+reader.Version(), "")
	}
	d.queue(ctx, o, add)
	d.keys(o, add)
	_, offset := time.Now().Zone()
	add("clock", nil, time.Now().Format(time.RFC3339)+fmt.Sprintf(" (UTC%+d s)", offset), "")
	return d
}

func (d *Diagnosis) queue(ctx context.Context, o Options, add func(string, error, string, string)) {
	if o.scaled() {
		q, err := openQueue(ctx, o)
		if err != nil {
			add("queue", err, "", "see that Redis runs and queue.redis is right")
			return
		}
		view, err := q.Look(ctx, 0)
		add("queue", errors.Join(err, q.Close()), fmt.Sprintf("%d processes serve it", len(view.Servers)), "see that Redis runs and queue.redis is right")
		return
	}
	run, err := queue.ReadRun(o.Data)
	switch {
	case err == nil:
		add("queue", nil, fmt.Sprintf("held by process %d since %s", run.PID, stamp(run.Started)), "")
	case errors.Is(err, queue.ErrNoRun), errors.Is(err, os.ErrNotExist):
		add("queue", nil, "embedded; no process works on the folder now", "")
	default:
		add("queue", err, "", "remove "+o.path(queue.RunFile)+" when no resumewatch runs")
	}
}

func disk(dir string) (string, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return "", fmt.Errorf("free space: %w", err)
	}
	free := int64(st.Bavail) * st.Bsize
	if free < lowDisk {
		return "", fmt.Errorf("only %d MB free", free>>20)
	}
	return fmt.Sprintf("%d GB free", free>>30), nil
}

func (d *Diagnosis) stores(ctx context.Context, o Options, add func(string, error, string, string)) {
	book, err := openBookReader(ctx, o)
	switch {
	case errors.Is(err, casebook.ErrNoBook):
		add("casebook", nil, "empty", "")
		if o.onS3() {
			d.storage(ctx, o, nil, add)
		}
		return
	case err != nil && o.scaled():
		add("casebook", err, "", "see that PostgreSQL runs and casebook.dsn is right")
		return
	case err != nil:
		add("casebook", err, "", "restore it from a backup; nothing else holds its data")
		return
	}
	defer book.Close()
	if err := book.Check(ctx); err != nil {
		add("casebook", err, "", "restore it from a backup")
	} else {
		add("casebook", nil, "whole", "")
	}
	store, err := openIndex(ctx, o, reading, nil)
	switch {
	case err != nil && o.scaled() && !errors.Is(err, index.ErrUnusable):
		add("index", err, "", "see that Elasticsearch runs and index.elasticsearch is right")
	case err != nil:
		add("index", err, "", "run `resumewatch reindex`")
	default:
		w := jobs.Workshop{Book: book, Index: store}
		diff, err := w.Reindex(ctx, true)
		if err == nil && !diff.Empty() {
			err = fmt.Errorf("differs from the casebook: %d missing, %d old, %d too many", diff.Missing, diff.Old, diff.Extra)
		}
		add("index", errors.Join(err, store.Close()), "agrees with the casebook", "wait until work that runs is done, else run `resumewatch reindex`")
	}
	kept, err := jobs.ReadCheckpoint(o.checkpointPath())
	if err == nil {
		err = book.Follows(ctx, kept)
	}
	add("custody log", err, "follows the checkpoint kept beside the casebook",
		"put back the newest casebook, the one that goes with "+o.checkpointPath()+"; until then no event of the log gets its number and nothing of the evidence is cut")
	d.evidence(ctx, o, book, add)
	review, err := lookAtDoubts(ctx, book)
	add("review", err, review, "")
}

func (d *Diagnosis) evidence(ctx context.Context, o Options, book *casebook.Book, add func(string, error, string, string)) {
	ends, err := book.EvidenceEnds(ctx)
	if err != nil {
		add("evidence", err, "", "")
		return
	}
	d.storage(ctx, o, ends, add)
}

func (d *Diagnosis) storage(ctx context.Context, o Options, ends map[string]int64, add func(string, error, string, string)) {
	where, mend := o.path("evidence"), "restore the files from a backup; `resumewatch evidence verify` checks every byte"
	store, err := o.lookAtEvidence(ctx)
	switch {
	case errors.Is(err, os.ErrNotExist) && len(ends) == 0:
		err = nil // the first capture makes it
	case err == nil:
		where = store.String()
		err = compareSizes(ctx, store, ends)
	}
	if errors.Is(err, evidence.ErrUnavailable) {
		mend = "see that the storage runs and that evidence.url and evidence.s3 are right"
	}
	add("evidence", err, fmt.Sprintf("%s: %d files, none shorter than the casebook says", where, len(ends)), mend)
}

// lookAtEvidence opens the evidence to look at it; what is missing isn't made.
func (o Options) lookAtEvidence(ctx context.Context) (evidenceStore, error) {
	if !o.onS3() {
		dir := o.path("evidence")
		if _, err := os.Stat(dir); err != nil {
			return folder{}, err
		}
	}
	return openEvidence(ctx, o, nil, time.Now)
}

func compareSizes(ctx context.Context, store evidenceStore, ends map[string]int64) error {
	sizes, err := evidenceSizes(ctx, store, ends)
	if err != nil {
		return err
	}
	var faults []error
	for _, file := range slices.Sorted(maps.Keys(ends)) {
		switch n, ok := sizes[file]; {
		case !ok:
			faults = append(faults, fmt.Errorf("%s: it is missing", file))
		case n < ends[file]:
			faults = append(faults, fmt.Errorf("%s: %d bytes, the casebook knows of %d: %w", file, n, ends[file], evidence.ErrDamaged))
		}
	}
	return errors.Join(faults...)
}

func (d *Diagnosis) keys(o Options, add func(string, error, string, string)) {
	recipients, err := privacy.ParseRecipients(o.Config.Evidence.SealTo)
	if err != nil {
		add("keys", err, "", "mend evidence.seal_to in the configuration")
		return
	}
	if len(recipients) == 0 {
		// A warning, not a fault: that is how the program works out of the box.
		add("keys", nil, "warning: keys of the evidence lie unsealed in "+o.path("keys")+"; set evidence.seal_to", "")
		return
	}
	add("keys", nil, fmt.Sprintf("sealed to %d recipients", len(recipients)), "")
}
