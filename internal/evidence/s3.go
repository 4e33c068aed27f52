package evidence

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// ErrUnavailable is wrapped when storage can't be asked: it is away, refuses
// access, or has no such bucket. It says nothing of what is stored.
var ErrUnavailable = errors.New("the storage of the evidence can't be used")

// S3Options say where S3-compatible storage is and how it is used.
type S3Options struct {
	Endpoint     string // https://HOST[:PORT]
	Region       string // "" is us-east-1
	Bucket       string
	Prefix       string // of all names, such as team/evidence; "" is the bucket's root
	AccessKey    string
	SecretKey    string
	SessionToken string // of credentials that end; "" for lasting ones
	HostStyle    bool   // BUCKET.HOST instead of HOST/BUCKET
	PlainHTTP    bool   // take http:// of other machines too
	CA           []byte // certificates (PEM) that the server's is checked by; nil: the system's
	Scratch      string // folder for sealed captures on their way; "" is the system's
	Seal         Sealer
	Now          func() time.Time // for the names of files, so that they sort by it

	Timeout time.Duration // most for an answer, and for a body without a byte; 0 is 30 s
	Tries   int           // of one request; 0 is 4
}

// S3 is the Store in S3-compatible storage. Names are those of the folder, so
// that a copy of the bucket is one, and the other way round. An object is written
// once, with what was appended between two Syncs: first the data, then the .idx.
// No writer is seen to live: whether one does, the leases of the casebook tell.
type S3 struct {
	o      S3Options
	client *minio.Core
	prefix string // "" or ends in a slash
	limit  int64  // bytes at which an object ends
	part   int64  // bytes of a piece of a large object

	mu        sync.Mutex
	versioned *bool // nil: not asked yet
	swept     sweep
}

var _ Store = (*S3)(nil)

const (
	s3Timeout = 30 * time.Second
	s3Tries   = 4
	s3Part    = 16 << 20 // bytes; the least that servers take is 5 MiB
	s3Pace    = 128 << 10
	markName  = "store-id"
	maxMark   = 1 << 10
)

var (
	bucketForm = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	prefixForm = regexp.MustCompile(`^[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*$`)
)

// check is what the configuration says too: nothing leaves for a wrong place.
func (o S3Options) check() error {
	if !bucketForm.MatchString(o.Bucket) || o.Prefix != "" && (!prefixForm.MatchString(o.Prefix) || strings.Contains("/"+o.Prefix+"/", "/../") || strings.Contains("/"+o.Prefix+"/", "/./")) {
		return fmt.Errorf("evidence: %.200q is no name of a bucket or %.200q none of what is in it", o.Bucket, o.Prefix)
	}
	u, err := url.Parse(o.Endpoint)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/":
		return errors.New("evidence: the address of S3-compatible storage must be scheme and host alone, such as https://s3.example.com")
	case u.Scheme == "http" && !o.PlainHTTP && !loopback(u.Hostname()):
		return errors.New("evidence: the address of S3-compatible storage is http:// to another machine, which anybody between can read and change")
	case o.AccessKey == "" || o.SecretKey == "":
		return errors.New("evidence: S3-compatible storage needs an access key and a secret key")
	}
	return nil
}

func (o S3Options) creds() *credentials.Credentials {
	return credentials.NewStaticV4(o.AccessKey, o.SecretKey, o.SessionToken)
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// OpenS3 opens storage and asks it whether the bucket is there and may be listed.
// When ctx ends, connections that rest are closed; the store may be used on.
func OpenS3(ctx context.Context, o S3Options) (*S3, error) {
	o.Prefix = strings.Trim(o.Prefix, "/")
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Timeout <= 0 {
		o.Timeout = s3Timeout
	}
	if o.Tries <= 0 {
		o.Tries = s3Tries
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	s := &S3{o: o, limit: MaxFile, part: s3Part}
	if o.Prefix != "" {
		s.prefix = o.Prefix + "/"
	}
	transport, err := s.transport()
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, transport.CloseIdleConnections)
	u, err := url.Parse(o.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	lookup := minio.BucketLookupPath
	if o.HostStyle {
		lookup = minio.BucketLookupDNS
	}
	s.client, err = minio.NewCore(u.Host, &minio.Options{
		Creds: o.creds(), Secure: u.Scheme == "https", Region: o.Region,
		BucketLookup: lookup, Transport: transport, MaxRetries: o.Tries,
	})
	if err != nil {
		return nil, fmt.Errorf("evidence: %s: %w", s, err)
	}
	stop := errors.New("one is enough")
	if err := s.list(ctx, s.prefix, "", false, func(minio.ObjectInfo) error { return stop }); err != nil && !errors.Is(err, stop) {
		return nil, err
	}
	return s, nil
}

// String names bucket and endpoint.
func (s *S3) String() string {
	return "s3://" + strings.TrimSuffix(s.o.Bucket+"/"+s.prefix, "/") + " at " + s.o.Endpoint
}

// transport gives up on connections that carry no byte for a while.
func (s *S3) transport() (*http.Transport, error) {
	dialer := net.Dialer{Timeout: min(5*time.Second, s.o.Timeout)}
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &lively{Conn: c, quiet: s.o.Timeout}, nil
		},
		TLSHandshakeTimeout: min(10*time.Second, s.o.Timeout), ResponseHeaderTimeout: s.o.Timeout,
		MaxIdleConnsPerHost: 32, IdleConnTimeout: s.o.Timeout / 2, DisableCompression: true,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if s.o.CA != nil {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(s.o.CA) {
			return nil, errors.New("evidence: no certificate (PEM) among those that the storage is to be checked by")
		}
		t.TLSClientConfig.RootCAs = pool
	}
	return t, nil
}

// lively ends a connection on which nothing moves.
type lively struct {
	net.Conn
	quiet time.Duration
}

func (c *lively) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.quiet)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

func (c *lively) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.quiet)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// span is how long all tries of a request with so many bytes may take.
func (s *S3) span(bytes int64) time.Duration {
	return s.o.Timeout + time.Duration(bytes/s3Pace)*time.Second
}

// Read implements Store. A connection that breaks is taken up where it broke.
func (s *S3) Read(ctx context.Context, ref Ref) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkRef(ref); err != nil {
		return nil, err
	}
	return s.open(ctx, ref.File, s.prefix+ref.File, ref.Offset, ref.Length)
}

func checkRef(ref Ref) error {
	if !fileForm.MatchString(ref.File) {
		return fmt.Errorf("evidence: %.200q is no name of an evidence file", ref.File)
	}
	if ref.Offset < 0 || ref.Length <= 0 || ref.End() < 0 {
		return fmt.Errorf("evidence: %s: offset %d, length %d", ref.File, ref.Offset, ref.Length)
	}
	return nil
}

// open reads bytes of an object; name is what errors call it.
func (s *S3) open(ctx context.Context, name, key string, offset, length int64) (*s3Reader, error) {
	ctx, cancel := context.WithTimeout(ctx, s.span(length))
	r := &s3Reader{s: s, ctx: ctx, cancel: cancel, name: name, key: key, at: offset, left: length, tries: s.o.Tries}
	if err := r.reopen(); err != nil {
		cancel()
		return nil, err
	}
	return r, nil
}

// s3Reader reads a range of an object.
type s3Reader struct {
	s         *S3
	ctx       context.Context
	cancel    context.CancelFunc
	name, key string
	at, left  int64
	etag      string // of the first answer: the rest must be of the same object
	body      io.ReadCloser
	tries     int
}

func (r *s3Reader) reopen() error {
	var o minio.GetObjectOptions
	if err := o.SetRange(r.at, r.at+r.left-1); err != nil {
		return fmt.Errorf("evidence: %s: %w", r.name, err)
	}
	if r.etag != "" {
		if err := o.SetMatchETag(r.etag); err != nil {
			return fmt.Errorf("evidence: %s: %w", r.name, err)
		}
	}
	body, info, _, err := r.s.client.GetObject(r.ctx, r.s.o.Bucket, r.key, o)
	if err != nil {
		switch minio.ToErrorResponse(err).StatusCode {
		case http.StatusRequestedRangeNotSatisfiable:
			return fmt.Errorf("evidence: %s: %w: it ends before byte %d", r.name, ErrDamaged, r.at)
		case http.StatusPreconditionFailed:
			return fmt.Errorf("evidence: %s: %w: it was replaced while it was read", r.name, ErrDamaged)
		}
		return r.s.fail(r.ctx, r.name, err)
	}
	if info.Size != r.left {
		err := fmt.Errorf("evidence: %s: %w: %d bytes from byte %d on, a capture should have %d", r.name, ErrDamaged, info.Size, r.at, r.left)
		return errors.Join(err, body.Close())
	}
	r.body, r.etag = body, info.ETag
	return nil
}

func (r *s3Reader) Read(p []byte) (int, error) {
	if r.left == 0 || len(p) == 0 {
		return 0, r.end()
	}
	for {
		if r.body == nil {
			if err := r.reopen(); err != nil {
				return 0, err
			}
		}
		n, err := r.body.Read(p[:min(int64(len(p)), r.left)])
		r.at, r.left = r.at+int64(n), r.left-int64(n)
		if n > 0 {
			return n, nil // the error comes again
		}
		if err == nil {
			continue
		}
		if r.ctx.Err() != nil {
			return 0, r.s.fail(r.ctx, r.name, err)
		}
		if r.tries--; r.tries <= 0 {
			return 0, fmt.Errorf("evidence: %s: %w: the connection to %s broke off: %w", r.name, ErrUnavailable, r.s, err)
		}
		_ = r.body.Close() // what broke off
		r.body = nil
	}
}

func (r *s3Reader) end() error {
	if r.left == 0 {
		return io.EOF
	}
	return nil
}

// Close implements io.Closer.
func (r *s3Reader) Close() error {
	defer r.cancel()
	if r.body == nil {
		return nil
	}
	return r.body.Close()
}

// Size is the number of bytes of a file; evidence verify holds the .idx against it.
func (s *S3) Size(ctx context.Context, file string) (int64, error) {
	if !fileForm.MatchString(file) {
		return 0, fmt.Errorf("evidence: %.200q is no name of an evidence file", file)
	}
	info, err := s.stat(ctx, file)
	return info.Size, err
}

// Sizes are those of all files.
func (s *S3) Sizes(ctx context.Context) (map[string]int64, error) {
	files, err := s.files(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	out := make(map[string]int64, len(files))
	for _, f := range files {
		if f.data {
			out[f.name] = f.size
		}
	}
	return out, nil
}

// Walk implements Store.
func (s *S3) Walk(ctx context.Context, fn func(Ref) error) error {
	files, err := s.files(ctx, time.Time{})
	if err != nil {
		return err
	}
	for _, f := range files {
		if !f.idx || f.idxSize == 0 {
			continue
		}
		if err := s.walkFile(ctx, f, fn); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (s *S3) walkFile(ctx context.Context, f s3Entry, fn func(Ref) error) error {
	idx, err := s.open(ctx, idxName(f.name), s.prefix+idxName(f.name), 0, f.idxSize)
	if errors.Is(err, fs.ErrNotExist) { // removed meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	defer idx.Close()
	var stopped error
	_, err = scanIdx(idx, f.name, func(ref Ref, _ int64) error {
		if stopped = ctx.Err(); stopped == nil {
			stopped = fn(ref)
		}
		return stopped
	})
	if stopped != nil {
		return stopped
	}
	if err != nil {
		return fmt.Errorf("evidence: %w", err)
	}
	return nil
}

// Mark is the name of the casebook that the evidence belongs to; "" when it has none.
func (s *S3) Mark(ctx context.Context) (string, error) {
	info, err := s.stat(ctx, markName)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if info.Size <= 0 || info.Size > maxMark {
		return "", fmt.Errorf("evidence: %s in %s has %d bytes", markName, s, info.Size)
	}
	r, err := s.open(ctx, markName, s.prefix+markName, 0, info.Size)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return strings.TrimSpace(string(text)), errors.Join(err, r.Close())
}

// SetMark gives that name, unless there is one.
func (s *S3) SetMark(ctx context.Context, name string) error {
	err := s.put(ctx, markName, bytes.NewReader([]byte(name+"\n")), int64(len(name)+1), "")
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// Ping asks storage for the least that it can be asked.
func (s *S3) Ping(ctx context.Context) error {
	if _, err := s.stat(ctx, markName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Holds reports whether there is any sealed file.
func (s *S3) Holds(ctx context.Context) (bool, error) {
	found := errors.New("found")
	err := s.list(ctx, s.prefix, "", true, func(o minio.ObjectInfo) error {
		if strings.HasSuffix(o.Key, ".age") {
			return found
		}
		return nil
	})
	if errors.Is(err, found) {
		return true, nil
	}
	return false, err
}

// scratch makes a file without a name, which goes with the process.
func (s *S3) scratch() (*os.File, error) {
	f, err := os.CreateTemp(s.o.Scratch, ".s3-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
