// Package evidence keeps what was seen as WARC 1.1 records, sealed, and proves
// later that nothing was changed.
//
// A Capture is a run of WARC records that starts with a warcinfo record: by
// itself a complete .warc.gz, each record its own gzip member. It is sealed as
// one age file to the key of its month and appended to a file that one writer
// owns alone; NAME.idx beside it has a line for each capture. The order of
// things is: Append, Sync, then commit the Ref to the casebook. What a killed
// writer left behind its last committed capture is cut off by Recover.
//
// The bytes of a capture depend on its content alone (ids are derived, gzip
// carries no time), so that a visit that is repeated after a kill has the same
// digest. This holds for one release of the Go compressor.
package evidence
