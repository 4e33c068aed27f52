// Package wacz writes captures as WACZ 1.1.1 packages, which common viewers
// replay, and checks packages by whomever they were made.
//
// A package is a ZIP: the plain captures as WARC (archive/), an index by address
// (indexes/, CDXJ in gzip blocks), one page a capture (pages/pages.jsonl), which
// stored capture each stretch of the archive is (evidence/captures.jsonl), receipts
// of the custody log for them (evidence/custody.jsonl), the digests of all these
// (datapackage.json) and that file's digest, signed (datapackage-digest.json,
// wacz-auth 0.1.0). Nothing is compressed twice.
//
// Sources: specs.webrecorder.net wacz/1.1.1, cdxj/0.1.0 and wacz-auth/0.1.0.
package wacz

// Names within a package.
const (
	nameArchive  = "archive/evidence-%04d.warc.gz"
	nameIndex    = "indexes/index.cdx.gz"
	nameBlocks   = "indexes/index.idx"
	namePages    = "pages/pages.jsonl"
	nameCaptures = "evidence/captures.jsonl"
	nameCustody  = "evidence/custody.jsonl"
	namePackage  = "datapackage.json"
	nameDigest   = "datapackage-digest.json"
)

// version of the format that is written.
const version = "1.1.1"

// authVersion is that of wacz-auth.
const authVersion = "0.1.0"
