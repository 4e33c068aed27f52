package evidence_test

import (
	"fmt"
	"testing"
	"time"

	"resumewatch/internal/evidence"
	"resumewatch/internal/evidence/evidencetest"
	"resumewatch/internal/evidence/s3test"
)

func TestS3Conforms(t *testing.T) {
	for name, set := range map[string]func(*s3test.Fake){
		"plain":            func(*s3test.Fake) {},
		"short pages":      func(f *s3test.Fake) { f.Page = 3 },
		"keeping versions": func(f *s3test.Fake) { f.Keeping = true },
	} {
		t.Run(name, func(t *testing.T) {
			fake := s3test.NewFake("evidence")
			fake.Key = "key"
			set(fake)
			way := s3test.Before(fake)
			defer way.Close()
			n := 0
			evidencetest.Run(t, func(t *testing.T) evidencetest.Open {
				n++
				prefix := fmt.Sprintf("team/%d", n)
				return func(t *testing.T, seal evidence.Sealer) evidence.Store {
					t.Helper()
					s, err := evidence.OpenS3(t.Context(), evidence.S3Options{
						Endpoint: way.URL, Bucket: "evidence", Prefix: prefix, AccessKey: "key", SecretKey: "hush", Scratch: t.TempDir(), Seal: seal, Now: time.Now,
					})
					if err != nil {
						t.Fatal(err)
					}
					return s
				}
			})
		})
	}
}
