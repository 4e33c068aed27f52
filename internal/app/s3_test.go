package app

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/evidence/s3test"
)

// onFake makes the evidence of these options go to storage in memory.
func onFake(t *testing.T, o *Options) (*s3test.Fake, *s3test.Faults) {
	t.Helper()
	fake := s3test.NewFake("evidence")
	fake.Key = "access"
	way := s3test.Before(fake)
	t.Cleanup(way.Close)
	dir := t.TempDir()
	c := *o.Config
	c.Evidence.URL = "s3://evidence/board"
	c.Evidence.S3.Endpoint = way.URL
	c.Evidence.S3.AccessKeyFile, c.Evidence.S3.SecretKeyFile = filepath.Join(dir, "access"), filepath.Join(dir, "secret")
	must(t, os.WriteFile(c.Evidence.S3.AccessKeyFile, []byte("access\n"), 0o600))
	must(t, os.WriteFile(c.Evidence.S3.SecretKeyFile, []byte("hushhush\n"), 0o600))
	o.Config = &c
	return fake, way
}

func verified(t *testing.T, o Options) {
	t.Helper()
	r, err := OpenReader(t.Context(), o)
	must(t, err)
	defer r.Close()
	report, err := r.VerifyEvidence(t.Context(), nil)
	must(t, err)
	if !report.OK || len(report.Unchecked) > 0 {
		t.Errorf("%+v", report)
	}
}

// With its evidence in S3-compatible storage a casebook is the same, and what it
// keeps is checked and opened by the same commands.
func TestEvidenceOnS3(t *testing.T) {
	path := archiveOf(t, 400)
	in := ImportOptions{Paths: []string{path}, GroupID: "1000045678"}
	quiet := testOptions(t)
	_, err := Import(t.Context(), quiet, in)
	must(t, err)

	o := testOptions(t)
	fake, way := onFake(t, &o)
	_, err = Import(t.Context(), o, in)
	must(t, err)
	same(t, "dump", dump(t, quiet), dump(t, o))
	names := fake.Names("evidence")
	if len(names) < 3 || names[len(names)-1] != "board/"+storeIDFile {
		t.Fatalf("%v", names)
	}
	if left, err := filepath.Glob(filepath.Join(o.Data, "evidence", "*")); err != nil || len(left) > 0 {
		t.Errorf("the folder holds %v %v", left, err)
	}
	verified(t, o)

	r, err := OpenReader(t.Context(), o)
	must(t, err)
	defer r.Close()
	file := strings.TrimPrefix(names[1], "board/")
	for _, name := range []string{file, "s3://evidence/" + names[1], filepath.Base(file)} {
		out, err := r.OpenEvidence(t.Context(), t.TempDir(), nil, []string{name})
		must(t, err)
		report, err := VerifyFile(t.Context(), o, out[0])
		must(t, err)
		same(t, "opened "+name, true, report.OK)
	}
	_, err = r.OpenWACZ(t.Context(), filepath.Join(t.TempDir(), "x.wacz"), nil, []string{file})
	must(t, err)

	part := func(name string) Part {
		t.Helper()
		for _, p := range Doctor(t.Context(), o).Parts {
			if p.Part == name {
				return p
			}
		}
		return Part{}
	}
	p := part("evidence")
	same(t, "doctor", true, p.OK)
	if !strings.HasPrefix(p.Detail, "s3://evidence/board at http://127.0.0.1:") {
		t.Error(p.Detail)
	}
	data := fake.Get("evidence", names[1])
	fake.Set("evidence", names[1], nil)
	p = part("evidence")
	if p.OK || !strings.Contains(p.Detail, file+": it is missing") {
		t.Errorf("%+v", p)
	}
	fake.Set("evidence", names[1], data)
	way.Fail(s3test.Always(s3test.Denied))
	p = part("evidence")
	if p.OK || !strings.Contains(p.Detail, "denies access") || !strings.Contains(p.Mend, "evidence.s3") || strings.Contains(p.Detail, "hush") {
		t.Errorf("%+v", p)
	}
	way.Fail(nil)

	// Another casebook does not take it for its own.
	other := testOptions(t)
	other.Config = o.Config
	if _, err := Import(t.Context(), other, in); err == nil || !strings.Contains(err.Error(), "belongs to another casebook") {
		t.Errorf("%v", err)
	}
}

// While storage is away work waits, and is done when it is back.
func TestS3IsAwayForAWhile(t *testing.T) {
	path := archiveOf(t, 400)
	in := ImportOptions{Paths: []string{path}, GroupID: "1000045678"}
	quiet := testOptions(t)
	_, err := Import(t.Context(), quiet, in)
	must(t, err)
	for name, what := range map[string]s3test.Fault{"busy": s3test.Busy, "denied": s3test.Denied, "cut": s3test.Cut, "half an upload": s3test.HalfUpload} {
		t.Run(name, func(t *testing.T) {
			o := testOptions(t)
			fake, way := onFake(t, &o)
			var log strings.Builder
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			began := time.Now()
			way.Fail(func(r *http.Request) s3test.Fault { // the name is given at the start
				if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/2") && time.Since(began) < 3*time.Second {
					return what
				}
				return s3test.None
			})
			report, err := Import(t.Context(), o, in)
			must(t, err)
			if way.Hits() == 0 || report.Failed {
				t.Errorf("%d faults, %+v", way.Hits(), report.Summary)
			}
			same(t, "dump", dump(t, quiet), dump(t, o))
			verified(t, o)
			if strings.Contains(log.String(), "hush") {
				t.Error(log.String())
			}
			_ = fake
		})
	}
}

// What a killed process left in the bucket is swept at the next start.
func TestOrphansOnS3(t *testing.T) {
	o := testOptions(t)
	fake, _ := onFake(t, &o)
	_, err := Import(t.Context(), o, ImportOptions{Paths: []string{archiveOf(t, 400)}, GroupID: "1000045678"})
	must(t, err)
	names := fake.Names("evidence")
	orphan := names[1][:len("board/2026/11/")] + "20260101T000000Z-gone-ABCDEFGH.warc.gz.age"
	fake.Set("evidence", orphan, []byte("half"))
	stranger := "board/notes.txt"
	fake.Set("evidence", stranger, []byte("of somebody else"))
	s, err := Open(context.WithoutCancel(t.Context()), o)
	must(t, err)
	must(t, s.Close())
	if fake.Get("evidence", orphan) != nil || fake.Get("evidence", stranger) == nil {
		t.Errorf("%v", fake.Names("evidence"))
	}
	verified(t, o)
}

// A worker that can't write evidence is not ready.
func TestS3IsPartOfHealth(t *testing.T) {
	o := testOptions(t)
	_, way := onFake(t, &o)
	s, err := Open(context.WithoutCancel(t.Context()), o)
	must(t, err)
	check, ok := s.rt.checks(s.Book)["evidence"]
	if !ok || check(t.Context()) != nil {
		t.Errorf("%v %v", ok, check(t.Context()))
	}
	way.Fail(s3test.Always(s3test.Denied))
	if err := check(t.Context()); err == nil {
		t.Error("it is well")
	}
	way.Fail(nil)
	must(t, s.Close())
}

func TestS3WithoutKeys(t *testing.T) {
	o := testOptions(t)
	onFake(t, &o)
	o.Config.Evidence.S3.AccessKeyFile, o.Config.Evidence.S3.SecretKeyFile = "", ""
	_, err := Open(t.Context(), o)
	wantUsage(t, err, "AWS_ACCESS_KEY_ID")
	env := o.Env
	o.Env = func(k string) string {
		return map[string]string{"AWS_ACCESS_KEY_ID": "access", "AWS_SECRET_ACCESS_KEY": "hushhush", "RESUMEWATCH_TEST": env("RESUMEWATCH_TEST")}[k]
	}
	s, err := Open(t.Context(), o)
	must(t, err)
	must(t, s.Close())
	o.Config.Evidence.S3.AccessKeyFile = filepath.Join(t.TempDir(), "none")
	_, err = Open(t.Context(), o)
	wantUsage(t, err, "evidence.s3.access_key_file")
}
