-- The custody log: what was done with evidence. An event is written by the
-- transaction that does it and never changed; the leader numbers events and adds
-- the hashes of the tree over them.

-- +goose Up
CREATE TABLE custody_event (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  seq    INTEGER,                        -- number in the log, from 0; NULL: waits for one
  event  TEXT NOT NULL,                  -- canonical JSON, the bytes of the leaf
  hashes TEXT NOT NULL DEFAULT ''        -- of the tree, in hex
);
CREATE UNIQUE INDEX custody_event_seq ON custody_event (seq);
CREATE INDEX custody_event_waiting ON custody_event (id) WHERE seq IS NULL;

CREATE TABLE custody_checkpoint (
  size INTEGER PRIMARY KEY,              -- events under it
  at   INTEGER NOT NULL,
  note TEXT NOT NULL                     -- signed
);

-- Time stamps (RFC 3161) of checkpoints.
CREATE TABLE custody_stamp (
  size     INTEGER PRIMARY KEY,          -- of the checkpoint
  due_at   INTEGER NOT NULL,
  got_at   INTEGER NOT NULL DEFAULT 0,   -- 0: still asked for
  token    TEXT NOT NULL DEFAULT ''      -- the service's answer, DER in base64
);
CREATE INDEX custody_stamp_due ON custody_stamp (size) WHERE got_at = 0;

-- The event that a capture was committed with; 0: it is older than the log.
ALTER TABLE capture ADD COLUMN event INTEGER NOT NULL DEFAULT 0;
CREATE INDEX capture_event ON capture (event);
