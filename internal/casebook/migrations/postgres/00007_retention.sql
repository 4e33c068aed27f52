-- Retention: what is dropped when it is old, and what stays of it.

-- +goose Up
-- Captures that were dropped, and the event of the custody log that says so.
CREATE TABLE capture_gone (
  digest TEXT COLLATE "C" PRIMARY KEY,
  event  BIGINT NOT NULL
);

-- Evidence files that are being dropped: first the file goes, then its captures, then this row.
CREATE TABLE evidence_drop (
  file  TEXT COLLATE "C" PRIMARY KEY,
  month TEXT COLLATE "C" NOT NULL
);

-- Keyed fingerprints of listings that were dropped: they are not taken up again.
CREATE TABLE listing_gone (
  print BIGINT PRIMARY KEY,
  at    BIGINT NOT NULL
);
CREATE INDEX listing_gone_at ON listing_gone (at);

-- Begin of the day on which something was last added to a block.
ALTER TABLE seen ADD COLUMN at BIGINT NOT NULL DEFAULT 0;
UPDATE seen SET at = CAST(extract(epoch FROM date_trunc('day', now() AT TIME ZONE 'UTC')) AS BIGINT) * 1000;
CREATE INDEX seen_at ON seen (at);

CREATE INDEX post_seen ON post (seen_at, id);
CREATE INDEX offer_alias_offer ON offer_alias (offer_id);
CREATE INDEX alert_merged ON alert (merged) WHERE merged <> 0;
CREATE INDEX seller_merged ON seller (merged) WHERE merged <> 0;
