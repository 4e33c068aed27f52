-- What several machines need: the month whose index a listing belongs to, and since
-- when a notice waits.

-- +goose Up
ALTER TABLE listing ADD COLUMN month TEXT NOT NULL DEFAULT ''; -- "2026-01", never changed
UPDATE listing SET month = (SELECT CASE
    WHEN posted_at = 0 OR posted_at > seen_at THEN strftime('%Y-%m', seen_at / 1000, 'unixepoch')
    WHEN posted_at < 946684800000 THEN '2000-01'
    ELSE strftime('%Y-%m', posted_at / 1000, 'unixepoch') END
  FROM post WHERE post.id = listing.id);

ALTER TABLE outbox ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0; -- 0: before this was noted
