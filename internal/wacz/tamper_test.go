package wacz

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/evidence"
)

// file is one file of a package that a test changes.
type file struct {
	name string
	text []byte
}

func unpack(tb testing.TB, b []byte) []file {
	tb.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		tb.Fatal(err)
	}
	var out []file
	for _, f := range z.File {
		out = append(out, file{f.Name, []byte(read(tb, b, f.Name))})
	}
	return out
}

func repack(tb testing.TB, files []file) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Store, Modified: made})
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write(f.text); err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func find(files []file, name string) *file {
	for i := range files {
		if files[i].name == name {
			return &files[i]
		}
	}
	return &file{}
}

// relist makes datapackage.json fit changed files, and its digest too; what a
// forger without the key can do.
func relist(tb testing.TB, files []file) {
	tb.Helper()
	pack := find(files, namePackage)
	var doc dataPackage
	if err := json.Unmarshal(pack.text, &doc); err != nil {
		tb.Fatal(err)
	}
	for i, r := range doc.Resources {
		text := find(files, r.Path).text
		sum := sha256.Sum256(text)
		doc.Resources[i].Hash, doc.Resources[i].Bytes = "sha256:"+hex.EncodeToString(sum[:]), int64(len(text))
	}
	rewrite(tb, pack, doc)
	redigest(tb, files)
}

func redigest(tb testing.TB, files []file) {
	tb.Helper()
	sum := sha256.Sum256(find(files, namePackage).text)
	changeDigest(tb, files, func(d *digestFile) { d.Hash = "sha256:" + hex.EncodeToString(sum[:]) })
}

func changeDigest(tb testing.TB, files []file, change func(*digestFile)) {
	tb.Helper()
	f := find(files, nameDigest)
	var d digestFile
	if err := json.Unmarshal(f.text, &d); err != nil {
		tb.Fatal(err)
	}
	change(&d)
	rewrite(tb, f, d)
}

func rewrite(tb testing.TB, f *file, doc any) {
	tb.Helper()
	var err error
	if f.text, err = json.Marshal(doc); err != nil {
		tb.Fatal(err)
	}
}

// members cuts a .warc.gz into its gzip members.
func members(tb testing.TB, b []byte) [][]byte {
	tb.Helper()
	var starts []int64
	rd := evidence.NewReader(bytes.NewReader(b))
	for {
		rec, err := rd.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			tb.Fatal(err)
		}
		starts = append(starts, rec.Offset)
	}
	var out [][]byte
	for i, at := range starts {
		end := int64(len(b))
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		out = append(out, b[at:end])
	}
	return out
}

// recoded changes the plain text of the gzip members of an archive.
func recoded(tb testing.TB, b []byte, from, to string) []byte {
	tb.Helper()
	var out bytes.Buffer
	changed := false
	for _, m := range members(tb, b) {
		z, err := gzip.NewReader(bytes.NewReader(m))
		if err != nil {
			tb.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			tb.Fatal(err)
		}
		next := bytes.ReplaceAll(text, []byte(from), []byte(to))
		changed = changed || !bytes.Equal(text, next)
		w := gzip.NewWriter(&out)
		if _, err := w.Write(next); err != nil {
			tb.Fatal(err)
		}
		if err := w.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	if !changed {
		tb.Fatalf("%q is not in the archive", from)
	}
	return out.Bytes()
}

const archive1 = "archive/evidence-0001.warc.gz"

// tampered are copies that must be refused, by what names the check that finds it.
func tampered(tb testing.TB) map[string][]byte {
	tb.Helper()
	good, _ := pack(tb, options(tb), chat(tb, 1), board(tb, 1), chat(tb, 2))
	out := map[string][]byte{}
	change := func(name string, fn func(files []file) []file) {
		out[name] = repack(tb, fn(unpack(tb, good)))
	}
	each := func(name string, fn func(files []file)) {
		change(name, func(files []file) []file { fn(files); return files })
	}
	each("resources: flipped payload byte", func(files []file) {
		a := find(files, archive1)
		a.text = recoded(tb, a.text, "2元一份 1", "3元一份 1")
	})
	each("signature: flipped payload byte, all digests made to fit", func(files []file) {
		a := find(files, archive1)
		a.text = recoded(tb, a.text, "2元一份 1", "3元一份 1")
		relist(tb, files)
	})
	each("warc: flipped payload byte, files relisted", func(files []file) {
		a := find(files, archive1)
		a.text = recoded(tb, a.text, "2元一份 1", "3元一份 1")
		relist(tb, files)
	})
	each("warc: truncated member", func(files []file) {
		a := find(files, archive1)
		a.text = a.text[:len(a.text)-9]
	})
	each("captures: truncated by a whole capture, files relisted", func(files []file) {
		a := find(files, archive1)
		a.text = a.text[:len(a.text)-len(chat(tb, 2).plain)]
		relist(tb, files)
	})
	each("resources: swapped records", func(files []file) {
		a := find(files, archive1)
		m := members(tb, a.text)
		m[1], m[2] = m[2], m[1]
		a.text = bytes.Join(m, nil)
	})
	each("index: swapped records, files relisted", func(files []file) {
		a := find(files, archive1)
		m := members(tb, a.text)
		m[1], m[2] = m[2], m[1]
		a.text = bytes.Join(m, nil)
		relist(tb, files)
	})
	each("captures: swapped captures, files relisted", func(files []file) {
		f := find(files, nameCaptures)
		lines := bytes.SplitAfter(f.text, []byte("\n"))
		lines[0], lines[2] = lines[2], lines[0]
		f.text = bytes.Join(lines, nil)
		relist(tb, files)
	})
	each("warc: appended byte in archive", func(files []file) {
		a := find(files, archive1)
		a.text = append(a.text, 0)
	})
	each("datapackage digest: edited datapackage", func(files []file) {
		f := find(files, namePackage)
		f.text = bytes.Replace(f.text, []byte("2026-03-15T"), []byte("2026-03-16T"), 1)
	})
	each("signature: edited datapackage with its digest", func(files []file) {
		f := find(files, namePackage)
		f.text = bytes.Replace(f.text, []byte(`"title": "evidence"`), []byte(`"title": "evidenca"`), 1)
		redigest(tb, files)
	})
	each("signature: edited datapackage with its digest, signature's hash too", func(files []file) {
		f := find(files, namePackage)
		f.text = bytes.Replace(f.text, []byte(`"title": "evidence"`), []byte(`"title": "evidenca"`), 1)
		redigest(tb, files)
		changeDigest(tb, files, func(d *digestFile) { d.Signed.Hash = d.Hash })
	})
	each("signature: another time", func(files []file) {
		changeDigest(tb, files, func(d *digestFile) { d.Signed.Created = made.Add(time.Hour).Format(time.RFC3339) })
	})
	each("signature: another key", func(files []file) {
		changeDigest(tb, files, func(d *digestFile) {
			other, err := sign(testKey(tb, 2), d.Hash, d.Signed.Created, d.Signed.Software)
			if err != nil {
				tb.Fatal(err)
			}
			d.Signed.PublicKey = other.PublicKey
		})
	})
	each("datapackage digest: a field that the format lacks", func(files []file) {
		f := find(files, nameDigest)
		f.text = bytes.Replace(f.text, []byte(`"publicKey"`), []byte(`"note":"","publicKey"`), 1)
	})
	change("datapackage digest: no digest file", func(files []file) []file {
		return slices.DeleteFunc(files, func(f file) bool { return f.name == nameDigest })
	})
	change("datapackage: no datapackage", func(files []file) []file {
		return slices.DeleteFunc(files, func(f file) bool { return f.name == namePackage })
	})
	change("pages: no pages", func(files []file) []file {
		return slices.DeleteFunc(files, func(f file) bool { return f.name == namePages })
	})
	change("datapackage: a file added", func(files []file) []file { return append(files, file{"evidence/note.txt", []byte("x")}) })
	change("container: a file twice", func(files []file) []file { return append(files, file{archive1, []byte("x")}) })
	change("container: a way out", func(files []file) []file { return append(files, file{"../x", []byte("x")}) })
	each("pages: another page, files relisted", func(files []file) {
		f := find(files, namePages)
		f.text = bytes.ReplaceAll(f.text, []byte("thread-1.html"), []byte("thread-9.html"))
		relist(tb, files)
	})
	each("index: a line leads elsewhere, files relisted", func(files []file) {
		f, idx := find(files, nameIndex), find(files, nameBlocks)
		text := gunzip(tb, f.text)
		text = bytes.Replace(text, []byte("bytes:1000-1077"), []byte("bytes:1000-1078"), 1)
		text = bytes.Replace(text, []byte("bytes:1000-1077"), []byte("bytes:1000-1078"), 1)
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(text); err != nil || z.Close() != nil {
			tb.Fatal(err)
		}
		f.text, idx.text = b.Bytes(), []byte("!meta 0 {}\n")
		relist(tb, files)
	})
	out["container: appended byte"] = append(bytes.Clone(good), 0)
	out["container: a byte in front"] = append([]byte{'P'}, good...)
	out["container: cut short"] = good[:len(good)-1]
	out["container: half"] = good[:len(good)/2]
	out["container: nothing"] = nil
	comment := append(bytes.Clone(good), 'x')
	binary.LittleEndian.PutUint16(comment[len(good)-2:], 1)
	out["container: a comment"] = comment
	out["container: hidden between files and directory"] = hidden(good)
	return out
}

// hidden puts a byte between the last file and the directory and makes the end fit.
func hidden(good []byte) []byte {
	end := len(good) - endLen
	at := int(binary.LittleEndian.Uint32(good[end+16:]))
	b := slices.Concat(good[:at], []byte("x"), good[at:])
	binary.LittleEndian.PutUint32(b[end+1+16:], uint32(at+1))
	return b
}

func gunzip(tb testing.TB, b []byte) []byte {
	tb.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		tb.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// Each tampered copy is refused, by the check that its name begins with.
func TestTamperedCopiesAreRefused(t *testing.T) {
	for name, b := range tampered(t) {
		r := verify(t, b, nil)
		check, _, _ := strings.Cut(name, ":")
		found := slices.ContainsFunc(r.Checked, func(c evidence.Check) bool { return !c.OK && c.What == check })
		if r.OK || !found {
			t.Errorf("%s: ok=%v\n%+v", name, r.OK, r.Checked)
		}
	}
}

// A package that another key signed anew is sound in itself; whose key it is says
// the report.
func TestSignedByAnother(t *testing.T) {
	o := options(t)
	ours, err := Fingerprint(&o.Key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	o.Key = testKey(t, 2)
	b, sum := pack(t, o, chat(t, 1))
	r := verify(t, b, map[string]string{ours: "us"})
	if !r.OK || len(r.Unchecked) != 1 || !strings.Contains(r.Unchecked[0], sum.Signer) {
		t.Errorf("%+v", r)
	}
	o.Key = nil
	b, _ = pack(t, o, chat(t, 1))
	if r := verify(t, b, nil); !r.OK || len(r.Unchecked) != 1 || !strings.Contains(r.Unchecked[0], "no signature") {
		t.Errorf("%+v", r)
	}
}

// Every single bit of a package counts, but for those of the ZIP directory that
// say nothing about content.
func TestEveryByteCounts(t *testing.T) {
	good, _ := pack(t, options(t), chat(t, 1))
	free := map[int]bool{} // what no reader takes for content
	end := len(good) - endLen
	at := int(binary.LittleEndian.Uint32(good[end+16:]))
	for at < end {
		for _, n := range []int{4, 5, 6, 7, 34, 35, 36, 37, 38, 39, 40, 41} { // made by, needed, disk, attributes
			free[at+n] = true
		}
		at += centralLen + int(binary.LittleEndian.Uint16(good[at+28:])) + int(binary.LittleEndian.Uint16(good[at+30:]))
	}
	for _, f := range locals(good) {
		free[f+4], free[f+5] = true, true // needed
	}
	passed := 0
	for i := range good {
		b := bytes.Clone(good)
		b[i] ^= 1 << (i % 8)
		if r := verify(t, b, nil); r.OK {
			if passed++; !free[i] {
				t.Errorf("byte %d of %d (%q) may change", i, len(good), good[max(0, i-20):min(len(good), i+20)])
			}
		}
	}
	t.Logf("%d of %d bytes are free", passed, len(good))
}

func locals(b []byte) []int {
	var out []int
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("PK\x03\x04"))
		if i < 0 {
			return out
		}
		out = append(out, at+i)
		at += i + 4
	}
}

func FuzzVerify(f *testing.F) {
	good, _ := pack(f, options(f), chat(f, 1))
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Verify(context.Background(), bytes.NewReader(b), int64(len(b)), VerifyOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if r.OK && len(r.Checked) < 5 {
			t.Fatalf("%+v", r)
		}
	})
}

// Scratch files have no name: a kill leaves nothing unsealed behind.
func TestScratchHasNoName(t *testing.T) {
	dir := t.TempDir()
	o := options(t)
	o.Scratch = dir
	w, err := NewWriter(io.Discard, o)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Drop()
	s := chat(t, 1)
	if err := w.Add(context.Background(), s.ref, bytes.NewReader(s.plain)); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("%v %v", left, err)
	}
}
