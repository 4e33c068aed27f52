package evidence

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

// fail words an error of the server or of the way to it. Of the server's answer
// its code alone is told: the rest may repeat what was sent.
func (s *S3) fail(ctx context.Context, name string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("evidence: %s: %w", name, ctx.Err())
	}
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // the address is in ours
		}
		if errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("evidence: %s: %w: %s doesn't answer in time: %w", name, ErrUnavailable, s, err)
		}
		return fmt.Errorf("evidence: %s: %w: %s can't be reached: %w", name, ErrUnavailable, s, err)
	}
	code := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, answer.Code[:min(len(answer.Code), 64)])
	switch {
	case answer.Code == minio.NoSuchBucket:
		return fmt.Errorf("evidence: %w: there is no bucket %s at %s", ErrUnavailable, s.o.Bucket, s.o.Endpoint)
	case answer.StatusCode == http.StatusNotFound:
		return fmt.Errorf("evidence: %s is not in %s: %w", name, s, fs.ErrNotExist)
	case answer.StatusCode == http.StatusPreconditionFailed:
		return fmt.Errorf("evidence: %s is in %s already: %w", name, s, fs.ErrExist)
	case answer.StatusCode == http.StatusForbidden || answer.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("evidence: %s: %w: %s denies access (%s); see its keys and what they may do", name, ErrUnavailable, s, code)
	case answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests:
		return fmt.Errorf("evidence: %s: %w: %s answers %d %s", name, ErrUnavailable, s, answer.StatusCode, code)
	}
	return fmt.Errorf("evidence: %s: %s answers %d %s", name, s, answer.StatusCode, code)
}

// list calls fn for what is below a prefix and behind a name, in the order of
// names, until fn returns an error, which it returns. Without deep, what lies
// below the next slash comes as one.
func (s *S3) list(ctx context.Context, prefix, after string, deep bool, fn func(minio.ObjectInfo) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// The time is one page's, not that of the whole.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(s.span(0), func() { cancel(context.DeadlineExceeded) })
	defer late.Stop()
	for o := range s.client.ListObjectsIter(ctx, s.o.Bucket, minio.ListObjectsOptions{Prefix: prefix, StartAfter: after, Recursive: deep}) {
		late.Reset(s.span(0))
		if o.Err != nil {
			if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
				return fmt.Errorf("evidence: the list of %s: %w: no answer in time", s, ErrUnavailable)
			}
			return s.fail(ctx, "the list", o.Err)
		}
		if err := fn(o); err != nil {
			return err
		}
	}
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return fmt.Errorf("evidence: the list of %s: %w: no answer in time", s, ErrUnavailable)
	}
	return ctx.Err()
}

// s3Entry is a file by what the list says of its two objects.
type s3Entry struct {
	name      string // as in Ref.File
	size      int64
	idxSize   int64
	data, idx bool
}

// files lists the files that were named since a time, sorted.
func (s *S3) files(ctx context.Context, since time.Time) ([]s3Entry, error) {
	months, err := s.months(ctx)
	if err != nil {
		return nil, err
	}
	after := ""
	if !since.IsZero() {
		after = since.UTC().Format("20060102T150405Z")
	}
	var out []s3Entry
	for _, month := range months {
		at := map[string]int{}
		err := s.list(ctx, s.prefix+month, s.prefix+month+after, true, func(o minio.ObjectInfo) error {
			name := strings.TrimPrefix(o.Key, s.prefix)
			base, isIdx := strings.CutSuffix(name, idxSuffix)
			if isIdx {
				name = base + sealedSuffix
			}
			if !fileForm.MatchString(name) {
				return nil
			}
			i, ok := at[name]
			if !ok {
				i = len(out)
				at[name], out = i, append(out, s3Entry{name: name})
			}
			if isIdx {
				out[i].idx, out[i].idxSize = true, o.Size
			} else {
				out[i].data, out[i].size = true, o.Size
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b s3Entry) int { return cmp.Compare(a.name, b.name) })
	return out, nil
}

// months are the YYYY/MM/ that hold something.
func (s *S3) months(ctx context.Context) ([]string, error) {
	var years, months []string
	below := func(prefix string, into *[]string) error {
		return s.list(ctx, prefix, "", false, func(o minio.ObjectInfo) error {
			if strings.HasSuffix(o.Key, "/") {
				*into = append(*into, o.Key)
			}
			return nil
		})
	}
	if err := below(s.prefix, &years); err != nil {
		return nil, err
	}
	for _, year := range years {
		if !digits(strings.TrimPrefix(year, s.prefix), "0000/") {
			continue
		}
		if err := below(year, &months); err != nil {
			return nil, err
		}
	}
	out := months[:0]
	for _, month := range months {
		if rel := strings.TrimPrefix(month, s.prefix); digits(rel, "0000/00/") {
			out = append(out, rel)
		}
	}
	return out, nil
}

// digits reports whether a text has digits where the form has 0, else the same.
func digits(text, form string) bool {
	if len(text) != len(form) {
		return false
	}
	for i := range form {
		if form[i] == '0' && (text[i] < '0' || text[i] > '9') || form[i] != '0' && text[i] != form[i] {
			return false
		}
	}
	return true
}

func (s *S3) stat(ctx context.Context, name string) (minio.ObjectInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, s.span(0))
	defer cancel()
	info, err := s.client.StatObject(ctx, s.o.Bucket, s.prefix+name, minio.StatObjectOptions{})
	if err != nil {
		return info, s.fail(ctx, name, err)
	}
	return info, nil
}

// sumField is where an object bears its SHA-256, for servers that keep none.
const sumField = "Sha256"

// put writes an object that must not be there yet, or replaces the one with the
// given ETag. The server checks the SHA-256 of what it gets. An error that wraps
// fs.ErrExist says that another object has the name.
func (s *S3) put(ctx context.Context, name string, data io.ReaderAt, size int64, replaces string) error {
	ctx, cancel := context.WithTimeout(ctx, s.span(size))
	defer cancel()
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(data, 0, size)); err != nil {
		return fmt.Errorf("evidence: %s: %w", name, err)
	}
	sum := hash.Sum(nil)
	o := minio.PutObjectOptions{ContentType: "application/octet-stream", DisableContentSha256: true, // it goes into the head, not the body
		UserMetadata: map[string]string{sumField: hex.EncodeToString(sum)}}
	if replaces == "" {
		o.SetMatchETagExcept("*")
	} else {
		o.SetMatchETag(replaces)
	}
	var err error
	if size <= s.part {
		err = s.putWhole(ctx, name, data, size, sum, o)
	} else {
		err = s.putParts(ctx, name, data, size, o)
	}
	if err == nil {
		return nil
	}
	status := minio.ToErrorResponse(err).StatusCode
	if status == http.StatusPreconditionFailed || status == http.StatusConflict || status == http.StatusNotFound {
		// Did an earlier try arrive whose answer was lost?
		info, statErr := s.stat(ctx, name)
		switch {
		case statErr == nil && info.Size == size && info.UserMetadata[sumField] == hex.EncodeToString(sum):
			return nil
		case errors.Is(statErr, fs.ErrNotExist) && replaces == "":
			// It did, and somebody who took its writer for dead swept it.
			return fmt.Errorf("evidence: %s: %w: another process removed it from %s", name, ErrDamaged, s)
		}
	}
	return s.fail(ctx, name, err)
}

func (s *S3) putWhole(ctx context.Context, name string, data io.ReaderAt, size int64, sum []byte, o minio.PutObjectOptions) error {
	o.UserMetadata["X-Amz-Checksum-Sha256"] = base64.StdEncoding.EncodeToString(sum)
	info, err := s.client.PutObject(ctx, s.o.Bucket, s.prefix+name, io.NewSectionReader(data, 0, size), size, "", hex.EncodeToString(sum), o)
	if err != nil {
		return err
	}
	return sameSum(info.ChecksumSHA256, o.UserMetadata["X-Amz-Checksum-Sha256"])
}

// sameSum holds what the server says it stored against what was sent; not all say it.
func sameSum(got, want string) error {
	if got != "" && got != want {
		return fmt.Errorf("%w: the server stored other bytes than were sent", ErrDamaged)
	}
	return nil
}

// putParts writes a large object piece by piece. It comes to be when it is complete.
func (s *S3) putParts(ctx context.Context, name string, data io.ReaderAt, size int64, o minio.PutObjectOptions) (err error) {
	key := s.prefix + name
	begin := o
	begin.UserMetadata = map[string]string{sumField: o.UserMetadata[sumField], "X-Amz-Checksum-Algorithm": "SHA256"}
	id, err := s.client.NewMultipartUpload(ctx, s.o.Bucket, key, begin)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.o.Timeout)
			defer cancel()
			_ = s.client.AbortMultipartUpload(ctx, s.o.Bucket, key, id) // else Recover does it
		}
	}()
	var parts []minio.CompletePart
	for at := int64(0); at < size; at += s.part {
		n := min(s.part, size-at)
		hash := sha256.New()
		if _, err := io.Copy(hash, io.NewSectionReader(data, at, n)); err != nil {
			return err
		}
		sum := hash.Sum(nil)
		want := base64.StdEncoding.EncodeToString(sum)
		part, err := s.client.PutObjectPart(ctx, s.o.Bucket, key, id, len(parts)+1, io.NewSectionReader(data, at, n), n, minio.PutObjectPartOptions{
			Sha256Hex: hex.EncodeToString(sum), DisableContentSha256: true, CustomHeader: http.Header{"X-Amz-Checksum-Sha256": {want}},
		})
		if err != nil {
			return err
		}
		if err := sameSum(part.ChecksumSHA256, want); err != nil {
			return err
		}
		parts = append(parts, minio.CompletePart{PartNumber: len(parts) + 1, ETag: part.ETag, ChecksumSHA256: want})
	}
	o.UserMetadata = nil
	if _, err := s.client.CompleteMultipartUpload(ctx, s.o.Bucket, key, id, parts, o); err != nil {
		return err
	}
	info, err := s.stat(ctx, name)
	if err == nil && info.Size != size {
		err = fmt.Errorf("%w: the server stored %d bytes, %d were sent", ErrDamaged, info.Size, size)
	}
	return err
}

// remove removes an object, with the older versions that a bucket may keep of
// it. One that is absent is no error.
func (s *S3) remove(ctx context.Context, name string) error {
	return s.removeBut(ctx, name, "")
}

// removeBut removes an object's versions, all but one; "" spares none.
func (s *S3) removeBut(ctx context.Context, name, version string) error {
	keeps, err := s.keepsVersions(ctx)
	if err != nil {
		return err
	}
	key := s.prefix + name
	removeOne := func(id string) error {
		ctx, cancel := context.WithTimeout(ctx, s.span(0))
		defer cancel()
		err := s.client.RemoveObject(ctx, s.o.Bucket, key, minio.RemoveObjectOptions{VersionID: id})
		if err != nil {
			if err = s.fail(ctx, name, err); errors.Is(err, fs.ErrNotExist) {
				err = nil
			}
		}
		return err
	}
	if !keeps {
		if version != "" {
			return nil // there are no others
		}
		return removeOne("")
	}
	var ids []string
	for o := range s.client.ListObjectsIter(ctx, s.o.Bucket, minio.ListObjectsOptions{Prefix: key, WithVersions: true, Recursive: true}) {
		if o.Err != nil {
			return s.fail(ctx, name, o.Err)
		}
		if o.Key == key && o.VersionID != version {
			ids = append(ids, cmp.Or(o.VersionID, "null"))
		}
	}
	for _, id := range ids {
		if err := removeOne(id); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// keepsVersions reports whether what is removed would stay as an older version.
func (s *S3) keepsVersions(ctx context.Context) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.versioned != nil {
		return *s.versioned, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.span(0))
	defer cancel()
	v, err := s.client.GetBucketVersioning(ctx, s.o.Bucket)
	switch code := minio.ToErrorResponse(err); {
	case err == nil:
	case code.StatusCode == http.StatusNotImplemented || code.StatusCode == http.StatusMethodNotAllowed || code.Code == "VersioningNotConfigured":
	default:
		return false, s.fail(ctx, "whether the bucket keeps versions (s3:GetBucketVersioning)", err)
	}
	keeps := v.Status != "" // Enabled or Suspended
	s.versioned = &keeps
	return keeps, nil
}
