-- What reading again needs: which version of the extractor read a capture last, what
-- a later reading took the ground from, and chunks that are kept whole for a case.

-- +goose Up
ALTER TABLE capture ADD COLUMN extractor TEXT COLLATE "C" NOT NULL DEFAULT ''; -- '' not known
CREATE INDEX listing_extractor ON listing (extractor);

ALTER TABLE outbox ADD COLUMN reread INTEGER NOT NULL DEFAULT 0;   -- 1: the text is the same, its reading is another
ALTER TABLE alert ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0; -- a later reading finds no ground for it: 1 dismissed, 2 left to people

CREATE TABLE kept_whole (
  capture TEXT COLLATE "C" PRIMARY KEY,  -- digest
  case_num BIGINT NOT NULL,               -- number of the case that it is kept for
  archive TEXT COLLATE "C" NOT NULL,
  start   BIGINT NOT NULL,               -- offset in the archive
  chunk   TEXT COLLATE "C" NOT NULL      -- how it is read (JSON)
);
CREATE UNIQUE INDEX kept_whole_once ON kept_whole (case_num, archive, start);
