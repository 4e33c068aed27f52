package wacz

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"resumewatch/internal/evidence"
)

// What Verify looks at.
const (
	checkContainer = "container"
	checkPackage   = "datapackage"
	checkResources = "resources"
	checkDigest    = "datapackage digest"
	checkSignature = "signature"
	checkPages     = "pages"
	checkIndex     = "index"
	checkCaptures  = "captures"
	checkCustody   = "custody receipts"
	checkWARC      = "warc"
)

// maxFaults is how many faults of one check are named one by one.
const maxFaults = 100

// VerifyOptions are what is known from elsewhere.
type VerifyOptions struct {
	// Signers are fingerprints of keys that are known, and whose they are.
	Signers map[string]string
	// Receipt checks a line of evidence/custody.jsonl and returns the digests of the
	// captures that it is for; nil: receipts aren't checked.
	Receipt func(line []byte) (digests []string, err error)
}

// Is reports whether a file begins as a package (any ZIP) does.
func Is(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// Verify checks a package by whomever it was made: that nothing hides beside its
// files, that each has the digest in datapackage.json and that one its own, whose
// signature that bears, that the records of the archive are sound, that each line
// of the index leads to the record that it names and each page is in the index,
// and, when we made it, that it holds the captures that it says. A signature by a
// key that nobody here knows is listed as unchecked: anybody may make one. Memory
// is bounded. The error is one of ctx or of reading r alone.
func Verify(ctx context.Context, r io.ReaderAt, size int64, o VerifyOptions) (evidence.Report, error) {
	v := &verifier{ctx: ctx, r: r, o: o, files: map[string]*zip.File{}, faulty: map[string]int{}}
	v.report.Checked, v.report.Unchecked = []evidence.Check{}, []string{}
	if err := v.all(size); err != nil {
		return evidence.Report{}, fmt.Errorf("wacz: verify: %w", err)
	}
	v.report.OK = len(v.faulty) == 0
	return v.report, nil
}

type verifier struct {
	ctx    context.Context
	r      io.ReaderAt
	o      VerifyOptions
	files  map[string]*zip.File
	doc    dataPackage
	report evidence.Report
	faulty map[string]int  // by check
	proven map[string]bool // captures with a receipt; nil: there are no receipts
}

func (v *verifier) ok(check, format string, args ...any) {
	if v.faulty[check] == 0 {
		v.report.Checked = append(v.report.Checked, evidence.Check{What: check, OK: true, Detail: fmt.Sprintf(format, args...)})
	}
}

func (v *verifier) fault(check, format string, args ...any) {
	v.faulty[check]++
	switch n := v.faulty[check]; {
	case n <= maxFaults:
		v.report.Checked = append(v.report.Checked, evidence.Check{What: check, Detail: fmt.Sprintf(format, args...)})
	case n == maxFaults+1:
		v.report.Checked = append(v.report.Checked, evidence.Check{What: check, Detail: "more of the kind"})
	}
}

func (v *verifier) unchecked(format string, args ...any) {
	if n := len(v.report.Unchecked); n < maxFaults {
		v.report.Unchecked = append(v.report.Unchecked, fmt.Sprintf(format, args...))
	} else if n == maxFaults {
		v.report.Unchecked = append(v.report.Unchecked, "more of the kind")
	}
}

func (v *verifier) all(size int64) error {
	z, err := openZip(v.r, size)
	if err != nil {
		v.fault(checkContainer, "%v", err)
		v.unchecked("all that it holds")
		return v.ctx.Err()
	}
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, "/") {
			v.files[f.Name] = f
		}
	}
	v.ok(checkContainer, "%d files, every byte accounted for", len(v.files))
	text, err := v.document(namePackage)
	if err != nil {
		v.fault(checkPackage, "%v", err)
		v.unchecked("the files of the package: nothing lists them")
		return v.ctx.Err()
	}
	if err := json.Unmarshal(text, &v.doc); err != nil {
		v.fault(checkPackage, "%s: %v", namePackage, err)
		v.unchecked("the files of the package: nothing lists them")
		return v.ctx.Err()
	}
	v.described()
	v.signed(text)
	if err := v.resources(); err != nil {
		return err
	}
	known, err := v.index()
	if err != nil {
		return err
	}
	if err := v.pages(known); err != nil {
		return err
	}
	if err := v.custody(); err != nil {
		return err
	}
	return v.captures()
}

// document reads a small file whole.
func (v *verifier) document(name string) ([]byte, error) {
	f := v.files[name]
	if f == nil {
		return nil, fmt.Errorf("%s is absent", name)
	}
	rc, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer rc.Close()
	text, err := io.ReadAll(&ctxReader{v.ctx, io.LimitReader(rc, maxDocument+1)})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(text) > maxDocument {
		return nil, fmt.Errorf("%s: more than %d bytes", name, maxDocument)
	}
	return text, nil
}

// described checks that datapackage.json lists what there is.
func (v *verifier) described() {
	d := &v.doc
	if d.Profile != "data-package" {
		v.fault(checkPackage, "profile %.60q", d.Profile)
	}
	if !strings.HasPrefix(d.WACZVersion, "1.") {
		v.fault(checkPackage, "version %.60q of WACZ", d.WACZVersion)
	}
	listed := map[string]bool{}
	for _, r := range d.Resources {
		if listed[r.Path] {
			v.fault(checkPackage, "%.200s is listed twice", r.Path)
		}
		listed[r.Path] = true
		if v.files[r.Path] == nil {
			v.fault(checkPackage, "%.200s is listed and absent", r.Path)
		}
	}
	for name := range v.files {
		if !listed[name] && name != namePackage && name != nameDigest {
			v.fault(checkPackage, "%s is not listed", name)
		}
	}
	if len(v.named("archive/", ".warc", ".warc.gz")) == 0 {
		v.fault(checkPackage, "no WARC in archive/")
	}
	if len(v.named("indexes/", ".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz")) == 0 {
		v.fault(checkPackage, "no index in indexes/")
	}
	v.ok(checkPackage, "WACZ %s, %d files listed, made %s by %s", d.WACZVersion, len(d.Resources), d.Created, d.Software)
}

// named are the files of a folder with one of the endings, in order.
func (v *verifier) named(folder string, endings ...string) []*zip.File {
	var out []*zip.File
	for name, f := range v.files {
		if strings.HasPrefix(name, folder) && slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(name, e) }) {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// signed checks datapackage-digest.json against datapackage.json.
func (v *verifier) signed(pack []byte) {
	text, err := v.document(nameDigest)
	if err != nil {
		v.fault(checkDigest, "%v: nothing vouches for %s", err, namePackage)
		return
	}
	var d digestFile
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields() // wacz-auth: nothing else may stand there
	if err := dec.Decode(&d); err != nil {
		v.fault(checkDigest, "%s: %v", nameDigest, err)
		return
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		v.fault(checkDigest, "%s: something behind its end", nameDigest)
	}
	sum := sha256.Sum256(pack)
	if hash := "sha256:" + hex.EncodeToString(sum[:]); d.Path != namePackage || d.Hash != hash {
		v.fault(checkDigest, "%s has digest %s, not %.100s", namePackage, hash, d.Hash)
	}
	v.ok(checkDigest, "%s", d.Hash)
	if d.Signed == nil {
		v.unchecked("who made it: there is no signature")
		return
	}
	if d.Signed.Hash != d.Hash {
		v.fault(checkSignature, "it is of %.100s", d.Signed.Hash)
		return
	}
	if d.Signed.Created != v.doc.Created {
		v.fault(checkSignature, "it was made %.60s, the package %.60s", d.Signed.Created, v.doc.Created)
	}
	key, domain, err := d.Signed.signer()
	if err != nil {
		v.fault(checkSignature, "%v", err)
		return
	}
	v.ok(checkSignature, "by the key sha256:%s", key)
	switch whose := v.o.Signers[key]; {
	case whose != "":
		v.ok(checkSignature, "that is the key of %s", whose)
	case domain != "":
		v.unchecked("the certificate chain of %s and the time stamp of the signature", domain)
	default:
		v.unchecked("whose the key sha256:%s is: compare it with what its owner has published", key)
	}
}

// resources checks the digest of every file, and archives as WARC.
func (v *verifier) resources() error {
	good := 0
	for _, r := range v.doc.Resources {
		f := v.files[r.Path]
		if f == nil {
			continue
		}
		algorithm, want, _ := strings.Cut(r.Hash, ":")
		if algorithm != "sha256" {
			v.fault(checkResources, "%s: digest %.60q; only sha256 is taken", r.Path, r.Hash)
			continue
		}
		rc, err := f.Open()
		if err != nil {
			v.fault(checkResources, "%s: %v", r.Path, err)
			continue
		}
		hash := sha256.New()
		count := &counter{w: hash}
		src := io.TeeReader(&ctxReader{v.ctx, rc}, count)
		if strings.HasPrefix(r.Path, "archive/") {
			if err := v.warc(r.Path, src); err != nil {
				v.fault(checkWARC, "%s: %v", r.Path, err)
			}
		}
		_, err = io.Copy(io.Discard, src)
		_ = rc.Close() // of reading
		if v.ctx.Err() != nil {
			return v.ctx.Err()
		}
		switch got := hex.EncodeToString(hash.Sum(nil)); {
		case err != nil:
			v.fault(checkResources, "%s: %v", r.Path, err)
		case count.n != r.Bytes:
			v.fault(checkResources, "%s: %d bytes, listed with %d", r.Path, count.n, r.Bytes)
		case got != want:
			v.fault(checkResources, "%s: digest sha256:%s, listed with %.80s", r.Path, got, r.Hash)
		default:
			good++
		}
	}
	v.ok(checkResources, "%d match", good)
	return nil
}

func (v *verifier) warc(name string, src io.Reader) error {
	inner, err := evidence.Verify(v.ctx, src)
	if err != nil {
		return err
	}
	for _, c := range inner.Checked {
		if c.OK {
			v.ok(checkWARC, "%s: %s: %s", name, c.What, c.Detail)
		} else {
			v.fault(checkWARC, "%s: %s: %s", name, c.What, c.Detail)
		}
	}
	for _, u := range inner.Unchecked {
		v.unchecked("%s: %s", name, u)
	}
	return nil
}

// pages checks the list of pages against the addresses of the index.
func (v *verifier) pages(known *addresses) error {
	f := v.files[namePages]
	if f == nil {
		v.fault(checkPages, "%s is absent", namePages)
		return nil
	}
	n := 0
	err := v.lines(f, func(number int, text []byte) {
		var p struct {
			Format string `json:"format"`
			URL    string `json:"url"`
			TS     string `json:"ts"`
		}
		if err := json.Unmarshal(text, &p); err != nil {
			v.fault(checkPages, "line %d: %v", number, err)
			return
		}
		if number == 1 {
			if p.Format != "json-pages-1.0" {
				v.fault(checkPages, "line 1: format %.60q", p.Format)
			}
			return
		}
		n++
		address, _, _ := strings.Cut(p.URL, "#")
		if _, err := time.Parse(time.RFC3339Nano, p.TS); err != nil || address == "" {
			v.fault(checkPages, "line %d: a page needs url and ts", number)
		} else if !known.has(address) {
			v.fault(checkPages, "line %d: %.300s is not in the index", number, address)
		}
	})
	if err != nil {
		v.fault(checkPages, "%v", err)
	}
	if n == 0 {
		v.fault(checkPages, "no page")
	}
	v.ok(checkPages, "%d in the index", n)
	return v.ctx.Err()
}

// maxProven bounds the captures with a receipt that are remembered.
const maxProven = 500_000

// custody checks the receipts of a log that our own packages have.
func (v *verifier) custody() error {
	f := v.files[nameCustody]
	if f == nil {
		return nil
	}
	if v.o.Receipt == nil {
		v.unchecked("%s: its receipts", nameCustody)
		return nil
	}
	n := 0
	v.proven = map[string]bool{}
	err := v.lines(f, func(number int, text []byte) {
		digests, err := v.o.Receipt(text)
		if err != nil {
			v.fault(checkCustody, "line %d: %v", number, err)
			return
		}
		n++
		for _, d := range digests {
			if len(v.proven) < maxProven {
				v.proven[d] = true
			}
		}
	})
	if err != nil {
		v.fault(checkCustody, "%v", err)
	}
	v.ok(checkCustody, "%d good", n)
	return v.ctx.Err()
}

// captures checks the stretches that our own packages name.
func (v *verifier) captures() error {
	f := v.files[nameCaptures]
	if f == nil {
		return nil
	}
	ends, n := map[string]int64{}, 0
	err := v.lines(f, func(number int, text []byte) {
		var c CaptureLine
		if err := json.Unmarshal(text, &c); err != nil {
			v.fault(checkCaptures, "line %d: %v", number, err)
			return
		}
		if c.ArchiveOffset != ends[c.Archive] || c.ArchiveLength <= 0 {
			v.fault(checkCaptures, "line %d: bytes %d+%d of %.100s don't follow those in front", number, c.ArchiveOffset, c.ArchiveLength, c.Archive)
			return
		}
		part, err := v.stretch(c.Archive, c.ArchiveOffset, c.ArchiveLength)
		if err != nil {
			v.fault(checkCaptures, "line %d: %v", number, err)
			return
		}
		ends[c.Archive] += c.ArchiveLength
		hash := sha256.New()
		if _, err := io.Copy(hash, &ctxReader{v.ctx, part}); err != nil {
			v.fault(checkCaptures, "line %d: %v", number, err)
		} else if got := hex.EncodeToString(hash.Sum(nil)); got != c.Digest {
			v.fault(checkCaptures, "line %d: digest %s, listed with %.80s", number, got, c.Digest)
		} else if n++; v.proven != nil && !v.proven[c.Digest] {
			v.unchecked("capture %s: whether it stands in the custody log; the package has no receipt of it", c.Digest)
		}
	})
	if err != nil {
		v.fault(checkCaptures, "%v", err)
	}
	for _, f := range v.named("archive/", "") {
		if ends[f.Name] != int64(f.UncompressedSize64) {
			v.fault(checkCaptures, "%s: captures end at byte %d of %d", f.Name, ends[f.Name], f.UncompressedSize64)
		}
	}
	v.ok(checkCaptures, "%d match", n)
	return v.ctx.Err()
}

// stretch is a part of an archive file.
func (v *verifier) stretch(name string, offset, length int64) (io.Reader, error) {
	f := v.files[name]
	if f == nil || path.Dir(name) != "archive" {
		return nil, fmt.Errorf("%.100s is no archive file", name)
	}
	if f.Method != zip.Store {
		return nil, fmt.Errorf("%s is compressed twice: nothing can be cut out of it", name)
	}
	if size := int64(f.UncompressedSize64); offset < 0 || length < 0 || offset > size || length > size-offset {
		return nil, fmt.Errorf("bytes %d+%d of %s, which has %d", offset, length, name, size)
	}
	at, err := f.DataOffset()
	if err != nil {
		return nil, err
	}
	return io.NewSectionReader(v.r, at+offset, length), nil
}

// counter counts what passes.
type counter struct {
	w io.Writer
	n int64
}

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.w.Write(p)
}
