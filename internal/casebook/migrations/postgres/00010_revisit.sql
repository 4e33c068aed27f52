-- Looks at pages that show what an earlier capture has.

-- +goose Up
ALTER TABLE capture ADD COLUMN refers TEXT COLLATE "C" NOT NULL DEFAULT ''; -- digest of the first capture of these listings; '' it is one itself
CREATE INDEX capture_refers ON capture (refers) WHERE refers <> '';

ALTER TABLE page ADD COLUMN kept TEXT NOT NULL DEFAULT ''; -- what the visit job wants to know of its newest capture (JSON)
