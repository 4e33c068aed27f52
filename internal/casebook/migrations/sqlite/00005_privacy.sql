-- The blind index: people whose records samples show, as keyed digests. It has no
-- value of anybody; the keys lie outside of the book.

-- +goose Up
CREATE TABLE sample_value (
  listing TEXT NOT NULL,
  record  INTEGER NOT NULL,              -- of the listing's sample, from 0
  kind    TEXT NOT NULL,                 -- phone, email, id_number, resume_id, person
  digest  TEXT NOT NULL,                 -- number of the key, colon, hex
  PRIMARY KEY (listing, record, kind, digest)
) WITHOUT ROWID;
CREATE INDEX sample_value_digest ON sample_value (kind, digest, listing);

-- Values that were erased on request: they are never taken up again.
CREATE TABLE erased_value (
  kind   TEXT NOT NULL,
  digest TEXT NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (kind, digest)
) WITHOUT ROWID;

-- Requests to see what was masked, and who let them.
CREATE TABLE unmask_grant (
  num         INTEGER PRIMARY KEY AUTOINCREMENT,
  who         TEXT NOT NULL,
  reason      TEXT NOT NULL,
  listings    TEXT NOT NULL,             -- JSON list
  asked_at    INTEGER NOT NULL,
  approved_by TEXT NOT NULL DEFAULT '',  -- '' nobody yet, or nobody was needed
  until       INTEGER NOT NULL DEFAULT 0 -- 0: not yet granted
);
