package config

import (
	"net/url"
	"regexp"
	"strings"
)

var (
	bucketForm = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	prefixForm = regexp.MustCompile(`^[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*$`)
)

// Place is the bucket that captures go to, and what all names there begin with;
// "" when they go to the data folder.
func (e Evidence) Place() (bucket, prefix string) {
	bucket, prefix, _ = strings.Cut(strings.TrimPrefix(e.URL, "s3://"), "/")
	return bucket, strings.TrimSuffix(prefix, "/")
}

// checkS3 looks at the storage of captures.
func (d *decoder) checkS3(c *Config) {
	e := c.Evidence
	if e.URL == "" || d.failed("evidence.url") {
		return
	}
	bucket, prefix := e.Place()
	switch {
	case !strings.HasPrefix(e.URL, "s3://") || !bucketForm.MatchString(bucket):
		d.failAt("evidence.url", "must be s3://BUCKET/PREFIX; a bucket has 3 to 63 small letters, digits, dots and -")
	case prefix != "" && (!prefixForm.MatchString(prefix) || len(prefix) > 256 || strings.Contains("/"+prefix+"/", "/../") || strings.Contains("/"+prefix+"/", "/./")):
		d.failAt("evidence.url", "must be s3://BUCKET/PREFIX; a prefix has letters, digits and ! _ . * ' ( ) - between single slashes")
	}
	if (e.S3.AccessKeyFile == "") != (e.S3.SecretKeyFile == "") {
		key := "evidence.s3.access_key_file"
		if e.S3.SecretKeyFile == "" {
			key = "evidence.s3.secret_key_file"
		}
		d.missingBeside(key, "is empty; name both files, or neither and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	if e.S3.Endpoint == "" {
		d.missingBeside("evidence.s3.endpoint", "is empty, but evidence.url is set; name the server, such as https://s3.example.com")
		return
	}
	u, err := url.Parse(e.S3.Endpoint)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		d.failAt("evidence.s3.endpoint", "must be an address that begins with https:// or http://, is %q", brief(e.S3.Endpoint))
	case u.User != nil:
		d.failAt("evidence.s3.endpoint", "must hold no user and no password; use access_key_file and secret_key_file")
	case u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/":
		d.failAt("evidence.s3.endpoint", "must be scheme and host alone, such as https://s3.example.com; the bucket stands in evidence.url")
	case u.Scheme == "http" && e.S3.PlainHTTP != "anywhere":
		if a, ok := cutAddress(e.S3.Endpoint); ok && a.away() {
			d.failAt("evidence.s3.endpoint", "is http:// to another machine; use https://, or set evidence.s3.plain_http: anywhere on a private network")
		}
	}
}

// missingBeside says that a key is empty, at its line or that of evidence.url.
func (d *decoder) missingBeside(key, message string) {
	if _, given := d.vars[key]; given {
		d.failAt(key, "%s", message)
		return
	}
	line := d.lines[key]
	if line == 0 {
		line = d.lines["evidence.url"]
	}
	d.fail(line, key, "%s", message)
}
