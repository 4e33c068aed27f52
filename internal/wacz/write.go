package wacz

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"strings"
	"time"

	"resumewatch/internal/evidence"
)

// MaxArchive is the size at which a further archive file is begun, in bytes. A
// capture is never split.
const MaxArchive = 1 << 30

// blockLines is how many lines of the index share a gzip member.
const blockLines = 300

// Options describe a package.
type Options struct {
	Title       string
	Description string
	Software    string            // program and version
	Created     time.Time         // when it is made
	Key         *ecdsa.PrivateKey // that signs; nil: nobody
	Scratch     string            // folder for what doesn't fit into memory; "" is the system's
	MaxArchive  int64             // 0: MaxArchive
}

// Summary says what a package holds.
type Summary struct {
	Captures int
	Records  int
	Pages    int
	Bytes    int64  // of the plain captures
	Hash     string // of datapackage.json, which stands for all: "sha256:…"
	Signer   string // fingerprint of the key; "" unsigned
}

// Writer makes one package, capture by capture. It is for one goroutine.
type Writer struct {
	o         Options
	zip       *zip.Writer
	open      *resourceWriter // the archive file that is written
	resources []resource
	archives  int
	index     sorter
	pages     *scratch
	captures  *scratch
	receipts  *scratch
	custody   int // receipts
	main      page
	sum       Summary
	err       error
}

// resource is one file of the package, in datapackage.json.
type resource struct {
	Name  string `json:"name"`
	Path  string `json:"path"`
	Hash  string `json:"hash"`
	Bytes int64  `json:"bytes"`
}

// dataPackage is datapackage.json.
type dataPackage struct {
	Profile      string     `json:"profile"`
	WACZVersion  string     `json:"wacz_version"`
	Title        string     `json:"title,omitempty"`
	Description  string     `json:"description,omitempty"`
	Created      string     `json:"created"`
	Software     string     `json:"software,omitempty"`
	MainPageURL  string     `json:"mainPageUrl,omitempty"`
	MainPageDate string     `json:"mainPageDate,omitempty"`
	Resources    []resource `json:"resources"`
}

// page is a line of pages.jsonl.
type page struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	TS    string `json:"ts"`
	Title string `json:"title,omitempty"`
}

// CaptureLine is a line of evidence/captures.jsonl: which stored capture a
// stretch of the package's archive is.
type CaptureLine struct {
	evidence.Ref
	Archive       string `json:"archive"`        // path within the package
	ArchiveOffset int64  `json:"archive_offset"` // of the plain capture within it
	ArchiveLength int64  `json:"archive_length"`
}

// NewWriter begins a package on dst.
func NewWriter(dst io.Writer, o Options) (w *Writer, err error) {
	if o.Created.IsZero() {
		return nil, errors.New("wacz: a package needs the time at which it is made")
	}
	if o.MaxArchive <= 0 {
		o.MaxArchive = MaxArchive
	}
	w = &Writer{o: o, zip: zip.NewWriter(dst), index: sorter{dir: o.Scratch}}
	if w.pages, err = newScratch(o.Scratch); err != nil {
		return nil, err
	}
	if w.captures, err = newScratch(o.Scratch); err == nil {
		if w.receipts, err = newScratch(o.Scratch); err == nil {
			return w, nil
		}
		w.captures.drop()
	}
	w.pages.drop()
	return nil, err
}

// Drop gives up what the writer holds. After Close it does nothing; what was
// written to dst before Close is no package.
func (w *Writer) Drop() {
	w.index.drop()
	w.pages.drop()
	w.captures.drop()
	w.receipts.drop()
	if w.err == nil {
		w.err = errors.New("wacz: the writer was given up")
	}
}

// Add writes one capture: plain must be the bytes of its digest. After an error
// the package can't be finished.
func (w *Writer) Add(ctx context.Context, ref evidence.Ref, plain io.Reader) error {
	if w.err == nil {
		if err := w.add(ctx, ref, plain); err != nil {
			w.err = fmt.Errorf("wacz: capture %.16s: %w", ref.Digest, err)
		}
	}
	return w.err
}

func (w *Writer) add(ctx context.Context, ref evidence.Ref, plain io.Reader) error {
	if w.open == nil || w.open.size >= w.o.MaxArchive {
		w.finish()
		w.archives++
		var err error
		if w.open, err = w.resource(fmt.Sprintf(nameArchive, w.archives)); err != nil {
			return err
		}
	}
	base, file := w.open.size, path.Base(w.open.path)
	var shown page
	got, err := scan(&ctxReader{ctx, plain}, w.open, func(r record) error {
		l, err := line(r.at, r.entry(file, base))
		if err != nil {
			return err
		}
		// The last response is the page itself, those before led to it.
		if ref.Kind != evidence.KindChat || shown.URL == "" {
			shown = page{URL: r.url, TS: r.date}
		} else if err := w.page(ref, shown); err == nil {
			shown = page{URL: r.url, TS: r.date}
		} else {
			return err
		}
		return w.index.add(l)
	})
	if err != nil {
		return err
	}
	if got.sum != ref.Digest {
		return fmt.Errorf("its plain bytes have digest %s", got.sum)
	}
	if shown.URL == "" {
		return errors.New("it holds nothing that was seen")
	}
	if err := w.page(ref, shown); err != nil {
		return err
	}
	w.sum.Captures++
	w.sum.Records += got.records
	w.sum.Bytes += got.length
	return jsonLine(w.captures.out, CaptureLine{ref, w.open.path, base, got.length})
}

func (w *Writer) page(ref evidence.Ref, p page) error {
	w.sum.Pages++
	p.ID = fmt.Sprintf("%.16s-%d", ref.Digest, w.sum.Pages)
	p.Title = p.URL
	if w.main.URL == "" {
		w.main = p
	}
	return jsonLine(w.pages.out, p)
}

// MaxReceipt is the most bytes of a receipt.
const MaxReceipt = maxLine - 1

// AddReceipt takes one line of JSON that shows that captures of the package stand in
// a log of whoever makes it.
func (w *Writer) AddReceipt(line []byte) error {
	if w.err != nil {
		return w.err
	}
	if line = bytes.TrimRight(line, "\n"); bytes.IndexByte(line, '\n') >= 0 || len(line) > MaxReceipt {
		return fmt.Errorf("wacz: a receipt of %d bytes, or of several lines", len(line))
	}
	w.custody++
	if _, err := w.receipts.out.Write(append(line, '\n')); err != nil {
		w.err = fmt.Errorf("wacz: %w", err)
	}
	return w.err
}

// Close writes the index, the pages and the signed list of digests.
func (w *Writer) Close(ctx context.Context) (Summary, error) {
	if w.err == nil {
		w.err = w.close(ctx)
	}
	if w.err != nil {
		err := w.err
		w.Drop()
		return Summary{}, err
	}
	w.Drop()
	return w.sum, nil
}

func (w *Writer) close(ctx context.Context) error {
	if w.sum.Captures == 0 {
		return errors.New("wacz: a package without a capture")
	}
	w.finish()
	if err := w.writeIndex(ctx); err != nil {
		return err
	}
	head, err := compact(map[string]string{"format": "json-pages-1.0", "id": "pages", "title": "Captures"})
	if err != nil {
		return err
	}
	if err := w.copyResource(ctx, namePages, string(head), w.pages); err != nil {
		return err
	}
	if err := w.copyResource(ctx, nameCaptures, "", w.captures); err != nil {
		return err
	}
	if w.custody > 0 {
		if err := w.copyResource(ctx, nameCustody, "", w.receipts); err != nil {
			return err
		}
	}
	doc := dataPackage{Profile: "data-package", WACZVersion: version, Title: w.o.Title, Description: w.o.Description,
		Created: w.o.Created.UTC().Format(time.RFC3339), Software: w.o.Software, MainPageURL: w.main.URL, MainPageDate: w.main.TS, Resources: w.resources}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("wacz: %w", err)
	}
	text = append(text, '\n')
	if err := w.plain(namePackage, text); err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	digest := digestFile{Path: namePackage, Hash: "sha256:" + hex.EncodeToString(sum[:])}
	w.sum.Hash = digest.Hash
	if w.o.Key != nil {
		if digest.Signed, err = sign(w.o.Key, digest.Hash, doc.Created, w.o.Software); err != nil {
			return err
		}
		if w.sum.Signer, err = Fingerprint(&w.o.Key.PublicKey); err != nil {
			return err
		}
	}
	if text, err = json.MarshalIndent(digest, "", "  "); err != nil {
		return fmt.Errorf("wacz: %w", err)
	}
	if err := w.plain(nameDigest, append(text, '\n')); err != nil {
		return err
	}
	if err := w.zip.Close(); err != nil {
		return fmt.Errorf("wacz: %w", err)
	}
	return nil
}

// writeIndex writes the sorted lines as gzip members, and where each begins.
func (w *Writer) writeIndex(ctx context.Context) error {
	out, err := w.resource(nameIndex)
	if err != nil {
		return err
	}
	blocks, err := newScratch(w.o.Scratch)
	if err != nil {
		return err
	}
	defer blocks.drop()
	if _, err := blocks.out.WriteString(`!meta 0 {"format": "cdxj-gzip-1.0", "filename": "` + path.Base(nameIndex) + "\"}\n"); err != nil {
		return fmt.Errorf("wacz: %w", err)
	}
	var held []string
	var buf bytes.Buffer
	flush := func() error {
		if len(held) == 0 {
			return nil
		}
		buf.Reset()
		z := gzip.NewWriter(&buf)
		for _, l := range held {
			if _, err := io.WriteString(z, l); err != nil {
				return fmt.Errorf("wacz: %w", err)
			}
		}
		if err := z.Close(); err != nil {
			return fmt.Errorf("wacz: %w", err)
		}
		sum := sha256.Sum256(buf.Bytes())
		prefix, _, _ := strings.Cut(held[0], " {")
		if _, err := fmt.Fprintf(blocks.out, "%s {\"offset\": %d, \"length\": %d, \"digest\": \"sha256:%x\"}\n", prefix, out.size, buf.Len(), sum); err != nil {
			return fmt.Errorf("wacz: %w", err)
		}
		held = held[:0]
		_, err := out.Write(buf.Bytes())
		return err
	}
	if err := w.index.each(func(l string) error {
		if held = append(held, l); len(held) < blockLines {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return flush()
	}); err != nil {
		return err
	}
	if err := flush(); err != nil {
		return err
	}
	w.resources = append(w.resources, out.done())
	return w.copyResource(ctx, nameBlocks, "", blocks)
}

// finish ends the archive file that is open.
func (w *Writer) finish() {
	if w.open != nil {
		w.resources = append(w.resources, w.open.done())
		w.open = nil
	}
}

func (w *Writer) copyResource(ctx context.Context, name, head string, from *scratch) error {
	out, err := w.resource(name)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(out, head); err != nil {
		return err
	}
	r, err := from.rewind()
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, &ctxReader{ctx, r}); err != nil {
		return fmt.Errorf("wacz: %s: %w", name, err)
	}
	w.resources = append(w.resources, out.done())
	return nil
}

// plain writes a file that is no resource.
func (w *Writer) plain(name string, content []byte) error {
	out, err := w.resource(name)
	if err != nil {
		return err
	}
	_, err = out.Write(content)
	return err
}

// resource begins a file. All are stored, not deflated: archive and index are
// compressed already, and of a stored file each byte has one meaning.
func (w *Writer) resource(name string) (*resourceWriter, error) {
	out, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: w.o.Created.UTC()})
	if err != nil {
		return nil, fmt.Errorf("wacz: %s: %w", name, err)
	}
	return &resourceWriter{path: name, out: out, hash: sha256.New()}, nil
}

// resourceWriter counts and digests a file.
type resourceWriter struct {
	path string
	out  io.Writer
	hash hash.Hash
	size int64
}

// Write implements io.Writer.
func (r *resourceWriter) Write(p []byte) (int, error) {
	n, err := r.out.Write(p)
	r.hash.Write(p[:n])
	r.size += int64(n)
	if err != nil {
		return n, fmt.Errorf("wacz: %s: %w", r.path, err)
	}
	return n, nil
}

func (r *resourceWriter) done() resource {
	return resource{Name: path.Base(r.path), Path: r.path, Hash: "sha256:" + hex.EncodeToString(r.hash.Sum(nil)), Bytes: r.size}
}

// compact spells JSON on one line, addresses as they are.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	if err := jsonLine(&b, v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func jsonLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("wacz: %w", err)
	}
	return nil
}

// ctxReader ends with the context.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
