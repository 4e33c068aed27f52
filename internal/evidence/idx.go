package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// NAME.idx holds one line of JSON for each capture of NAME.warc.gz.age, in the
// order of the file, each ended by LF. A line without its end was torn.

const (
	sealedSuffix = ".warc.gz.age"
	idxSuffix    = ".idx"
	maxIdxLine   = 64 << 10 // bytes; a URL takes at most MaxURI, escaped at most 6 times that
)

// idxName is the path of the index beside a file.
func idxName(file string) string { return strings.TrimSuffix(file, sealedSuffix) + idxSuffix }

// idxLine is a Ref without its File, which the place of the line tells.
type idxLine struct {
	Offset       int64     `json:"offset"`
	Length       int64     `json:"length"`
	Digest       string    `json:"digest"`
	SealedDigest string    `json:"sealed_digest"`
	Kind         string    `json:"kind"`
	URL          string    `json:"url"`
	At           time.Time `json:"at"`
}

func appendIdx(b []byte, r Ref) ([]byte, error) {
	line, err := json.Marshal(idxLine{r.Offset, r.Length, r.Digest, r.SealedDigest, r.Kind, r.URL, r.At})
	if err != nil {
		return b, err
	}
	return append(append(b, line...), '\n'), nil
}

// scanIdx calls fn for each line with the offset of the byte behind it. torn
// reports that the last line had no end. An error names the file and the line.
func scanIdx(r io.Reader, file string, fn func(ref Ref, end int64) error) (torn bool, err error) {
	br := bufio.NewReaderSize(r, maxIdxLine)
	var end, next int64
	for n := 1; ; n++ {
		line, err := br.ReadSlice('\n')
		if err == io.EOF {
			return len(line) > 0, nil
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			return false, fmt.Errorf("%s line %d: %w: more than %d bytes", idxName(file), n, ErrDamaged, maxIdxLine)
		}
		if err != nil {
			return false, fmt.Errorf("%s line %d: %w", idxName(file), n, err)
		}
		end += int64(len(line))
		ref, err := parseIdx(line, file)
		if err == nil && ref.Offset != next {
			err = fmt.Errorf("capture at byte %d, the one in front ends at %d", ref.Offset, next)
		}
		if err != nil {
			return false, fmt.Errorf("%s line %d: %w: %w", idxName(file), n, ErrDamaged, err)
		}
		next = ref.End()
		if err := fn(ref, end); err != nil {
			return false, err
		}
	}
}

func parseIdx(line []byte, file string) (Ref, error) {
	var l idxLine
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return Ref{}, err
	}
	if l.Offset < 0 || l.Length <= 0 || l.Offset+l.Length < 0 {
		return Ref{}, fmt.Errorf("offset %d, length %d", l.Offset, l.Length)
	}
	if !isHexDigest(l.Digest) || !isHexDigest(l.SealedDigest) {
		return Ref{}, errors.New("a digest is no hex SHA-256")
	}
	return Ref{l.Digest, l.SealedDigest, file, l.Offset, l.Length, l.Kind, l.URL, l.At, ""}, nil
}

func isHexDigest(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}
