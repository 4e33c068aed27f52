package lexicon

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Mistake is one mistake in the entries of a user.
type Mistake struct {
	File    string
	Line    int
	Entry   string // id, "" when it is about the whole file
	Message string
}

func (m *Mistake) Error() string {
	var b strings.Builder
	b.WriteString(m.File)
	if m.Line > 0 {
		fmt.Fprintf(&b, ":%d", m.Line)
	}
	b.WriteString(": ")
	if m.Entry != "" {
		b.WriteString(m.Entry + ": ")
	}
	return b.String() + m.Message
}

// Mistakes are all that were found, one a line of text.
type Mistakes []*Mistake

func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// or is the mistakes as an error, nil where there are none.
func (m Mistakes) or() error {
	if len(m) == 0 {
		return nil
	}
	return m
}

// Limits of what users may add.
const (
	MaxFile     = 1 << 20 // bytes of one file
	MaxEntries  = 5000    // in all files
	maxForms    = 20_000  // spellings in all files
	longestForm = 40      // runes
	longestText = 500     // runes of a text that must or must not match
)

// ReadEntries reads a file of entries of a user: the form of our own data. It looks at the
// shape alone; Prove tries what the entries find. The error is Mistakes.
func ReadEntries(file string, text []byte) ([]Entry, error) {
	fail := func(line int, entry, format string, args ...any) error {
		return Mistakes{{File: file, Line: line, Entry: entry, Message: fmt.Sprintf(format, args...)}}
	}
	if len(text) > MaxFile {
		return nil, fail(0, "", "is larger than %d bytes", MaxFile)
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	switch err := decode(dec, &doc); {
	case errors.Is(err, io.EOF):
		return nil, fail(0, "", "is empty")
	case err != nil:
		line, message := lineOf(err.Error())
		return nil, fail(line, "", "is no YAML: %s", message)
	}
	if err := decode(dec, &more); !errors.Is(err, io.EOF) {
		return nil, fail(more.Line, "", "holds more than one document")
	}
	root := doc.Content[0]
	if root.Kind != yaml.SequenceNode {
		return nil, fail(root.Line, "", "must be a list of entries, each with id and forms")
	}
	if len(root.Content) > MaxEntries {
		return nil, fail(root.Line, "", "has %d entries, more than %d", len(root.Content), MaxEntries)
	}
	var out []Entry
	var wrong Mistakes
	for _, n := range root.Content {
		e, err := entry(n)
		e.file, e.line = file, n.Line
		if err != nil {
			line, message := lineOf(err.Error())
			wrong = append(wrong, &Mistake{file, max(line, n.Line), e.ID, message})
			continue
		}
		out = append(out, e)
	}
	return out, wrong.or()
}

// decode turns a panic of the YAML parser, whose input anyone may write, into an error.
func decode(dec *yaml.Decoder, n *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the parser failed: %v", r)
		}
	}()
	return dec.Decode(n)
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// lineOf takes the line out of a message of the YAML parser.
func lineOf(message string) (int, string) {
	message = strings.TrimPrefix(strings.TrimPrefix(message, "yaml: "), "unmarshal errors:\n  ")
	message, _, _ = strings.Cut(message, "\n")
	if m := yamlLine.FindStringSubmatchIndex(message); m != nil {
		line, _ := strconv.Atoi(message[m[2]:m[3]]) // digits, by the pattern
		return line, message[:m[0]] + message[m[1]:]
	}
	return 0, message
}

// entry reads one entry. The id is there whatever else is wrong.
func entry(n *yaml.Node) (e Entry, err error) {
	if n.Kind != yaml.MappingNode {
		return e, errors.New("must hold keys and values: id, forms, yes, no")
	}
	known := keys()
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Value == "id" {
			e.ID = value.Value
		}
		switch {
		case value.Kind == yaml.AliasNode || key.ShortTag() == "!!merge":
			err = errors.Join(err, fmt.Errorf("line %d: write it out: * and << are not taken here", key.Line))
		case !slices.Contains(known, key.Value):
			err = errors.Join(err, fmt.Errorf("line %d: %.40q is no key; the keys are %s", key.Line, key.Value, strings.Join(known, ", ")))
		case seen[key.Value]:
			err = errors.Join(err, fmt.Errorf("line %d: %s is given twice", key.Line, key.Value))
		}
		seen[key.Value] = true
	}
	if err != nil {
		return e, err
	}
	id := e.ID
	if err := n.Decode(&e); err != nil {
		return Entry{ID: id}, err
	}
	return e, nil
}

// keys are the names of what an entry says.
func keys() []string {
	var out []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Entry]()) {
		if name := f.Tag.Get("yaml"); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// Digest names what entries find, in eight hexadecimal digits: "" for none. Texts and notes
// don't count.
func Digest(entries []Entry) string {
	if len(entries) == 0 {
		return ""
	}
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, e := range entries {
		e.Yes, e.No, e.Note = nil, nil, ""
		if err := enc.Encode(e); err != nil { // neither strings nor numbers of YAML fail, but NaN does
			h.Write([]byte(err.Error()))
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:4])
}
