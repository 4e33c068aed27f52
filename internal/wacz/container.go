package wacz

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Caps of what is read of a package, whatever it claims.
const (
	maxFiles    = 100_000
	maxDocument = 16 << 20 // bytes of datapackage.json and its digest
	maxLine     = 1 << 20  // bytes of a line of index or pages
)

// ZIP structures (APPNOTE 6.3 §4.3).
const (
	localLen      = 30
	centralLen    = 46
	endLen        = 22
	end64Len      = 56
	locatorLen    = 20
	localMagic    = 0x04034b50
	endMagic      = 0x06054b50
	end64Magic    = 0x06064b50
	locatorMagic  = 0x07064b50
	descMagic     = 0x08074b50
	hasDescriptor = 0x8
	zip64Extra    = 0x0001
)

// openZip opens a package and checks that each byte of it belongs to something:
// nothing in front of, between or behind its files and their directory, and that
// what is said twice is said alike. Digests cover the files alone, so that what
// is hidden elsewhere would pass them.
func openZip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	dir, dirSize, tail, err := directory(r, size)
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("no ZIP that can be read: %w", err)
	}
	if len(z.File) > maxFiles {
		return nil, fmt.Errorf("%d files, more than %d", len(z.File), maxFiles)
	}
	type placed struct {
		*zip.File
		data int64
	}
	files := make([]placed, len(z.File))
	names := map[string]bool{}
	var listed int64
	for i, f := range z.File {
		if err := checkName(f.Name, names); err != nil {
			return nil, err
		}
		listed += int64(centralLen + len(f.Name) + len(f.Extra) + len(f.Comment))
		if f.Comment != "" {
			return nil, fmt.Errorf("%s: a comment, which no digest covers", f.Name)
		}
		at, err := f.DataOffset()
		if err != nil {
			return nil, fmt.Errorf("%s: no file where the directory says: %w", f.Name, err)
		}
		files[i] = placed{f, at}
	}
	if listed != dirSize {
		return nil, fmt.Errorf("the directory has %d bytes, its files take %d", dirSize, listed)
	}
	slices.SortFunc(files, func(a, b placed) int { return int(min(max(a.data-b.data, -1), 1)) })
	var at int64
	for _, f := range files {
		if at, err = local(r, f.File, at, f.data); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if at != dir {
		return nil, fmt.Errorf("%d bytes between the last file and the directory", dir-at)
	}
	if dir+dirSize != tail {
		return nil, fmt.Errorf("%d bytes between the directory and its end", tail-dir-dirSize)
	}
	return z, nil
}

// checkName takes names that mean the same everywhere.
func checkName(name string, seen map[string]bool) error {
	lower := strings.ToLower(name)
	switch {
	case name == "" || len(name) > 500 || strings.ContainsAny(name, "\\:\x00"):
		return fmt.Errorf("a file named %.100q", name)
	case strings.HasPrefix(name, "/") || slices.ContainsFunc(strings.Split(strings.TrimSuffix(name, "/"), "/"), func(p string) bool { return p == "" || p == "." || p == ".." }):
		return fmt.Errorf("a file named %.100q, which leads out of the package", name)
	case seen[lower]:
		return fmt.Errorf("two files named %.100q", name)
	}
	seen[lower] = true
	return nil
}

// directory finds where the ZIP's directory begins, how long it is and where
// what follows it begins.
func directory(r io.ReaderAt, size int64) (start, length, tail int64, err error) {
	read := func(at int64, n int) ([]byte, error) {
		if at < 0 {
			return nil, errors.New("too short for a ZIP")
		}
		b := make([]byte, n)
		_, err := r.ReadAt(b, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return b, nil
	}
	le := binary.LittleEndian
	tail = size - endLen
	end, err := read(tail, endLen)
	if err != nil {
		return 0, 0, 0, err
	}
	if le.Uint32(end) != endMagic || le.Uint16(end[20:]) != 0 {
		return 0, 0, 0, errors.New("it doesn't end as a ZIP does: cut short, or something was added behind it")
	}
	if le.Uint16(end[4:]) != 0 || le.Uint16(end[6:]) != 0 || le.Uint16(end[8:]) != le.Uint16(end[10:]) {
		return 0, 0, 0, errors.New("a ZIP in several parts")
	}
	start, length = int64(le.Uint32(end[16:])), int64(le.Uint32(end[12:]))
	locator, err := read(max(0, tail-locatorLen), locatorLen)
	if err != nil {
		return 0, 0, 0, err
	}
	if tail < locatorLen+end64Len || le.Uint32(locator) != locatorMagic {
		return start, length, tail, nil
	}
	tail -= locatorLen + end64Len
	end64, err := read(tail, end64Len)
	if err != nil {
		return 0, 0, 0, err
	}
	if le.Uint32(end64) != end64Magic || int64(le.Uint64(locator[8:])) != tail || le.Uint64(end64[4:]) != end64Len-12 {
		return 0, 0, 0, errors.New("the end of its ZIP64 directory is not where it says")
	}
	start, length = int64(le.Uint64(end64[48:])), int64(le.Uint64(end64[40:]))
	if start < 0 || length < 0 || start > size || length > size {
		return 0, 0, 0, errors.New("its ZIP64 directory lies outside of it")
	}
	return start, length, tail, nil
}

// local compares a file's own head with the directory and returns where the
// next one begins.
func local(r io.ReaderAt, f *zip.File, at, data int64) (next int64, err error) {
	if data-at < localLen || data-at > localLen+2*65535 {
		return 0, fmt.Errorf("it doesn't follow the file in front of it: %d bytes between", data-at)
	}
	head := make([]byte, data-at)
	if _, err := r.ReadAt(head, at); err != nil {
		return 0, err
	}
	le := binary.LittleEndian
	nameLen, extraLen := int(le.Uint16(head[26:])), int(le.Uint16(head[28:]))
	if le.Uint32(head) != localMagic || localLen+nameLen+extraLen != len(head) {
		return 0, errors.New("it doesn't follow the file in front of it")
	}
	if string(head[localLen:localLen+nameLen]) != f.Name {
		return 0, errors.New("its own head has another name")
	}
	desc := f.Flags&hasDescriptor != 0
	crc, packed, plain := le.Uint32(head[14:]), uint64(le.Uint32(head[18:])), uint64(le.Uint32(head[22:]))
	fits := func(n, want uint64) bool { return n == want || n == 0xffffffff } // the latter: see the ZIP64 field
	switch {
	case le.Uint16(head[6:]) != f.Flags || le.Uint16(head[8:]) != f.Method || le.Uint16(head[10:]) != f.ModifiedTime || le.Uint16(head[12:]) != f.ModifiedDate:
		return 0, errors.New("its own head differs from the directory")
	case !desc && (crc != f.CRC32 || !fits(packed, f.CompressedSize64) || !fits(plain, f.UncompressedSize64)),
		desc && (crc != 0 && crc != f.CRC32 || packed != 0 && !fits(packed, f.CompressedSize64) || plain != 0 && !fits(plain, f.UncompressedSize64)):
		return 0, errors.New("its own head has another size or checksum than the directory")
	case !bytes.Equal(without64(head[localLen+nameLen:]), without64(f.Extra)):
		return 0, errors.New("its own head has other extra fields than the directory")
	case f.Method == zip.Store && f.CompressedSize64 != f.UncompressedSize64:
		return 0, errors.New("it is stored and has two sizes")
	case f.CompressedSize64 > 1<<60:
		return 0, errors.New("it is longer than any file")
	}
	next = data + int64(f.CompressedSize64)
	if !desc {
		return next, nil
	}
	return descriptor(r, f, next)
}

// descriptor checks the sizes that follow a streamed file, in any of their forms.
func descriptor(r io.ReaderAt, f *zip.File, at int64) (next int64, err error) {
	b := make([]byte, 24)
	n, err := r.ReadAt(b, at)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	b = b[:n]
	le := binary.LittleEndian
	for _, magic := range []bool{true, false} {
		for _, wide := range []bool{true, false} {
			d, size := b, int64(12)
			if magic {
				size += 4
			}
			if wide {
				size += 8
			}
			if int64(len(d)) < size || magic && le.Uint32(d) != descMagic {
				continue
			}
			if magic {
				d = d[4:]
			}
			packed, plain := uint64(le.Uint32(d[4:])), uint64(le.Uint32(d[8:]))
			if wide {
				packed, plain = le.Uint64(d[4:]), le.Uint64(d[12:])
			}
			if le.Uint32(d) == f.CRC32 && packed == f.CompressedSize64 && plain == f.UncompressedSize64 {
				return at + size, nil
			}
		}
	}
	return 0, errors.New("the sizes behind it differ from the directory")
}

// without64 drops the ZIP64 field, which the directory alone may have.
func without64(extra []byte) []byte {
	var out []byte
	for len(extra) >= 4 {
		size := 4 + int(binary.LittleEndian.Uint16(extra[2:]))
		if size > len(extra) {
			break
		}
		if binary.LittleEndian.Uint16(extra) != zip64Extra {
			out = append(out, extra[:size]...)
		}
		extra = extra[size:]
	}
	return append(out, extra...)
}
