//go:build parts

package evidence_test

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"resumewatch/internal/evidence"
	"resumewatch/internal/evidence/evidencetest"
)

// realBucket makes a bucket of a real server (deploy/testparts/with s3 -- …).
func realBucket(t *testing.T, keeping bool) evidence.S3Options {
	t.Helper()
	o := evidence.S3Options{
		Endpoint: os.Getenv("RESUMEWATCH_S3"), AccessKey: os.Getenv("RESUMEWATCH_S3_ACCESS_KEY"), SecretKey: os.Getenv("RESUMEWATCH_S3_SECRET_KEY"),
		Bucket: "evidence-" + strings.ToLower(rand.Text()[:10]), Scratch: t.TempDir(), Now: time.Now,
	}
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Host == "" {
		t.Fatal("RESUMEWATCH_S3 is not set: deploy/testparts/with s3 -- go test -tags parts …")
	}
	c, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(o.AccessKey, o.SecretKey, "")})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.MakeBucket(t.Context(), o.Bucket, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	if keeping {
		if err := c.EnableVersioning(t.Context(), o.Bucket); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

func TestRealS3Conforms(t *testing.T) {
	for _, keeping := range []bool{false, true} {
		t.Run(fmt.Sprint("versions ", keeping), func(t *testing.T) {
			o := realBucket(t, keeping)
			n := 0
			evidencetest.Run(t, func(t *testing.T) evidencetest.Open {
				n++
				o := o
				o.Prefix = fmt.Sprintf("team/%d", n)
				return func(t *testing.T, seal evidence.Sealer) evidence.Store {
					t.Helper()
					o.Seal = seal
					s, err := evidence.OpenS3(t.Context(), o)
					if err != nil {
						t.Fatal(err)
					}
					return s
				}
			})
		})
	}
}
