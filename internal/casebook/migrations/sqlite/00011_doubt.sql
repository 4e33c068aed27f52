-- Posts in the classifier's band of doubt, which wait for a person. Here is no word of
-- them: what they say lies sealed in the spool.

-- +goose Up
CREATE TABLE doubt (
  num        INTEGER PRIMARY KEY AUTOINCREMENT,
  post_id    TEXT NOT NULL UNIQUE,
  digest     TEXT NOT NULL,              -- keyed, of the text
  print      INTEGER NOT NULL,           -- keyed fingerprint of post and text
  source     TEXT NOT NULL,
  place      TEXT NOT NULL,
  item       TEXT NOT NULL,              -- in the spool; '' nothing is there any more
  extractor  TEXT NOT NULL,
  confidence REAL NOT NULL,
  reasons    TEXT NOT NULL,              -- JSON list of codes
  posted_at  INTEGER NOT NULL,           -- 0 not known
  seen_at    INTEGER NOT NULL,
  state      TEXT NOT NULL,              -- waiting, accepted, rejected, expired
  verdict    TEXT NOT NULL DEFAULT '',   -- what was decided (JSON)
  decided_by TEXT NOT NULL DEFAULT '',
  decided_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX doubt_state ON doubt (state, source, num);
CREATE INDEX doubt_item ON doubt (item) WHERE item <> '';

-- Fingerprints of posts that don't wait again: a person rejected them, or one whom they
-- show was erased.
CREATE TABLE doubt_closed (
  print   INTEGER PRIMARY KEY,
  verdict TEXT NOT NULL,                 -- rejected, erased
  at      INTEGER NOT NULL
);
CREATE INDEX doubt_closed_at ON doubt_closed (at);

-- What a person decided of the listing (JSON); '' nobody has.
ALTER TABLE listing ADD COLUMN decided TEXT NOT NULL DEFAULT '';
