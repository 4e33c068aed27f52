package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

const (
	// sweepAll is how often Recover looks at every file. In between it looks at
	// those that were named since, and sweepBack before.
	sweepAll  = 6 * time.Hour
	sweepBack = time.Hour
)

// sweep remembers what Recover has looked at.
type sweep struct {
	at    time.Time        // when every file was looked at last, by this process's clock; zero: never
	from  time.Time        // the same by the clock that names files
	sizes map[string]int64 // of the files that the Recover which runs has listed
}

// ListedSize is the size of a file by the list of the Recover that runs.
func (s *S3) ListedSize(file string) (int64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.swept.sizes[file]
	return n, ok
}

// Recover implements Store. Beside files it sweeps what killed writers left of
// large uploads.
func (s *S3) Recover(ctx context.Context, known func(file string) int64, live func(file string) bool) (Recovered, error) {
	var done Recovered
	began, from := time.Now(), s.o.Now()
	s.mu.Lock()
	whole, since := s.swept.at.IsZero() || began.Sub(s.swept.at) >= sweepAll, s.swept.from.Add(-sweepBack)
	s.mu.Unlock()
	if whole {
		since = time.Time{}
	}
	files, err := s.files(ctx, since)
	if err != nil {
		return done, err
	}
	uploads, err := s.uploads(ctx)
	if err != nil {
		return done, err
	}
	sizes := make(map[string]int64, len(files))
	for _, f := range files {
		if f.data {
			sizes[f.name] = f.size
		}
	}
	s.mu.Lock()
	s.swept.sizes = sizes
	s.mu.Unlock()
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		if live(f.name) {
			continue
		}
		if err := s.recoverFile(ctx, f, known(f.name), &done); err != nil {
			return done, fmt.Errorf("evidence: recover %s: %w", f.name, err)
		}
	}
	for _, u := range uploads {
		if live(u.file) {
			continue
		}
		if err := s.abort(ctx, u); err != nil {
			return done, err
		}
	}
	if whole {
		s.mu.Lock()
		s.swept.at, s.swept.from = began, from
		s.mu.Unlock()
	}
	return done, ctx.Err()
}

func (s *S3) recoverFile(ctx context.Context, f s3Entry, end int64, done *Recovered) error {
	if !f.data { // a kill between two removals, or the trace of a loss
		if end != 0 {
			done.damaged(f.name, "it is missing; the casebook knows captures up to byte %d", end)
			return nil
		}
		return s.remove(ctx, idxName(f.name))
	}
	done.Files++
	switch {
	case end < 0 || f.size < end:
		done.damaged(f.name, "%d bytes; the casebook knows captures up to byte %d", f.size, end)
		return nil
	case end == 0:
		if err := s.Remove(ctx, f.name); err != nil {
			return err
		}
		done.Removed++
		done.Bytes += f.size
		return nil
	case f.size > end:
		err := s.cut(ctx, f.name, end, done)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another recovery was faster
		}
		if err == nil {
			done.Cut++
			done.Bytes += f.size - end
		}
		return err
	}
	if f.idx {
		return nil // written behind the data, and cut before it: whole
	}
	if _, err := s.stat(ctx, idxName(f.name)); errors.Is(err, fs.ErrNotExist) {
		done.damaged(f.name, "%s is missing", idxName(f.name))
	} else if err != nil {
		return err
	}
	return nil
}

// cut replaces an object by its beginning: of what was written at once the
// casebook knows a part. The .idx comes first, so that a kill between the two
// leaves the object longer, and this is done again.
func (s *S3) cut(ctx context.Context, file string, end int64, done *Recovered) error {
	info, err := s.stat(ctx, idxName(file))
	if errors.Is(err, fs.ErrNotExist) {
		done.damaged(file, "%s is missing", idxName(file))
		return s.cutTo(ctx, file, end)
	}
	if err != nil {
		return err
	}
	if info.Size > 0 {
		idx, err := s.open(ctx, idxName(file), s.prefix+idxName(file), 0, info.Size)
		if err != nil {
			return err
		}
		var keep, covered int64
		_, err = scanIdx(idx, file, func(ref Ref, lineEnd int64) error {
			if ref.End() > end {
				return errStopScan
			}
			keep, covered = lineEnd, ref.End()
			return nil
		})
		closing := idx.Close()
		if err != nil && !errors.Is(err, errStopScan) && !errors.Is(err, ErrDamaged) {
			return err
		}
		if closing != nil {
			return closing
		}
		if covered != end {
			done.damaged(file, "%s lists captures up to byte %d; the casebook knows them up to %d", idxName(file), covered, end)
		} else if keep < info.Size {
			if err := s.cutTo(ctx, idxName(file), keep); err != nil {
				return err
			}
		}
	}
	return s.cutTo(ctx, file, end)
}

// cutTo replaces an object by its first bytes, unless somebody else replaced it
// meanwhile, and leaves no older version.
func (s *S3) cutTo(ctx context.Context, name string, end int64) (err error) {
	info, err := s.stat(ctx, name)
	if err != nil || info.Size <= end {
		return err
	}
	from, err := s.open(ctx, name, s.prefix+name, 0, end)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	from.etag = info.ETag
	data := &spill{make: s.scratch}
	defer data.close()
	if _, err := io.Copy(data, from); err != nil {
		return err
	}
	if err := s.put(ctx, name, data, end, info.ETag); err != nil {
		return err
	}
	keeps, err := s.keepsVersions(ctx)
	if err != nil || !keeps {
		return err
	}
	if info, err = s.stat(ctx, name); err != nil {
		return err
	}
	return s.removeBut(ctx, name, info.VersionID)
}

// Remove implements Store.
func (s *S3) Remove(ctx context.Context, file string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !fileForm.MatchString(file) {
		return fmt.Errorf("evidence: %.200q is no name of an evidence file", file)
	}
	if err := s.remove(ctx, idxName(file)); err != nil {
		return err
	}
	return s.remove(ctx, file)
}

// s3Upload is a large object whose last piece didn't come.
type s3Upload struct{ name, file, id string }

// uploads lists those of evidence files.
func (s *S3) uploads(ctx context.Context) ([]s3Upload, error) {
	var out []s3Upload
	var key, id string
	for {
		ctx, cancel := context.WithTimeout(ctx, s.span(0))
		page, err := s.client.ListMultipartUploads(ctx, s.o.Bucket, s.prefix, key, id, "", 1000)
		cancel()
		if err != nil {
			switch minio.ToErrorResponse(err).StatusCode {
			case http.StatusNotImplemented, http.StatusMethodNotAllowed, http.StatusForbidden:
				return nil, nil // a rule of the bucket may end them
			}
			return nil, s.fail(ctx, "the list of uploads", err)
		}
		for _, u := range page.Uploads {
			name := strings.TrimPrefix(u.Key, s.prefix)
			file := name
			if base, ok := strings.CutSuffix(name, idxSuffix); ok {
				file = base + sealedSuffix
			}
			if fileForm.MatchString(file) {
				out = append(out, s3Upload{name, file, u.UploadID})
			}
		}
		if !page.IsTruncated || len(page.Uploads) == 0 {
			return out, nil
		}
		key, id = page.NextKeyMarker, page.NextUploadIDMarker
	}
}

func (s *S3) abort(ctx context.Context, u s3Upload) error {
	ctx, cancel := context.WithTimeout(ctx, s.span(0))
	defer cancel()
	err := s.client.AbortMultipartUpload(ctx, s.o.Bucket, s.prefix+u.name, u.id)
	if err != nil {
		if err = s.fail(ctx, u.name, err); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	return err
}
