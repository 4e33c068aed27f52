package evidence

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// faultyFile fails on command. Its disk has so many bytes left.
type faultyFile struct {
	*os.File
	disk *faultyDisk
}

type faultyDisk struct {
	left               int // bytes until ENOSPC
	noTruncate, noSync bool
	files              int
}

func (d *faultyDisk) open(path string) (handle, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	d.files++
	return &faultyFile{f, d}, nil
}

func (f *faultyFile) WriteAt(b []byte, off int64) (int, error) {
	n := min(len(b), f.disk.left)
	f.disk.left -= n
	if n < len(b) {
		f.File.WriteAt(b[:n], off) // a full disk takes what fits
		return n, syscall.ENOSPC
	}
	return f.File.WriteAt(b, off)
}

func (f *faultyFile) Truncate(size int64) error {
	if f.disk.noTruncate {
		return syscall.EIO
	}
	return f.File.Truncate(size)
}

func (f *faultyFile) Sync() error {
	if f.disk.noSync {
		return syscall.EIO
	}
	return f.File.Sync()
}

func faultyDir(t *testing.T) (*Dir, *monthKeys, *faultyDisk) {
	t.Helper()
	d, keys := testDir(t)
	disk := &faultyDisk{left: 1 << 40}
	d.open = disk.open
	return d, keys, disk
}

func sound(t *testing.T, d *Dir, keys *monthKeys, captures string) {
	t.Helper()
	r, err := VerifyStore(context.Background(), d, keys.identities())
	if err != nil || !r.OK {
		t.Fatalf("%+v %v", r, err)
	}
	for _, c := range r.Checked {
		if c.What == checkPlain && !strings.HasPrefix(c.Detail, captures+" ") {
			t.Errorf("%s, want %s captures", c.Detail, captures)
		}
	}
}

// The disk is full after any number of bytes: the capture fails, nothing of it
// stays, and the next one goes well once there is room.
func TestDiskFull(t *testing.T) {
	d, keys, disk := faultyDir(t)
	w := testWriter(t, d, "w")
	first := appendOne(t, w, pageCapture(t))
	lineLength := 0
	for _, left := range []int{0, 1, 100, 200, 1000, int(first.Length) - 1, int(first.Length), int(first.Length) + 10} {
		disk.left = left
		if _, err := w.Append(context.Background(), pageCapture(t)); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("%d bytes left: %v", left, err)
		}
		size, err := d.Size(context.Background(), first.File)
		if err != nil || size != first.End() {
			t.Fatalf("%d bytes left: the file has %d bytes, want %d: %v", left, size, first.End(), err)
		}
		idx, err := os.ReadFile(filepath.Join(d.dir, idxName(first.File)))
		if err != nil || bytes.Count(idx, []byte("\n")) != 1 || idx[len(idx)-1] != '\n' {
			t.Fatalf("%d bytes left: .idx is %q: %v", left, idx, err)
		}
		lineLength = len(idx)
	}
	disk.left = int(first.Length) + lineLength + 500
	second := appendOne(t, w, pageCapture(t))
	if second.File != first.File || second.Offset != first.End() {
		t.Errorf("%+v behind %+v", second, first)
	}
	if err := w.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
	sound(t, d, keys, "2")
}

// If the tail can't be cut, the next capture goes to a new file, and Recover
// cuts the old one.
func TestTailThatStays(t *testing.T) {
	d, keys, disk := faultyDir(t)
	w := testWriter(t, d, "w")
	first := appendOne(t, w, pageCapture(t))
	disk.left, disk.noTruncate = 500, true
	if _, err := w.Append(context.Background(), pageCapture(t)); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v", err)
	}
	disk.left, disk.noTruncate = 1<<40, false
	second := appendOne(t, w, pageCapture(t))
	if second.File == first.File {
		t.Fatal("appended behind a torn capture")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err := VerifyStore(context.Background(), d, keys.identities()); err != nil || r.OK {
		t.Errorf("the tail isn't seen: %+v %v", r, err)
	}
	got, err := d.Recover(context.Background(), func(file string) int64 {
		return map[string]int64{first.File: first.End(), second.File: second.End()}[file]
	}, func(string) bool { return false })
	if err != nil || got.Cut != 1 || got.Bytes != 500 {
		t.Errorf("%+v %v", got, err)
	}
	sound(t, d, keys, "2")
}

// After a failed fsync nothing may be believed: the writer stays failed.
func TestFailedSync(t *testing.T) {
	d, _, disk := faultyDir(t)
	w := testWriter(t, d, "w")
	appendOne(t, w, pageCapture(t))
	disk.noSync = true
	if err := w.Sync(context.Background()); !errors.Is(err, syscall.EIO) {
		t.Fatalf("got %v", err)
	}
	disk.noSync = false
	if err := w.Sync(context.Background()); !errors.Is(err, syscall.EIO) {
		t.Errorf("a second sync: %v", err)
	}
	if _, err := w.Append(context.Background(), pageCapture(t)); !errors.Is(err, syscall.EIO) {
		t.Errorf("append: %v", err)
	}
	if err := w.Close(); !errors.Is(err, syscall.EIO) {
		t.Errorf("close: %v", err)
	}
}

// A disk that is full from the start leaves no empty files behind.
func TestFirstCaptureFails(t *testing.T) {
	for _, noTruncate := range []bool{false, true} {
		d, _, disk := faultyDir(t)
		disk.left, disk.noTruncate = 50, noTruncate
		w := testWriter(t, d, "w")
		if _, err := w.Append(context.Background(), pageCapture(t)); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("got %v", err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for _, suffix := range []string{sealedSuffix, idxSuffix} {
			if files, err := d.files(suffix); err != nil || len(files) != 0 {
				t.Errorf("left behind: %v %v", files, err)
			}
		}
	}
}

func TestNewFileThatFails(t *testing.T) {
	d, _, _ := faultyDir(t)
	calls := 0
	d.open = func(path string) (handle, error) {
		if calls++; calls%2 == 0 { // the .idx
			return nil, syscall.ENOSPC
		}
		return create(path)
	}
	w := testWriter(t, d, "w")
	if _, err := w.Append(context.Background(), pageCapture(t)); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v", err)
	}
	if files, err := d.files(sealedSuffix); err != nil || len(files) != 0 {
		t.Errorf("left behind: %v %v", files, err)
	}
	d.open = create
	appendOne(t, w, pageCapture(t))
}

// A writer whose file was cut under its hands writes no further to it.
func TestFileChangedByAnother(t *testing.T) {
	d, _ := testDir(t)
	w := testWriter(t, d, "w")
	ref := appendOne(t, w, pageCapture(t))
	if err := os.Truncate(filepath.Join(d.dir, ref.File), 10); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Append(context.Background(), pageCapture(t)); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v", err)
	}
	if err := w.Sync(context.Background()); !errors.Is(err, ErrDamaged) {
		t.Errorf("sync: %v", err)
	}
}

// The lock alone keeps Recover of another process away, whatever the leases say.
func TestRecoverSeesTheLock(t *testing.T) {
	d, keys := testDir(t)
	w := testWriter(t, d, "w")
	appendOne(t, w, pageCapture(t))
	got, err := d.Recover(context.Background(), func(string) int64 { return 0 }, func(string) bool { return false })
	if err != nil || got.Files != 0 {
		t.Errorf("%+v %v", got, err)
	}
	appendOne(t, w, pageCapture(t))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	sound(t, d, keys, "2")
}

func TestFilesEndBySize(t *testing.T) {
	d, keys := testDir(t)
	d.limit = 10_000
	w := testWriter(t, d, "w")
	sizes := map[string]int64{}
	for range 20 {
		ref := appendOne(t, w, pageCapture(t))
		sizes[ref.File] += ref.Length
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if len(sizes) < 2 {
		t.Error("one file")
	}
	small := 0
	for _, n := range sizes {
		if n < d.limit {
			small++
		}
	}
	if small > 1 {
		t.Errorf("%d files ended before the limit: %v", small, sizes)
	}
	sound(t, d, keys, "20")
}

func TestModes(t *testing.T) {
	d, _ := testDir(t)
	ref := appendOne(t, testWriter(t, d, "w"), pageCapture(t))
	for path, want := range map[string]os.FileMode{"": 0o700, "2026": 0o700, "2026/03": 0o700, ref.File: 0o600, idxName(ref.File): 0o600} {
		info, err := os.Stat(filepath.Join(d.dir, path))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v, want %v", path, info.Mode(), err, want)
		}
	}
}

// Whatever a kill left behind the last committed capture, in either file,
// Recover makes the store sound, with all that was committed and no more.
func TestRecoverAnyTear(t *testing.T) {
	d, _ := testDir(t)
	w := testWriter(t, d, "w")
	var refs []Ref
	var lines []int64 // bytes of .idx behind each capture
	for n := range 4 {
		c := chatCapture(t, 1, testTime.Add(time.Duration(n)*time.Second))
		refs = append(refs, appendOne(t, w, c))
		info, err := os.Stat(filepath.Join(d.dir, idxName(refs[n].File)))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, info.Size())
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(d.dir, refs[0].File))
	if err != nil {
		t.Fatal(err)
	}
	idx, err := os.ReadFile(filepath.Join(d.dir, idxName(refs[0].File)))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		known := rapid.IntRange(1, len(refs)-1).Draw(rt, "committed") // captures
		cut := rapid.Int64Range(refs[known-1].End(), int64(len(data))).Draw(rt, "data")
		cutIdx := rapid.Int64Range(lines[known-1], int64(len(idx))).Draw(rt, "idx")
		tail := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(rt, "garbage") // pages that never were written
		put := func(name string, b []byte) {
			if err := os.WriteFile(filepath.Join(d.dir, name), b, 0o600); err != nil {
				rt.Fatal(err)
			}
		}
		put(refs[0].File, data[:cut])
		put(idxName(refs[0].File), append(bytes.Clone(idx[:cutIdx]), tail...))
		got, err := d.Recover(context.Background(), func(string) int64 { return refs[known-1].End() }, func(string) bool { return false })
		if err != nil || len(got.Damaged) != 0 {
			rt.Fatalf("%+v %v", got, err)
		}
		var left []Ref
		if err := d.Walk(context.Background(), func(r Ref) error { left = append(left, r); return nil }); err != nil {
			rt.Fatal(err)
		}
		size, err := d.Size(context.Background(), refs[0].File)
		if err != nil || len(left) != known || size != refs[known-1].End() {
			rt.Fatalf("%d captures, %d bytes are left; want %d, %d: %v", len(left), size, known, refs[known-1].End(), err)
		}
	})
	if err := os.WriteFile(filepath.Join(d.dir, idxName(refs[0].File)), idx[:lines[0]], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.dir, refs[0].File), data, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := d.Recover(context.Background(), func(string) int64 { return refs[2].End() }, func(string) bool { return false })
	if err != nil || len(got.Damaged) != 1 || !strings.Contains(got.Damaged[0].Detail, "lists captures up to byte") {
		t.Errorf("lines that are missing go unnoticed: %+v %v", got, err)
	}
}
