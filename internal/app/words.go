package app

import (
	"errors"
	"fmt"
	"io"
	"os"

	"resumewatch/extractors"
	"resumewatch/extractors/lexicon"
	"resumewatch/internal/config"
	"resumewatch/internal/jobs"
)

// Extractor builds what texts are read with: the words of this version and those of the
// configuration, which are proved first. What is wrong with these is config.Errors.
func Extractor(c *config.Config) (*extractors.Extractor, error) {
	words, err := OwnWords(c)
	if err != nil {
		return nil, err
	}
	return extractors.NewWith(extractors.Settings{Entries: words})
}

// OwnWords reads and proves the words of the configuration.
func OwnWords(c *config.Config) ([]lexicon.Entry, error) {
	if c == nil || len(c.Lexicon.Files) == 0 {
		return nil, nil
	}
	var all []lexicon.Entry
	var wrong config.Errors
	for i, path := range c.Lexicon.Files {
		text, err := wordFile(path)
		if err != nil {
			wrong = append(wrong, &config.Error{File: path, Key: fmt.Sprintf("lexicon.files[%d]", i), Message: err.Error()})
			continue
		}
		entries, err := lexicon.ReadEntries(path, text)
		if err := mistakes(err, &wrong); err != nil {
			return nil, err
		}
		all = append(all, entries...)
	}
	if len(wrong) == 0 {
		if err := mistakes(lexicon.Prove(all), &wrong); err != nil {
			return nil, err
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return all, nil
}

// wordFile reads a file of words, one byte more than it may have.
func wordFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, lexicon.MaxFile+1))
}

// mistakes adds those of the lexicon to those of the configuration; any other error comes back.
func mistakes(err error, to *config.Errors) error {
	var found lexicon.Mistakes
	if !errors.As(err, &found) {
		return err
	}
	for _, m := range found {
		*to = append(*to, &config.Error{File: m.File, Line: m.Line, Key: m.Entry, Message: m.Message})
	}
	return nil
}

// ready are the options with what texts are read with.
func (o Options) ready() (Options, error) {
	if o.Words != nil {
		return o, nil
	}
	x, err := Extractor(o.Config)
	if err == nil {
		o.Words = x
	}
	return o, err
}

// reader is what texts are read with.
func (o Options) reader() (jobs.Reader, error) {
	o, err := o.ready()
	return o.Words, err
}
