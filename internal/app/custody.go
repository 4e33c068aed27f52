package app

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"slices"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	timestamp "resumewatch/internal/custody/stamp"
	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
	"resumewatch/internal/privacy"
)

// custodyKey is the name of the log's key among the keys.
const custodyKey = "custody"

// checkpointPath is where the newest checkpoint is kept apart from the casebook.
func (o Options) checkpointPath() string { return o.path("custody/checkpoint") }

// custodyLog is what the leader keeps the custody log with.
func custodyLog(ctx context.Context, o Options, book *casebook.Book, keys *privacy.Keyring) (l jobs.CustodyLog, err error) {
	seed, err := keys.Secret(custodyKey)
	if err != nil {
		return l, err
	}
	if l.Key, err = custody.NewKey(seed); err != nil {
		return l, err
	}
	if err := keys.Publish(custodyKey, l.Key.Public); err != nil {
		return l, err
	}
	l.Device, _ = os.Hostname() // unknown is empty
	l.Path = o.checkpointPath()
	service := o.Config.Evidence.TimestampURL
	if service == "" {
		return l, nil
	}
	if err := mayAsk(ctx, book, service); err != nil {
		return l, err
	}
	l.LogKeeper.Stamps, l.Stamps = jobs.StampEvery, jobs.NewHTTPStamper(service)
	return l, nil
}

// mayAsk keeps a test casebook from sending anything beyond loopback.
func mayAsk(ctx context.Context, book *casebook.Book, service string) error {
	u, err := url.Parse(service)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return Usagef("evidence.timestamp_url: want http(s)://HOST…")
	}
	test, err := book.Meta(ctx, metaTest)
	if err != nil || test != "1" {
		return err
	}
	if ip := net.ParseIP(u.Hostname()); ip == nil || !ip.IsLoopback() {
		return Usagef("evidence.timestamp_url: a casebook of RESUMEWATCH_TEST=1 sends only to loopback, like http://127.0.0.1:3161/")
	}
	return nil
}

// custodyChores keep the log while this process leads.
func custodyChores(w *jobs.Workshop, l jobs.CustodyLog, keys *privacy.Keyring) []jobs.Chore {
	chores := []jobs.Chore{
		{Name: "making the months' keys", Every: time.Hour, Do: func(ctx context.Context) error { return monthKeys(ctx, w, l.Device, keys) }},
		{Name: "keeping the custody log", Every: jobs.LogEvery, Do: func(ctx context.Context) error { return w.KeepLog(ctx, l) }},
	}
	if l.Stamps != nil {
		chores = append(chores, jobs.Chore{Name: "stamping the custody log", Every: time.Minute, Do: func(ctx context.Context) error { return w.StampLog(ctx, l.Stamps) }})
	}
	return chores
}

// monthKeys makes this month's pair and the next one's ahead, and notes them.
func monthKeys(ctx context.Context, w *jobs.Workshop, device string, keys *privacy.Keyring) error {
	now := w.Now().UTC()
	for _, month := range []string{now.Format("2006-01"), now.AddDate(0, 1, 1-now.Day()).Format("2006-01")} {
		r, err := keys.Recipient(month)
		if err != nil {
			return err
		}
		public := fmt.Sprint(r)
		e := custody.Event{Kind: custody.KeyMade, At: now, Device: device, Object: month, Detail: map[string]string{"public": public}}
		if err := w.Book.NoteCustodyOnce(ctx, "key "+month+" "+public, e); err != nil {
			return err
		}
	}
	return nil
}

// finishLog leaves no event without its number, as far as that takes a moment only.
func (r *runner) finishLog() error {
	if r.lock == nil || r.log == nil { // others may lead
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return r.workshop.KeepLog(ctx, *r.log)
}

// noteOpened writes into the custody log that captures are unsealed, before they
// are: the casebook is opened for writing for that moment.
func (r *Reader) noteOpened(ctx context.Context, kind custody.Kind, refs []evidence.Ref) error {
	return withBook(ctx, r.opts, func(book *casebook.Book) error {
		by, err := actor(ctx, r.opts, book, "")
		if err != nil {
			return err
		}
		for lot := range slices.Chunk(refs, 1000) {
			e := custody.Event{Kind: kind, At: by.At, Actor: by.Who, Detail: map[string]string{"os_user": by.OSUser}}
			e.Device, _ = os.Hostname() // unknown is empty
			for _, ref := range lot {
				e.Captures = append(e.Captures, custody.Item{Digest: ref.Digest})
			}
			if err := book.NoteCustody(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// verifyLog checks the custody log of the casebook.
func (r *Reader) verifyLog(ctx context.Context, report *evidence.Report) error {
	keys, err := keyring(r.opts)
	if err != nil {
		return err
	}
	public, err := keys.Published(custodyKey)
	if errors.Is(err, fs.ErrNotExist) {
		report.Unchecked = append(report.Unchecked, "custody log: there is no keys/custody.pub; nobody has kept a log here yet, or its key was taken away")
		return nil
	}
	if err != nil {
		return err
	}
	audit, err := r.Book.VerifyLog(ctx, func() (*custody.Audit, error) {
		kept, err := jobs.ReadCheckpoint(r.opts.checkpointPath())
		if err != nil {
			return nil, err
		}
		return custody.NewAudit(public, kept)
	})
	if err != nil {
		return err
	}
	found := audit.End()
	for _, f := range found.Faults {
		report.Checked = append(report.Checked, evidence.Check{What: "custody log: " + f.What, Detail: f.Detail})
	}
	detail := fmt.Sprintf("%d events, %d captures in them, %d checkpoints, %d faults", found.Events, found.Captures, found.Checkpoints, found.Count)
	if found.Newest.Size > 0 {
		detail += fmt.Sprintf("; newest checkpoint of %d events, signed %s by %s", found.Newest.Size, stamp(found.Newest.At), found.Newest.Log)
	}
	if found.Waiting > 0 {
		detail += fmt.Sprintf("; %d events wait for their number", found.Waiting)
	}
	report.Checked = append(report.Checked, evidence.Check{What: "custody log", OK: found.Count == 0, Detail: detail})
	report.OK = report.OK && found.Count == 0
	return r.verifyStamps(ctx, report)
}

// verifyStamps checks the time stamps of checkpoints.
func (r *Reader) verifyStamps(ctx context.Context, report *evidence.Report) error {
	roots, err := stampRoots(r.opts.Config.Evidence.TimestampCAFile)
	if err != nil {
		return err
	}
	var good, waiting, faults int
	var newest time.Time
	err = r.Book.Stamps(ctx, func(s casebook.Stamp) error {
		if s.Token == "" {
			waiting++
			return nil
		}
		var one *timestamp.Stamp
		reply, err := base64.StdEncoding.Strict().DecodeString(s.Token)
		if err == nil && s.Signed == "" {
			err = errors.New("there is no checkpoint of that size")
		}
		if err == nil {
			one, err = timestamp.Open(reply, []byte(s.Signed), roots)
		}
		if err != nil {
			faults++
			report.Checked = append(report.Checked, evidence.Check{What: fmt.Sprintf("time stamp of %d events", s.Size), Detail: err.Error()})
			return nil
		}
		good, newest = good+1, one.Time
		return nil
	})
	if err != nil || good+waiting+faults == 0 {
		return err
	}
	detail := fmt.Sprintf("%d good, %d wait for the service, %d faults", good, waiting, faults)
	if good > 0 {
		detail += "; newest of " + stamp(newest)
		if roots == nil {
			report.Unchecked = append(report.Unchecked, "time stamps: whether their signers are to be trusted; evidence.timestamp_ca_file names no roots")
		}
	}
	report.Checked = append(report.Checked, evidence.Check{What: "time stamps", OK: faults == 0, Detail: detail})
	report.OK = report.OK && faults == 0
	return nil
}

// stampRoots reads the roots that time stamps must come from; nil: none are named.
func stampRoots(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, Usagef("evidence.timestamp_ca_file: %v", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, Usagef("evidence.timestamp_ca_file: %s holds no certificate", path)
	}
	return roots, nil
}
