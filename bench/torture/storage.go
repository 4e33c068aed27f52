package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"resumewatch/internal/evidence/s3test"
)

// storage is S3-compatible storage that the evidence goes to: the server of
// RESUMEWATCH_S3 (deploy/testparts/s3), else one in memory. The way to it fails
// now and then.
type storage struct {
	dir    string
	bucket string
	fake   *s3test.Fake  // nil: a real server
	client *minio.Client // nil: ours
	way    *s3test.Faults

	mu  sync.Mutex
	rnd *rand.Rand
}

// unlucky is the share of requests that meet a fault.
const unlucky = 0.04

func newStorage(ctx context.Context, dir string, seed uint64) (_ *storage, err error) {
	s := &storage{dir: dir, bucket: "torture", rnd: rand.New(rand.NewPCG(seed, 3))}
	access, secret := "access", "secret"
	if server := os.Getenv("RESUMEWATCH_S3"); server != "" {
		access, secret = os.Getenv("RESUMEWATCH_S3_ACCESS_KEY"), os.Getenv("RESUMEWATCH_S3_SECRET_KEY")
		u, err := url.Parse(server)
		if err != nil {
			return nil, fmt.Errorf("RESUMEWATCH_S3: %w", err)
		}
		if s.client, err = minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(access, secret, ""), Secure: u.Scheme == "https"}); err != nil {
			return nil, err
		}
		s.bucket += "-" + strconv.FormatUint(rand.Uint64(), 36)
		if err := s.client.MakeBucket(ctx, s.bucket, minio.MakeBucketOptions{}); err != nil {
			return nil, fmt.Errorf("bucket %s: %w", s.bucket, err)
		}
		if s.way, err = s3test.BeforeServer(server); err != nil {
			return nil, err
		}
	} else {
		s.fake = s3test.NewFake(s.bucket)
		s.fake.Key = access
		s.way = s3test.Before(s.fake)
	}
	for name, text := range map[string]string{"s3_access": access, "s3_secret": secret} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o600); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	return s, nil
}

func (s *storage) close() error {
	s.way.Close()
	return nil
}

// settings are the lines of a configuration that send evidence below a prefix.
func (s *storage) settings(prefix string) string {
	q := strconv.Quote
	return "evidence:\n  url: " + q("s3://"+s.bucket+"/"+prefix) + "\n  s3:\n    endpoint: " + q(s.way.URL) +
		"\n    access_key_file: " + q(filepath.Join(s.dir, "s3_access")) + "\n    secret_key_file: " + q(filepath.Join(s.dir, "s3_secret")) + "\n"
}

// hurt lets requests fail by chance from now on, or no more.
func (s *storage) hurt(on bool) {
	if !on {
		s.way.Fail(nil)
		return
	}
	kinds := []s3test.Fault{s3test.Busy, s3test.Cut, s3test.HalfUpload, s3test.Lost, s3test.Denied}
	s.way.Fail(func(r *http.Request) s3test.Fault {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.rnd.Float64() >= unlucky {
			return s3test.None
		}
		what := kinds[s.rnd.IntN(len(kinds))]
		if what == s3test.Denied && (r.Method != http.MethodPut || strings.HasSuffix(r.URL.Path, "/store-id")) {
			return s3test.Busy // what is denied at a start ends the program, rightly
		}
		return what
	})
}

// names are those of all objects below a prefix, without it.
func (s *storage) names(ctx context.Context, prefix string) (map[string]bool, error) {
	out := map[string]bool{}
	if s.fake != nil {
		for _, name := range s.fake.Names(s.bucket) {
			if rest, ok := strings.CutPrefix(name, prefix+"/"); ok {
				out[rest] = true
			}
		}
		return out, nil
	}
	for o := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: prefix + "/", Recursive: true}) {
		if o.Err != nil {
			return nil, fmt.Errorf("list of the bucket: %w", o.Err)
		}
		out[strings.TrimPrefix(o.Key, prefix+"/")] = true
	}
	return out, nil
}

// strays are objects that the casebook doesn't know, and those that it knows and
// that aren't there, by what `evidence list --json --limit 0` says.
func (s *storage) strays(ctx context.Context, prefix string, list []byte) (orphans, missing []string, err error) {
	have, err := s.names(ctx, prefix)
	if err != nil {
		return nil, nil, err
	}
	delete(have, "store-id")
	known := map[string]bool{}
	for line := range bytes.Lines(list) {
		var l struct {
			File string `json:"file"`
		}
		if err := json.Unmarshal(line, &l); err != nil {
			return nil, nil, fmt.Errorf("evidence list: %w", err)
		}
		known[l.File], known[strings.TrimSuffix(l.File, ".warc.gz.age")+".idx"] = true, true
	}
	for name := range have {
		if !known[name] {
			orphans = append(orphans, name)
		}
	}
	for name := range known {
		if !have[name] {
			missing = append(missing, name)
		}
	}
	return orphans, missing, nil
}
