package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"filippo.io/age"
)

// check looks at what single values can't show: what is required, what must be
// unique, what has to fit together.
func (d *decoder) check(c *Config) {
	if c.Data == "" {
		d.fail(d.lines["data"], "data", "must name a folder")
	}
	if c.Fetch.Total < c.Fetch.FirstByte {
		d.fail(max(d.lines["fetch.total"], d.lines["fetch.first_byte"]), "fetch.total", "must be at least first_byte (%s), is %s", span0(c.Fetch.FirstByte), span0(c.Fetch.Total))
	}
	d.checkEngines(c)
	d.checkListeners(c)
	for i, r := range c.Evidence.SealTo {
		if err := checkRecipient(r); err != nil {
			d.failAt(fmt.Sprintf("evidence.seal_to[%d]", i), "%s", err)
		}
	}
	if err := checkService(c.Evidence.TimestampURL); err != nil {
		d.failAt("evidence.timestamp_url", "%s", err)
	}
	d.checkS3(c)
	for i, path := range c.Lexicon.Files {
		if path == "" {
			d.failAt(fmt.Sprintf("lexicon.files[%d]", i), "must name a file")
		}
	}
	names := map[string]int{}
	for i := range c.Sources {
		s, key := &c.Sources[i], fmt.Sprintf("sources[%d]", i)
		if d.failed(key) {
			continue
		}
		d.required(key, reflect.ValueOf(s).Elem(), d.lines[key])
		if s.Name != "" {
			if err := checkName(s.Name); err != nil {
				d.fail(d.lines[key+".name"], key+".name", "%s", err)
			}
			// The query source:NAME knows no case.
			folded := strings.ToLower(s.Name)
			if line, twice := names[folded]; twice {
				d.fail(d.lines[key+".name"], key+".name", "%s is the name of the source on line %d already", brief(s.Name), line)
			} else {
				names[folded] = d.lines[key+".name"]
			}
		}
		if s.URL != "" && s.Kind != "" {
			if err := checkAddress(s); err != nil {
				d.fail(d.lines[key+".url"], key+".url", "%s", err)
			}
		}
		if s.Kind == "archive" && s.URL != "" {
			d.archivePath(s)
		}
		d.checkKeep(s, key)
		for j, a := range s.AllowPrivate {
			if err := checkHostPort(a); err != nil {
				k := fmt.Sprintf("%s.allow_private[%d]", key, j)
				d.fail(d.lines[k], k, "%s", err)
			}
		}
	}
}

// checkService looks at the address of a service that others run; "" is none.
func checkService(s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("must be an address that begins with https:// or http://, is %q", brief(s))
	}
	if u.User != nil {
		return errors.New("must hold no user and no password")
	}
	return nil
}

// required finds what must be said and is not. What failed already is passed over.
func (d *decoder) required(key string, v reflect.Value, line int) {
	for _, sf := range reflect.VisibleFields(v.Type()) {
		name := sf.Tag.Get("key")
		path := join(key, name)
		field := v.FieldByIndex(sf.Index)
		here := line
		if given, ok := d.lines[path]; ok {
			here = given
		}
		switch {
		case d.failed(path):
		case field.Kind() == reflect.Struct && field.Type().Name() != "Time":
			d.required(path, field, here)
		case sf.Tag.Get("required") != "" && field.Kind() == reflect.String && strings.TrimSpace(field.String()) == "":
			d.fail(here, path, "is required")
		}
	}
}

func (d *decoder) failed(key string) bool {
	return slices.ContainsFunc(d.errs, func(e *Error) bool { return e.Key == key })
}

func checkName(name string) error {
	if utf8.RuneCountInString(name) > 64 {
		return fmt.Errorf("must be at most 64 characters long")
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-", r) {
			return fmt.Errorf("may hold letters, digits, dots, - and _ only, is %s", strconv.Quote(brief(name)))
		}
	}
	return nil
}

func checkAddress(s *Source) error {
	u, err := url.Parse(s.URL)
	if s.Kind == "archive" {
		if err == nil && u.Scheme != "" && u.Scheme != "file" {
			return fmt.Errorf("must be the path of a file or folder, is %s", strconv.Quote(brief(s.URL)))
		}
		return nil
	}
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return fmt.Errorf("must be an address that begins with https:// or http://, is %s", strconv.Quote(brief(s.URL)))
	case u.User != nil:
		return fmt.Errorf("must not hold a user or password; use session.cookies_file")
	}
	return nil
}

// archivePath makes the path of an archive one that can be opened.
func (d *decoder) archivePath(s *Source) {
	path := s.URL
	if u, err := url.Parse(path); err == nil && u.Scheme == "file" {
		path = u.Path
	}
	s.URL = d.fromFile(path)
}

var caseForm = regexp.MustCompile(`^C-[1-9][0-9]{0,17}$`)

// checkKeep looks at what is said of keeping a source whole.
func (d *decoder) checkKeep(s *Source, key string) {
	switch {
	case s.Keep == KeepAll && s.Kind != "archive" && s.Kind != "":
		d.fail(d.lines[key+".keep"], key+".keep", "may be all for an archive alone")
	case s.Keep == KeepAll && s.Case == "":
		d.fail(d.lines[key+".keep"], key+".keep", "is all: case must name the case that it is kept for, such as C-3")
	case s.Keep != KeepAll && s.Case != "":
		d.fail(d.lines[key+".case"], key+".case", "is for sources with keep: all")
	case s.Case != "" && !caseForm.MatchString(s.Case):
		d.fail(d.lines[key+".case"], key+".case", "must be the name of a case such as C-3, is %s", strconv.Quote(brief(s.Case)))
	}
}

func checkHostPort(s string) error {
	host, port, err := net.SplitHostPort(s)
	n, perr := strconv.ParseUint(port, 10, 16)
	if err != nil || perr != nil || n == 0 || host == "" || strings.ContainsAny(host, "/@ ") {
		return fmt.Errorf("must be HOST:PORT such as 127.0.0.1:8080, is %s", strconv.Quote(brief(s)))
	}
	return nil
}

// checkRecipient never repeats the value: people paste the wrong half.
func checkRecipient(s string) error {
	if strings.Contains(strings.ToUpper(s), "SECRET-KEY") {
		return fmt.Errorf("is a secret key; give the public half, age1…, and keep the secret one off this machine")
	}
	if r, err := age.ParseRecipients(strings.NewReader(s)); err != nil || len(r) != 1 {
		return fmt.Errorf("must be an age recipient (age1…)")
	}
	return nil
}

// CheckFiles looks whether the files that the configuration names can be read,
// for the command config check. Mistakes are Errors.
func (c *Config) CheckFiles() error {
	var errs Errors
	look := func(key, path string) {
		if path == "" {
			return
		}
		f, err := os.Open(path)
		if err != nil {
			errs = append(errs, &Error{File: path, Key: key, Message: plain(err).Error()})
			return
		}
		_ = f.Close()
	}
	look("evidence.identity_file", c.Evidence.IdentityFile)
	look("evidence.timestamp_ca_file", c.Evidence.TimestampCAFile)
	look("evidence.s3.access_key_file", c.Evidence.S3.AccessKeyFile)
	look("evidence.s3.secret_key_file", c.Evidence.S3.SecretKeyFile)
	look("evidence.s3.ca_file", c.Evidence.S3.CAFile)
	look("index.api_key_file", c.Index.APIKeyFile)
	look("index.ca_file", c.Index.CAFile)
	look("archives.root", c.Archives.Root)
	for i, path := range c.Lexicon.Files {
		look(fmt.Sprintf("lexicon.files[%d]", i), path)
	}
	for i, s := range c.Sources {
		key := fmt.Sprintf("sources[%d]", i)
		look(key+".session.cookies_file", s.Session.CookiesFile)
		if s.Kind == "archive" {
			look(key+".url", s.URL)
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}
