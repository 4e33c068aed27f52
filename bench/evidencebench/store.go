package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
)

// perCommit is how many captures one unit of work yields.
const perCommit = 100

// store is a data folder with a casebook and evidence.
type store struct {
	data    string
	book    *casebook.Book
	keys    *privacy.Keyring
	dir     *evidence.Dir
	now     time.Time
	units   int
	digests []string // of every capture, in the order of writing
}

func newStore(ctx context.Context, data string) (s *store, err error) {
	s = &store{data: data, now: began}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	if s.keys, err = privacy.OpenKeyring(filepath.Join(data, "keys"), nil); err != nil {
		return nil, err
	}
	if s.dir, err = evidence.OpenDir(filepath.Join(data, "evidence"), s.keys, func() time.Time { return s.now }); err != nil {
		return nil, err
	}
	s.book, err = casebook.OpenSQLite(ctx, filepath.Join(data, "casebook.db"))
	return s, err
}

func (s *store) close() error { return s.book.Close() }

// written is what filling came to; the three times are of the same captures.
type written struct {
	captures                     int
	plain, sealed                int64 // bytes of records, and of sealed captures
	writing, zipping, committing time.Duration
}

// fill writes captures until there are so many, or so many sealed bytes.
func (s *store) fill(ctx context.Context, from source, captures int, size int64) (out written, err error) {
	w, err := s.dir.Writer(ctx, "bench")
	if err != nil {
		return out, err
	}
	plain, err := newGzip(filepath.Join(s.data, "gzip"))
	if err != nil {
		return out, errors.Join(err, w.Close())
	}
	for (out.captures < captures || out.sealed < size) && err == nil {
		n := perCommit
		if captures > 0 {
			n = min(n, captures-out.captures)
		}
		err = s.unit(ctx, w, plain, from, n, &out)
	}
	return out, errors.Join(err, w.Close(), plain.close())
}

// unit is one unit of work: its captures are written, made durable and committed.
func (s *store) unit(ctx context.Context, w evidence.Writer, plain *zipper, from source, n int, out *written) error {
	some := make([]evidence.Capture, n)
	for i := range some {
		var err error
		if some[i], err = from.next(); err != nil {
			return err
		}
	}
	s.now = some[0].At
	at := time.Now()
	rows := make([]casebook.Capture, n)
	for i, c := range some {
		ref, err := w.Append(ctx, c)
		if err != nil {
			return err
		}
		rows[i] = casebook.Capture{Digest: ref.Digest, SealedDigest: ref.SealedDigest, File: ref.File, Offset: ref.Offset, Length: ref.Length,
			Kind: ref.Kind, URL: ref.URL, At: ref.At, Source: "bench"}
		out.sealed += ref.Length
		s.digests = append(s.digests, ref.Digest)
	}
	if err := w.Sync(ctx); err != nil {
		return err
	}
	out.writing += time.Since(at)
	for _, c := range some { // the same records, as plain bytes
		records, err := unzipped(c)
		if err != nil {
			return err
		}
		at := time.Now()
		if err := plain.write(records); err != nil {
			return err
		}
		out.zipping += time.Since(at)
		for _, r := range records {
			out.plain += int64(len(r))
		}
	}
	out.captures += n
	at = time.Now()
	defer func() { out.committing += time.Since(at) }()
	return s.commit(ctx, rows)
}

func (s *store) commit(ctx context.Context, rows []casebook.Capture) error {
	s.units++
	id := fmt.Sprintf("unit %d", s.units)
	if _, _, err := s.book.AddChunks(ctx, 1, []casebook.Work{{ID: id, Source: "bench", Payload: []byte("{}")}}, s.now); err != nil {
		return err
	}
	claim := casebook.Claim{ID: id, Generation: 1}
	if _, err := s.book.ClaimWork(ctx, claim, s.now); err != nil {
		return err
	}
	_, err := s.book.Commit(ctx, casebook.Learnt{Work: claim, Run: 1, Source: "bench", At: s.now, Outcome: market.OutcomeNew, Captures: rows})
	return err
}

// open finds captures by their digest and reads them whole.
func (s *store) open(ctx context.Context, n int) (took []time.Duration, err error) {
	if n == 0 {
		return nil, nil
	}
	ids, err := s.keys.Identities(ctx)
	if err != nil {
		return nil, err
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range n {
		at := time.Now()
		c, err := s.book.CaptureByDigest(ctx, s.digests[rnd.IntN(len(s.digests))])
		if err != nil {
			return nil, err
		}
		r, err := evidence.Open(ctx, s.dir, evidence.Ref{Digest: c.Digest, SealedDigest: c.SealedDigest, File: c.File, Offset: c.Offset, Length: c.Length, Kind: c.Kind, URL: c.URL, At: c.At}, ids)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, r)
		if err := errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		took = append(took, time.Since(at))
	}
	return took, nil
}

// zipper writes gzip members and nothing else.
type zipper struct {
	f   *os.File
	zip *gzip.Writer
}

func newGzip(path string) (*zipper, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &zipper{f, gzip.NewWriter(f)}, nil
}

func (z *zipper) write(records [][]byte) error {
	for _, r := range records {
		z.zip.Reset(z.f)
		if _, err := z.zip.Write(r); err != nil {
			return err
		}
		if err := z.zip.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (z *zipper) close() error {
	err := errors.Join(z.f.Sync(), z.f.Close())
	return errors.Join(err, os.Remove(z.f.Name()))
}

// unzipped are the records of a capture as they are before they are compressed.
func unzipped(c evidence.Capture) (out [][]byte, err error) {
	var b bytes.Buffer
	if err := evidence.WriteWARC(&b, c); err != nil {
		return nil, err
	}
	in := bytes.NewReader(b.Bytes())
	z, err := gzip.NewReader(in)
	for err == nil {
		z.Multistream(false)
		var record []byte
		if record, err = io.ReadAll(z); err != nil {
			return nil, err
		}
		out = append(out, record)
		err = z.Reset(in)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return out, err
}
