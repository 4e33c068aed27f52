package app

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
)

// evidenceStore is where captures lie: a folder, or S3-compatible storage.
type evidenceStore interface {
	jobs.RecoverableStore
	place
}

// onS3 reports whether captures lie in S3-compatible storage.
func (o Options) onS3() bool { return o.Config != nil && o.Config.Evidence.URL != "" }

// openEvidence opens it. Connections to a server that rest are closed when ctx ends.
func openEvidence(ctx context.Context, o Options, seal evidence.Sealer, now func() time.Time) (evidenceStore, error) {
	if !o.onS3() {
		dir := o.path("evidence")
		store, err := evidence.OpenDir(dir, seal, now)
		return folder{store, dirPlace(dir)}, err
	}
	c := o.Config.Evidence
	s := evidence.S3Options{
		Endpoint: c.S3.Endpoint, Region: c.S3.Region, HostStyle: c.S3.Addressing == "host", PlainHTTP: c.S3.PlainHTTP == "anywhere",
		Scratch: o.Data, Seal: seal, Now: now,
	}
	s.Bucket, s.Prefix = c.Place()
	var err error
	if c.S3.AccessKeyFile == "" {
		s.AccessKey, s.SecretKey, s.SessionToken = o.Env("AWS_ACCESS_KEY_ID"), o.Env("AWS_SECRET_ACCESS_KEY"), o.Env("AWS_SESSION_TOKEN")
		if s.AccessKey == "" || s.SecretKey == "" {
			return nil, Usagef("evidence.s3: set access_key_file and secret_key_file, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")
		}
	} else {
		if s.AccessKey, err = secretFile("evidence.s3.access_key_file", c.S3.AccessKeyFile); err != nil {
			return nil, err
		}
		if s.SecretKey, err = secretFile("evidence.s3.secret_key_file", c.S3.SecretKeyFile); err != nil {
			return nil, err
		}
	}
	if c.S3.CAFile != "" {
		if s.CA, err = os.ReadFile(c.S3.CAFile); err != nil {
			return nil, Usagef("evidence.s3.ca_file: %v", err)
		}
	}
	return evidence.OpenS3(ctx, s)
}

// folder is evidence in the data folder.
type folder struct {
	*evidence.Dir
	dirPlace
}

// evidenceFile is the name of an evidence file that somebody may have given with
// where it lies: a path into the folder, or an s3:// address.
func (o Options) evidenceFile(name string) string {
	if o.onS3() {
		bucket, prefix := o.Config.Evidence.Place()
		return strings.TrimPrefix(name, "s3://"+path.Join(bucket, prefix)+"/")
	}
	file := strings.TrimPrefix(filepath.ToSlash(name), filepath.ToSlash(o.path("evidence"))+"/")
	abs, err := filepath.Abs(name)
	root, err2 := filepath.Abs(o.path("evidence"))
	if cmp.Or(err, err2) == nil {
		if rel, err := filepath.Rel(root, abs); err == nil && !strings.HasPrefix(rel, "..") {
			file = filepath.ToSlash(rel)
		}
	}
	return file
}

// evidenceSizes are the bytes of the files that the casebook knows, -1 for one
// that isn't there.
func evidenceSizes(ctx context.Context, store evidenceStore, ends map[string]int64) (map[string]int64, error) {
	if s, ok := store.(*evidence.S3); ok {
		return s.Sizes(ctx) // one list for all
	}
	out := map[string]int64{}
	for file := range ends {
		n, err := store.Size(ctx, file)
		switch {
		case err == nil:
			out[file] = n
		case !errors.Is(err, os.ErrNotExist):
			return nil, err
		}
	}
	return out, nil
}
