package evidence

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Any changed byte of the store is found, with the keys and, but for the .idx's
// own words, without.
func TestVerifyStoreFindsTampering(t *testing.T) {
	d, keys := testDir(t)
	w := testWriter(t, d, "w")
	a, b := appendOne(t, w, pageCapture(t)), appendOne(t, w, chatCapture(t, 1, testTime))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(d.dir, a.File)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	idx, err := os.ReadFile(filepath.Join(d.dir, idxName(a.File)))
	if err != nil {
		t.Fatal(err)
	}
	swapped := bytes.Clone(data)
	copy(swapped, data[b.Offset:])
	copy(swapped[b.Length:], data[:a.Length])
	flipped := bytes.Clone(data)
	flipped[b.Offset+b.Length/2] ^= 0x40
	for name, change := range map[string]struct{ data, idx []byte }{
		"flipped byte":     {flipped, idx},
		"appended byte":    {append(bytes.Clone(data), 0), idx},
		"cut byte":         {data[:len(data)-1], idx},
		"swapped captures": {swapped, idx},
		"no file":          {nil, idx},
		"digest":           {data, bytes.Replace(idx, []byte(`"digest":"`+a.Digest[:8]), []byte(`"digest":"00000000`), 1)},
		"month":            {data, bytes.Replace(idx, []byte(`"at":"2026-03`), []byte(`"at":"2026-04`), 1)},
		"line gone":        {data, idx[:bytes.IndexByte(idx, '\n')+1]},
		"first line gone":  {data, idx[bytes.IndexByte(idx, '\n')+1:]},
		"line of nonsense": {data, append(bytes.Clone(idx), "nonsense\n"...)},
	} {
		os.Remove(path)
		if change.data != nil {
			if err := os.WriteFile(path, change.data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(d.dir, idxName(a.File)), change.idx, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := VerifyStore(context.Background(), d, keys.identities())
		if err != nil || r.OK {
			t.Errorf("%s: %+v %v", name, r, err)
		}
		if r, err := VerifyStore(context.Background(), d, nil); name != "digest" && (err != nil || r.OK) {
			t.Errorf("%s, without a key: %+v %v", name, r, err)
		}
	}
}

func TestOpenTellsDamageFromMissingKey(t *testing.T) {
	d, keys := testDir(t)
	w := testWriter(t, d, "w")
	ref := appendOne(t, w, pageCapture(t))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), d, ref, nil); !errors.Is(err, ErrNoIdentity) || errors.Is(err, ErrDamaged) {
		t.Errorf("no key: %v", err)
	}
	path := filepath.Join(d.dir, ref.File)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(data); at++ {
		if at > 250 { // behind the head of the age file a sample will do
			at += 60
		}
		if at >= len(data) {
			break
		}
		b := bytes.Clone(data)
		b[at] ^= 1
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Open(context.Background(), d, ref, keys.identities())
		if err == nil {
			_, err = io.Copy(io.Discard, r)
			r.Close()
		}
		if !errors.Is(err, ErrDamaged) {
			t.Fatalf("byte %d: %v", at, err)
		}
	}
}

func FuzzIdx(f *testing.F) {
	line, err := appendIdx(nil, Ref{Digest: strings.Repeat("0a", 32), SealedDigest: strings.Repeat("0b", 32), Length: 7, Kind: KindChat, URL: "urn:qq:group:1000012345", At: testTime.UTC()})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line)
	f.Add(append(line, line...))
	f.Add(line[:40])
	f.Fuzz(func(t *testing.T, b []byte) {
		var out []byte
		end := int64(0)
		_, err := scanIdx(bytes.NewReader(b), "f", func(r Ref, lineEnd int64) error {
			if r.Offset != end || r.Length <= 0 || lineEnd > int64(len(b)) {
				t.Fatalf("%+v behind %d", r, end)
			}
			end = r.End()
			var err error
			out, err = appendIdx(out, r)
			return err
		})
		if err != nil {
			return
		}
		n := 0
		if _, err := scanIdx(bytes.NewReader(out), "f", func(Ref, int64) error { n++; return nil }); err != nil {
			t.Fatalf("what was read can't be written and read: %v", err)
		}
	})
}
