//go:build parts

package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"resumewatch/internal/evidence/s3test"
)

// onReal is a store on a real server, behind a way that fails on command.
func onReal(t *testing.T, bucket string) (*S3, *s3test.Faults, S3Options, *monthKeys) {
	t.Helper()
	server := os.Getenv("RESUMEWATCH_S3")
	if server == "" {
		t.Fatal("RESUMEWATCH_S3 is not set: deploy/testparts/with s3 -- go test -tags parts …")
	}
	way, err := s3test.BeforeServer(server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(way.Close)
	keys := &monthKeys{}
	o := S3Options{Endpoint: way.URL, Bucket: bucket, Prefix: "p", AccessKey: os.Getenv("RESUMEWATCH_S3_ACCESS_KEY"), SecretKey: os.Getenv("RESUMEWATCH_S3_SECRET_KEY"),
		Scratch: t.TempDir(), Seal: keys, Now: time.Now, Timeout: 3 * time.Second}
	c, err := minio.New(strings.TrimPrefix(server, "http://"), &minio.Options{Creds: o.creds()})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.MakeBucket(t.Context(), bucket, minio.MakeBucketOptions{}); err != nil && minio.ToErrorResponse(err).Code != "BucketAlreadyOwnedByYou" {
		t.Fatal(err)
	}
	s, err := OpenS3(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s, way, o, keys
}

func bucketName() string {
	return fmt.Sprintf("faults-%d", time.Now().UnixNano())
}

// A real server keeps the conditions and checks the digests.
func TestRealS3Conditions(t *testing.T) {
	s, way, o, _ := onReal(t, bucketName())
	name := "2026/03/20260314T000000Z-w-ABCDEFGH.warc.gz.age"
	one := bytes.Repeat([]byte("one"), 1000)
	if err := s.put(t.Context(), name, bytes.NewReader(one), int64(len(one)), ""); err != nil {
		t.Fatal(err)
	}
	if err := s.put(t.Context(), name, strings.NewReader("two"), 3, ""); !errors.Is(err, fs.ErrExist) {
		t.Errorf("overwritten: %v", err)
	}
	if err := s.put(t.Context(), name, strings.NewReader("two"), 3, "0123456789abcdef0123456789abcdef"); err == nil {
		t.Error("replaced though it is another one")
	}
	if err := s.put(t.Context(), name, bytes.NewReader(one), int64(len(one)), ""); err != nil {
		t.Errorf("the same again: %v", err)
	}
	info, err := s.stat(t.Context(), name)
	if err != nil || info.Size != int64(len(one)) || info.UserMetadata[sumField] == "" {
		t.Errorf("%+v %v", info, err)
	}
	// Other bytes than were signed for: the server, not we, must see it.
	_, err = s.client.PutObject(t.Context(), o.Bucket, "p/wrong", strings.NewReader("other bytes"), 11, "", strings.Repeat("ab", 32), minio.PutObjectOptions{DisableContentSha256: true})
	if err == nil {
		t.Error("the server took bytes that don't have their digest")
	}
	bad := o
	bad.SecretKey = "hushhush"
	if _, err := OpenS3(t.Context(), bad); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "denies access (SignatureDoesNotMatch)") || strings.Contains(err.Error(), "hush") {
		t.Errorf("%v", err)
	}
	bad = o
	bad.Bucket = "there-is-none"
	if _, err := OpenS3(t.Context(), bad); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "there is no bucket there-is-none at "+way.URL) {
		t.Errorf("%v", err)
	}
}

func TestRealS3LargeObjects(t *testing.T) {
	s, way, _, _ := onReal(t, bucketName())
	s.part = 5 << 20
	name := "2026/03/20260314T000000Z-w-ABCDEFGH.warc.gz.age"
	data := noise(12 << 20)
	if err := s.put(t.Context(), name, bytes.NewReader(data), int64(len(data)), ""); err != nil {
		t.Fatal(err)
	}
	r, err := s.open(t.Context(), name, "p/"+name, 4<<20, 3<<20)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, data[4<<20:7<<20]) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	data[0] ^= 1
	if err := s.put(t.Context(), name, bytes.NewReader(data), int64(len(data)), ""); !errors.Is(err, fs.ErrExist) {
		t.Errorf("overwritten in pieces: %v", err)
	}
	// The third piece doesn't come, and neither does the word that it won't.
	way.Fail(func(r *http.Request) s3test.Fault {
		if n := r.URL.Query().Get("partNumber"); n == "3" || r.Method == http.MethodDelete {
			return s3test.HalfUpload
		}
		return s3test.None
	})
	other := "2026/03/20260314T000000Z-gone-ABCDEFGH.warc.gz.age"
	if err := s.put(t.Context(), other, bytes.NewReader(data), int64(len(data)), ""); !errors.Is(err, ErrUnavailable) {
		t.Fatal(err)
	}
	way.Fail(nil)
	left := func() int {
		up, err := s.uploads(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(up)
	}
	if left() != 1 {
		t.Errorf("%d uploads are left by one that was cut off", left())
	}
	known := func(file string) int64 { return map[string]int64{name: int64(len(data))}[file] }
	if _, err := s.Recover(t.Context(), known, func(string) bool { return false }); err != nil || left() != 0 {
		t.Errorf("%v, %d uploads", err, left())
	}
}

// The same faults as on storage in memory.
func TestRealS3FaultsThatPass(t *testing.T) {
	bucket := bucketName()
	for _, what := range []s3test.Fault{s3test.Busy, s3test.Cut, s3test.HalfUpload, s3test.Lost} {
		t.Run(fmt.Sprint(what), func(t *testing.T) {
			s, way, _, keys := onReal(t, bucket)
			n := 0
			way.Fail(func(*http.Request) s3test.Fault {
				if n++; n%3 == 0 {
					return what
				}
				return s3test.None
			})
			p := testWriter(t, s, "w")
			first, second := appendOne(t, p, pageCapture(t)), appendOne(t, p, pageCapture(t))
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			got, err := s.Recover(t.Context(), func(string) int64 { return first.End() }, func(file string) bool { return file != first.File })
			if err != nil || got.Cut != 1 || got.Bytes != second.Length {
				t.Errorf("%+v %v", got, err)
			}
			if r, err := VerifyStore(t.Context(), s, keys.identities()); err != nil || !r.OK {
				t.Errorf("%+v %v", r, err)
			}
			if err := s.Remove(t.Context(), first.File); err != nil {
				t.Error(err)
			}
		})
	}
}
