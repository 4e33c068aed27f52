-- Cases: what people collect around alerts, and what their legal holds keep.

-- +goose Up
CREATE TABLE case_file (
  num        INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL,
  state      TEXT NOT NULL,              -- open, closed
  hold       INTEGER NOT NULL DEFAULT 0, -- 1: a legal hold is on
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL
);

-- What people put into a case.
CREATE TABLE case_item (
  case_num INTEGER NOT NULL,
  kind     TEXT NOT NULL,                -- alert, offer, seller, source
  item     TEXT NOT NULL,                -- number of an alert or a seller, id of an offer, name of a source
  PRIMARY KEY (case_num, kind, item)
) WITHOUT ROWID;
CREATE INDEX case_item_item ON case_item (kind, item);

CREATE TABLE case_event (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  case_num INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  who      TEXT NOT NULL,                -- '' the program itself
  action   TEXT NOT NULL,
  detail   TEXT NOT NULL
);
CREATE INDEX case_event_case ON case_event (case_num);

-- What a hold that is on keeps: once in, it stays until the hold is lifted. Of a held
-- source there is the source alone: what it brought says so itself.
CREATE TABLE held (
  kind     TEXT NOT NULL,                -- alert, offer, seller, post, capture, source
  item     TEXT NOT NULL,
  case_num INTEGER NOT NULL,
  PRIMARY KEY (kind, item, case_num)
) WITHOUT ROWID;
CREATE INDEX held_case ON held (case_num, kind);

-- A capture that a hold kept when its month went is sealed anew, to the hold's key.
ALTER TABLE capture ADD COLUMN seal TEXT NOT NULL DEFAULT '';         -- name of the key; '' that of its month
ALTER TABLE capture ADD COLUMN first_sealed TEXT NOT NULL DEFAULT ''; -- sealed digest that it was committed with; '' it is that still
ALTER TABLE capture ADD COLUMN resealed INTEGER NOT NULL DEFAULT 0;   -- event of the last time; 0 never
CREATE INDEX capture_resealed ON capture (resealed) WHERE resealed <> 0;
CREATE INDEX capture_seal ON capture (seal) WHERE seal <> '';
CREATE INDEX capture_at ON capture (at);
