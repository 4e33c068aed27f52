package public

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// Texts reads the texts of a source below a folder, in the order in which they lie there.
// Where it isn't there the error is fs.ErrNotExist.
func (s Source) Texts(folder string) ([]string, error) {
	var out []string
	for _, name := range s.Files {
		name = filepath.Join(folder, filepath.FromSlash(name))
		var files []string
		err := filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		slices.Sort(files)
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			more, err := s.form.parse(file, b)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			out = append(out, more...)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no texts in " + strings.Join(s.Files, ", "))
	}
	return out, nil
}

func (f form) parse(name string, b []byte) ([]string, error) {
	switch f {
	case table:
		return column(b)
	case zipped:
		return archived(b)
	case quotes:
		return between(b), nil
	case manuals:
		if !strings.HasSuffix(name, ".gz") {
			return nil, nil
		}
		return roff(b)
	case pages:
		if !strings.HasSuffix(name, ".html") {
			return nil, nil
		}
		return paragraphs(b), nil
	}
	var out []string
	in := bufio.NewScanner(bytes.NewReader(b))
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		line := in.Text()
		switch f {
		case spaced:
			line = strings.ReplaceAll(line, " ", "")
		case labels:
			line, _, _ = strings.Cut(line, "\t")
		case tagged:
			line = untagged(line)
		}
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out, in.Err()
}

// column is the last column of a CSV file with a head.
func column(b []byte) ([]string, error) {
	in := csv.NewReader(bytes.NewReader(b))
	in.LazyQuotes, in.FieldsPerRecord = true, -1
	rows, err := in.ReadAll()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, row := range rows[min(1, len(rows)):] {
		if text := strings.TrimSpace(row[len(row)-1]); text != "" {
			out = append(out, text)
		}
	}
	return out, nil
}

func archived(b []byte) ([]string, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		more, err := column(b)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// untagged is a line of words with their tags as it was written: 去/v 北京/ns.
func untagged(line string) string {
	var b strings.Builder
	for w := range strings.FieldsSeq(line) {
		w = strings.TrimPrefix(w, "[")
		if i := strings.IndexByte(w, '/'); i > 0 {
			w = w[:i]
		}
		b.WriteString(w)
	}
	return b.String()
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

func between(b []byte) []string {
	var out []string
	for part := range strings.SplitSeq(colours.ReplaceAllString(string(b), ""), "\n%\n") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

var macros = regexp.MustCompile(`^\.[A-Za-z]+ *|\\f.|\\&|\\-`)

func roff(b []byte) ([]string, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	b, err = io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	var out []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(macros.ReplaceAllString(line, "")); chinese(line) {
			out = append(out, line)
		}
	}
	return out, nil
}

// paragraphs are the stretches of text between the tags that end one.
func paragraphs(b []byte) []string {
	var out []string
	var text strings.Builder
	flush := func() {
		if s := strings.Join(strings.Fields(text.String()), " "); chinese(s) {
			out = append(out, s)
		}
		text.Reset()
	}
	in := html.NewTokenizer(bytes.NewReader(b))
	for {
		switch in.Next() {
		case html.ErrorToken:
			flush()
			return out
		case html.TextToken:
			text.Write(in.Text())
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := in.TagName()
			switch string(name) {
			case "a", "b", "i", "em", "strong", "span", "code", "emph", "tt", "kbd", "var", "font":
			default:
				flush()
			}
		}
	}
}

func chinese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
