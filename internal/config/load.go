package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile is the most bytes that a configuration has.
const maxFile = 1 << 20

// Load reads the configuration from a YAML file, "" for none, and the keys
// that the environment (as of os.Environ) sets, such as RESUMEWATCH_LOG_LEVEL, or
// RESUMEWATCH_CASEBOOK_DSN_FILE with the path of a file that holds the value. Mistakes are Errors:
// all of them at once. Relative paths in the file are taken from the file's folder, those of the
// environment and the defaults from the working folder.
func Load(path string, env []string) (*Config, error) {
	var text []byte
	if path != "" {
		var err error
		if text, err = read(path, maxFile); err != nil {
			return nil, Errors{{File: path, Message: err.Error()}}
		}
	}
	return parse(path, text, env)
}

func read(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, plain(err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, plain(err)
	}
	if int64(len(text)) > most {
		return nil, fmt.Errorf("is larger than %d bytes", most)
	}
	return text, nil
}

// plain drops the path that the error repeats.
func plain(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func parse(path string, text []byte, env []string) (*Config, error) {
	c := Default()
	d := &decoder{file: path, dir: filepath.Dir(path), lines: map[string]int{}, vars: map[string]string{}}
	if root := d.document(text); root != nil {
		d.root(root, c)
	}
	d.environment(env, c)
	d.check(c)
	if len(d.errs) > 0 {
		slices.SortStableFunc(d.errs, func(a, b *Error) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.File, b.File), cmp.Compare(a.Key, b.Key))
		})
		return nil, d.errs
	}
	c.File = path
	return c, nil
}

var yamlLine = regexp.MustCompile(`^line (\d+): `)

// document gives the root of the only document, nil when there is none or it can't be read.
func (d *decoder) document(text []byte) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, second yaml.Node
	switch err := decodeNode(dec, &doc); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		message := strings.TrimPrefix(err.Error(), "yaml: ")
		line := 0
		if m := yamlLine.FindStringSubmatch(message); m != nil {
			line, _ = strconv.Atoi(m[1]) // digits, by the pattern
			message = message[len(m[0]):]
		}
		d.fail(line, "", "is no YAML: %s", message)
		return nil
	}
	if err := decodeNode(dec, &second); !errors.Is(err, io.EOF) {
		d.fail(second.Line, "", "holds more than one document")
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// decodeNode turns a panic of the YAML parser, whose input anyone may write, into an error.
func decodeNode(dec *yaml.Decoder, n *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: the parser failed: %v", r)
		}
	}()
	return dec.Decode(n)
}
