// Package s3test is S3-compatible storage in memory, and a way to it that fails
// on command, also in front of a real server. It checks no signatures.
package s3test

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fake is a server with some buckets.
type Fake struct {
	Key     string // the access key that is let in; "" lets all in
	Page    int    // most names in one answer; 0 is 1000
	Deaf    bool   // it knows no conditions, as old servers
	Keeping bool   // buckets keep versions

	mu      sync.Mutex
	buckets map[string]map[string][]object // versions by name, the newest last
	uploads map[string]*upload
	next    int
	heard   map[string]int
}

type object struct {
	version string
	data    []byte
	meta    http.Header
	gone    bool // a marker that it was removed
	at      time.Time
}

type upload struct {
	bucket, name string
	meta         http.Header
	parts        map[int][]byte
}

// NewFake makes a server with these buckets.
func NewFake(buckets ...string) *Fake {
	f := &Fake{buckets: map[string]map[string][]object{}, uploads: map[string]*upload{}, heard: map[string]int{}}
	for _, b := range buckets {
		f.buckets[b] = map[string][]object{}
	}
	return f
}

// Names are those of a bucket's objects, sorted.
func (f *Fake) Names(bucket string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.names(bucket)
}

func (f *Fake) names(bucket string) []string {
	out := []string{}
	for name, versions := range f.buckets[bucket] {
		if !versions[len(versions)-1].gone {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Versions is how many versions of all objects there are, markers included.
func (f *Fake) Versions(bucket string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, v := range f.buckets[bucket] {
		n += len(v)
	}
	return n
}

// Uploads is how many large uploads are not complete.
func (f *Fake) Uploads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.uploads)
}

// Heard is how often each kind of request came: "PUT", "LIST", "UPLOADS" ….
func (f *Fake) Heard() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.heard)
}

// Get is the newest version of an object; nil: there is none.
func (f *Fake) Get(bucket, name string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if o, ok := f.newest(bucket, name); ok {
		return slices.Clone(o.data)
	}
	return nil
}

// Set replaces an object behind everybody's back; nil takes it away.
func (f *Fake) Set(bucket, name string, data []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if data == nil {
		delete(f.buckets[bucket], name)
		return
	}
	f.buckets[bucket][name] = []object{{version: "null", data: slices.Clone(data), meta: http.Header{}, at: time.Now()}}
}

func (f *Fake) newest(bucket, name string) (object, bool) {
	versions := f.buckets[bucket][name]
	if len(versions) == 0 || versions[len(versions)-1].gone {
		return object{}, false
	}
	return versions[len(versions)-1], true
}

type failure struct {
	status int
	code   string
}

func refuse(status int, code string) *failure { return &failure{status, code} }

func answer(w http.ResponseWriter, r *http.Request, fail *failure) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(fail.status)
	if r.Method != http.MethodHead {
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>you sent %s</Message></Error>", fail.code, r.Header.Get("Authorization"))
	}
}

// ServeHTTP implements http.Handler.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<30))
	if err != nil || r.ContentLength >= 0 && int64(len(body)) != r.ContentLength {
		answer(w, r, refuse(http.StatusBadRequest, "IncompleteBody"))
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if fail := f.serve(w, r, body); fail != nil {
		answer(w, r, fail)
	}
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request, body []byte) *failure {
	if f.Key != "" && !strings.Contains(r.Header.Get("Authorization"), "Credential="+f.Key+"/") {
		return refuse(http.StatusForbidden, "InvalidAccessKeyId")
	}
	bucket, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if f.buckets[bucket] == nil {
		return refuse(http.StatusNotFound, "NoSuchBucket")
	}
	if sum := r.Header.Get("X-Amz-Content-Sha256"); len(sum) == 64 {
		if got := sha256.Sum256(body); hex.EncodeToString(got[:]) != sum {
			return refuse(http.StatusBadRequest, "XAmzContentSHA256Mismatch")
		}
	}
	if sum := r.Header.Get("X-Amz-Checksum-Sha256"); sum != "" {
		if got := sha256.Sum256(body); base64.StdEncoding.EncodeToString(got[:]) != sum {
			return refuse(http.StatusBadRequest, "BadDigest")
		}
		w.Header().Set("X-Amz-Checksum-Sha256", sum)
	}
	q := r.URL.Query()
	switch {
	case name == "" && q.Has("versioning"):
		f.heard["VERSIONING"]++
		status := ""
		if f.Keeping {
			status = "<Status>Enabled</Status>"
		}
		fmt.Fprintf(w, "<VersioningConfiguration>%s</VersioningConfiguration>", status)
	case name == "" && q.Has("versions"):
		f.heard["VERSIONS"]++
		f.listVersions(w, bucket, q.Get("prefix"))
	case name == "" && q.Has("uploads"):
		f.heard["UPLOADS"]++
		return f.listUploads(w, bucket, q.Get("prefix"))
	case name == "" && r.Method == http.MethodGet:
		f.heard["LIST"]++
		return f.list(w, bucket, q.Get("prefix"), q.Get("delimiter"), max(q.Get("start-after"), q.Get("continuation-token")))
	case name == "":
		return refuse(http.StatusNotImplemented, "NotImplemented")
	case q.Has("uploads"), q.Has("uploadId"):
		return f.large(w, r, bucket, name, q.Get("uploadId"), q.Get("partNumber"), body)
	case r.Method == http.MethodPut:
		f.heard["PUT"]++
		return f.put(w, r, bucket, name, body, metaOf(r))
	case r.Method == http.MethodDelete:
		f.heard["DELETE"]++
		f.remove(bucket, name, q.Get("versionId"))
		w.WriteHeader(http.StatusNoContent)
	default:
		f.heard[r.Method]++
		return f.get(w, r, bucket, name)
	}
	return nil
}

func metaOf(r *http.Request) http.Header {
	meta := http.Header{}
	for k, v := range r.Header {
		if strings.HasPrefix(k, "X-Amz-Meta-") {
			meta[k] = v
		}
	}
	return meta
}

func etag(data []byte) string {
	sum := md5.Sum(data)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

func (f *Fake) put(w http.ResponseWriter, r *http.Request, bucket, name string, data []byte, meta http.Header) *failure {
	old, there := f.newest(bucket, name)
	if !f.Deaf {
		if r.Header.Get("If-None-Match") == "*" && there {
			return refuse(http.StatusPreconditionFailed, "PreconditionFailed")
		}
		if want := r.Header.Get("If-Match"); want != "" && (!there || etag(old.data) != want) {
			return refuse(http.StatusPreconditionFailed, "PreconditionFailed")
		}
	}
	o := object{version: "null", data: data, meta: meta, at: time.Now()}
	if f.Keeping {
		f.next++
		o.version = fmt.Sprint("v", f.next)
		f.buckets[bucket][name] = append(f.buckets[bucket][name], o)
	} else {
		f.buckets[bucket][name] = []object{o}
	}
	w.Header().Set("ETag", etag(data))
	w.Header().Set("X-Amz-Version-Id", o.version)
	return nil
}

func (f *Fake) remove(bucket, name, version string) {
	switch {
	case version != "":
		versions := slices.DeleteFunc(f.buckets[bucket][name], func(o object) bool { return o.version == version })
		if f.buckets[bucket][name] = versions; len(versions) == 0 {
			delete(f.buckets[bucket], name)
		}
	case f.Keeping && len(f.buckets[bucket][name]) > 0:
		f.next++
		f.buckets[bucket][name] = append(f.buckets[bucket][name], object{version: fmt.Sprint("v", f.next), gone: true, at: time.Now()})
	default:
		delete(f.buckets[bucket], name)
	}
}

func (f *Fake) get(w http.ResponseWriter, r *http.Request, bucket, name string) *failure {
	o, ok := f.newest(bucket, name)
	if !ok {
		return refuse(http.StatusNotFound, "NoSuchKey")
	}
	if want := r.Header.Get("If-Match"); want != "" && want != etag(o.data) {
		return refuse(http.StatusPreconditionFailed, "PreconditionFailed")
	}
	for k, v := range o.meta {
		w.Header()[k] = v
	}
	h := w.Header()
	h.Set("ETag", etag(o.data))
	h.Set("X-Amz-Version-Id", o.version)
	h.Set("Last-Modified", o.at.UTC().Format(http.TimeFormat))
	data, status := o.data, http.StatusOK
	if spec, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok {
		first, last, _ := strings.Cut(spec, "-")
		from, err := strconv.ParseInt(first, 10, 64)
		to, err2 := strconv.ParseInt(last, 10, 64)
		if err != nil || err2 != nil {
			return refuse(http.StatusNotImplemented, "NotImplemented")
		}
		if from >= int64(len(data)) {
			return refuse(http.StatusRequestedRangeNotSatisfiable, "InvalidRange")
		}
		to = min(to, int64(len(data))-1)
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, len(data)))
		data, status = data[from:to+1], http.StatusPartialContent
	}
	h.Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(data) // the client may be gone
	}
	return nil
}

// large is an upload in pieces.
func (f *Fake) large(w http.ResponseWriter, r *http.Request, bucket, name, id, part string, body []byte) *failure {
	if id == "" {
		f.heard["BEGIN"]++
		f.next++
		id = fmt.Sprint("u", f.next)
		f.uploads[id] = &upload{bucket, name, metaOf(r), map[int][]byte{}}
		fmt.Fprintf(w, "<InitiateMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>", bucket, name, id)
		return nil
	}
	u := f.uploads[id]
	if u == nil || u.name != name || u.bucket != bucket {
		return refuse(http.StatusNotFound, "NoSuchUpload")
	}
	switch r.Method {
	case http.MethodPut:
		f.heard["PART"]++
		n, err := strconv.Atoi(part)
		if err != nil {
			return refuse(http.StatusBadRequest, "InvalidArgument")
		}
		u.parts[n] = body
		w.Header().Set("ETag", etag(body))
	case http.MethodPost:
		f.heard["COMPLETE"]++
		var list struct {
			Part []struct {
				PartNumber int
				ETag       string
			}
		}
		if err := xml.Unmarshal(body, &list); err != nil {
			return refuse(http.StatusBadRequest, "MalformedXML")
		}
		var data []byte
		for _, p := range list.Part {
			piece, ok := u.parts[p.PartNumber]
			if !ok || strings.Trim(p.ETag, `"`) != strings.Trim(etag(piece), `"`) {
				return refuse(http.StatusBadRequest, "InvalidPart")
			}
			data = append(data, piece...)
		}
		if fail := f.put(w, r, bucket, name, data, u.meta); fail != nil {
			return fail
		}
		delete(f.uploads, id)
		fmt.Fprintf(w, "<CompleteMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><ETag>x</ETag></CompleteMultipartUploadResult>", bucket, name)
	case http.MethodDelete:
		f.heard["ABORT"]++
		delete(f.uploads, id)
		w.WriteHeader(http.StatusNoContent)
	}
	return nil
}

func (f *Fake) page() int {
	if f.Page == 0 {
		return 1000
	}
	return f.Page
}

type listed struct {
	Key          string
	LastModified string
	ETag         string
	Size         int
	VersionId    string `xml:",omitempty"`
	IsLatest     bool
}

type prefixes struct{ Prefix string }

func (f *Fake) list(w http.ResponseWriter, bucket, prefix, delimiter, after string) *failure {
	type result struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		Name                  string
		IsTruncated           bool
		NextContinuationToken string `xml:",omitempty"`
		Contents              []listed
		CommonPrefixes        []prefixes
	}
	out := result{Name: bucket}
	n, last, group := 0, "", ""
	for _, name := range f.names(bucket) {
		if !strings.HasPrefix(name, prefix) || name <= after || group != "" && strings.HasPrefix(name, group) {
			continue
		}
		if delimiter != "" {
			if i := strings.Index(name[len(prefix):], delimiter); i >= 0 {
				group = name[:len(prefix)+i+len(delimiter)]
				if strings.HasPrefix(after, group) {
					continue
				}
				if n++; n > f.page() {
					out.IsTruncated, out.NextContinuationToken = true, last
					break
				}
				out.CommonPrefixes, last = append(out.CommonPrefixes, prefixes{group}), group+"\xff"
				continue
			}
		}
		if n++; n > f.page() {
			out.IsTruncated, out.NextContinuationToken = true, last
			break
		}
		o, _ := f.newest(bucket, name)
		out.Contents, last = append(out.Contents, listed{Key: name, LastModified: o.at.UTC().Format(time.RFC3339), ETag: etag(o.data), Size: len(o.data)}), name
	}
	return encode(w, out)
}

func encode(w io.Writer, v any) *failure {
	if err := xml.NewEncoder(w).Encode(v); err != nil {
		return refuse(http.StatusInternalServerError, "InternalError")
	}
	return nil
}

func (f *Fake) listVersions(w io.Writer, bucket, prefix string) {
	fmt.Fprint(w, "<ListVersionsResult>")
	for _, name := range slices.Sorted(maps.Keys(f.buckets[bucket])) {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		for _, o := range f.buckets[bucket][name] {
			kind := "Version"
			if o.gone {
				kind = "DeleteMarker"
			}
			fmt.Fprintf(w, "<%s><Key>%s</Key><VersionId>%s</VersionId><Size>%d</Size><LastModified>%s</LastModified></%s>",
				kind, name, o.version, len(o.data), o.at.UTC().Format(time.RFC3339), kind)
		}
	}
	fmt.Fprint(w, "</ListVersionsResult>")
}

func (f *Fake) listUploads(w http.ResponseWriter, bucket, prefix string) *failure {
	fmt.Fprint(w, "<ListMultipartUploadsResult>")
	for id, u := range f.uploads {
		if u.bucket == bucket && strings.HasPrefix(u.name, prefix) {
			fmt.Fprintf(w, "<Upload><Key>%s</Key><UploadId>%s</UploadId></Upload>", u.name, id)
		}
	}
	fmt.Fprint(w, "</ListMultipartUploadsResult>")
	return nil
}
