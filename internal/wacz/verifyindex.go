package wacz

import (
	"archive/zip"
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"resumewatch/internal/evidence"
)

// maxAddresses bounds the addresses of an index that are remembered.
const maxAddresses = 2_000_000

// addresses are those that an index knows.
type addresses struct {
	all  map[[16]byte]struct{}
	full bool // there were more; any other may be known
}

func (a *addresses) add(address string) {
	if len(a.all) >= maxAddresses {
		a.full = true
		return
	}
	sum := sha256.Sum256([]byte(address))
	a.all[[16]byte(sum[:16])] = struct{}{}
}

func (a *addresses) has(address string) bool {
	sum := sha256.Sum256([]byte(address))
	_, ok := a.all[[16]byte(sum[:16])]
	return ok || a.full
}

// index follows each line to its record.
func (v *verifier) index() (*addresses, error) {
	known := &addresses{all: map[[16]byte]struct{}{}}
	var budget int64 // records don't overlap: together they can't be longer than their files
	for _, f := range v.named("archive/", "") {
		budget += int64(f.UncompressedSize64)
	}
	lines := 0
	for _, f := range v.named("indexes/", ".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz") {
		last := ""
		err := v.lines(f, func(number int, text []byte) {
			key, stamp, e, err := parseLine(string(text))
			if err != nil {
				if !strings.HasPrefix(string(text), "!meta") {
					v.fault(checkIndex, "%s: line %d: %v", f.Name, number, err)
				}
				return
			}
			if place := key + " " + stamp; place < last {
				v.fault(checkIndex, "%s: line %d: out of order", f.Name, number)
			} else {
				last = place
			}
			if budget -= int64(e.Length); budget < 0 {
				v.fault(checkIndex, "%s: line %d: the lines name more bytes than there are", f.Name, number)
				return
			}
			if err := v.follow(stamp, e); err != nil {
				v.fault(checkIndex, "%s: line %d: %v", f.Name, number, err)
				return
			}
			known.add(e.URL)
			lines++
		})
		if err != nil {
			v.fault(checkIndex, "%v", err)
		}
		if v.ctx.Err() != nil {
			return nil, v.ctx.Err()
		}
	}
	for _, f := range v.named("indexes/", ".idx") {
		if err := v.blocks(f); err != nil {
			return nil, err
		}
	}
	if known.full {
		v.unchecked("pages that are not among the first %d addresses of the index", maxAddresses)
	}
	v.ok(checkIndex, "%d lines lead to their records", lines)
	return known, nil
}

// follow holds a line of the index against the record that it names.
func (v *verifier) follow(stamp string, e entry) error {
	part, err := v.stretch("archive/"+e.Filename, int64(e.Offset), int64(e.Length))
	if err != nil {
		return err
	}
	hash := sha256.New()
	src := io.TeeReader(&ctxReader{v.ctx, part}, hash)
	rec, err := evidence.NewReader(src).Next()
	if err != nil {
		return fmt.Errorf("byte %d of %.100s: %w", e.Offset, e.Filename, err)
	}
	r, err := describe(rec)
	if err != nil {
		return err
	}
	switch {
	case r.url != e.URL:
		return fmt.Errorf("byte %d of %s is a record of %.300s, not of %.300s", e.Offset, e.Filename, r.url, e.URL)
	case r.indexed() && stamp14(r.at) != stamp[:min(14, len(stamp))]:
		return fmt.Errorf("byte %d of %s is a record of %s, not of %.20s", e.Offset, e.Filename, r.date, stamp)
	case e.Digest != "" && r.digest != "" && !sameDigest(e.Digest, r.digest):
		return fmt.Errorf("byte %d of %s has payload %.100s, not %.100s", e.Offset, e.Filename, r.digest, e.Digest)
	}
	want, ok := strings.CutPrefix(e.RecordDigest, "sha256:")
	if !ok {
		return nil
	}
	if _, err := io.Copy(io.Discard, src); err != nil {
		return err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != want {
		return fmt.Errorf("byte %d of %s: the record has digest sha256:%s, not %.100s", e.Offset, e.Filename, got, e.RecordDigest)
	}
	return nil
}

// sameDigest compares digests whose algorithm one tool names and another leaves out.
func sameDigest(a, b string) bool {
	return a == b || strings.EqualFold(a[strings.IndexByte(a, ':')+1:], b[strings.IndexByte(b, ':')+1:])
}

// blocks checks the list of the gzip members of a compressed index.
func (v *verifier) blocks(f *zip.File) error {
	var target *zip.File
	var end int64
	err := v.lines(f, func(number int, text []byte) {
		head, doc, _ := strings.Cut(string(text), " {")
		var b struct {
			Filename string `json:"filename"`
			Offset   int64  `json:"offset"`
			Length   int64  `json:"length"`
			Digest   string `json:"digest"`
		}
		if err := json.Unmarshal([]byte("{"+doc), &b); err != nil {
			v.fault(checkIndex, "%s: line %d: %v", f.Name, number, err)
			return
		}
		if strings.HasPrefix(head, "!meta") {
			target = v.files[path.Join("indexes", path.Base(b.Filename))]
			return
		}
		if target == nil || target.Method != zip.Store {
			v.fault(checkIndex, "%s: line %d: no stored index that it is about", f.Name, number)
			return
		}
		if size := int64(target.UncompressedSize64); b.Offset != end || b.Length <= 0 || b.Length > size-b.Offset {
			v.fault(checkIndex, "%s: line %d: bytes %d+%d don't follow those in front", f.Name, number, b.Offset, b.Length)
			return
		}
		end += b.Length
		at, err := target.DataOffset()
		if err != nil {
			v.fault(checkIndex, "%s: %v", target.Name, err)
			return
		}
		want, ok := strings.CutPrefix(b.Digest, "sha256:")
		if !ok {
			return // optional; the file has one as a whole
		}
		hash := sha256.New()
		if _, err := io.Copy(hash, io.NewSectionReader(v.r, at+b.Offset, b.Length)); err != nil {
			v.fault(checkIndex, "%s: %v", target.Name, err)
		} else if got := hex.EncodeToString(hash.Sum(nil)); got != want {
			v.fault(checkIndex, "%s: line %d: the block has digest sha256:%s, not %.100s", f.Name, number, got, b.Digest)
		}
	})
	if err != nil {
		v.fault(checkIndex, "%v", err)
	}
	if target != nil && end != int64(target.UncompressedSize64) {
		v.fault(checkIndex, "%s: blocks end at byte %d of %d of %s", f.Name, end, target.UncompressedSize64, target.Name)
	}
	return v.ctx.Err()
}

// lines calls fn for each line of a file, which may be compressed once more.
func (v *verifier) lines(f *zip.File, fn func(number int, text []byte)) error {
	rc, err := f.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	defer rc.Close()
	var src io.Reader = &ctxReader{v.ctx, rc}
	if strings.HasSuffix(f.Name, ".gz") {
		z, err := gzip.NewReader(bufio.NewReader(src))
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		src = z
	}
	s := bufio.NewScanner(src)
	s.Buffer(make([]byte, 0, 64<<10), maxLine)
	for number := 1; s.Scan(); number++ {
		if len(s.Bytes()) > 0 {
			fn(number, s.Bytes())
		}
	}
	if err := s.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("a line of more than %d bytes", maxLine)
		}
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	return nil
}
