-- Times are integers: milliseconds since 1970 UTC; NULL or 0 is unknown.
-- Documents (payload, reasons, flags …) are JSON text.

-- +goose Up
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE source (
  name       TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  url        TEXT NOT NULL,
  state      TEXT NOT NULL,              -- active, paused, removed
  watch      INTEGER NOT NULL,           -- 1: visited again and again by `up`
  settings   TEXT NOT NULL,              -- authority, rate, robots, exceptions
  last_read  INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
);

CREATE TABLE run (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  kind       TEXT NOT NULL,              -- import, crawl, up
  started_at INTEGER NOT NULL
);
CREATE TABLE run_count (
  run_id INTEGER NOT NULL,
  name   TEXT NOT NULL,
  n      INTEGER NOT NULL,
  PRIMARY KEY (run_id, name)
) WITHOUT ROWID;
CREATE TABLE run_problem (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id INTEGER NOT NULL,
  doc    TEXT NOT NULL
);
CREATE INDEX run_problem_run ON run_problem (run_id);

-- One row a unit of work. Its owner is this table, never the queue.
CREATE TABLE work (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL,             -- chunk, visit
  run_id      INTEGER NOT NULL,
  source      TEXT NOT NULL,
  state       TEXT NOT NULL,             -- pending, leased, done, failed
  due_at      INTEGER NOT NULL,
  lease_until INTEGER NOT NULL DEFAULT 0,
  generation  INTEGER NOT NULL DEFAULT 1,
  attempts    INTEGER NOT NULL DEFAULT 0,
  payload     TEXT NOT NULL,
  outcome     TEXT NOT NULL DEFAULT '',
  reason      TEXT NOT NULL DEFAULT '',
  finished_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX work_due ON work (state, due_at);
CREATE INDEX work_run ON work (run_id, state);

CREATE TABLE page (
  id            TEXT PRIMARY KEY,
  source        TEXT NOT NULL,
  host          TEXT NOT NULL,
  url           TEXT NOT NULL,           -- to fetch next
  canonical     TEXT NOT NULL,
  alias         TEXT NOT NULL DEFAULT '', -- another spelling of that canonical address
  kind          TEXT NOT NULL,           -- '', index, board, thread
  board         TEXT NOT NULL DEFAULT '',
  thread        TEXT NOT NULL DEFAULT '',
  page_no       INTEGER NOT NULL DEFAULT 1,
  due_at        INTEGER,                 -- NULL: not due
  batch         TEXT,                    -- work.id that has it
  run_id        INTEGER,                 -- run that it is owed to
  asked         INTEGER NOT NULL DEFAULT 0, -- 1: another run asked for it during its visit
  attempts      INTEGER NOT NULL DEFAULT 0,
  outcome       TEXT NOT NULL DEFAULT '',
  reason        TEXT NOT NULL DEFAULT '',
  visited_at    INTEGER NOT NULL DEFAULT 0,
  last_run      INTEGER NOT NULL DEFAULT 0, -- run of the last visit
  digest        TEXT NOT NULL DEFAULT '',
  etag          TEXT NOT NULL DEFAULT '',
  last_modified TEXT NOT NULL DEFAULT '',
  mark          TEXT NOT NULL DEFAULT '' -- what the reader wants to know next time
);
CREATE INDEX page_due ON page (due_at) WHERE due_at IS NOT NULL AND batch IS NULL;
CREATE INDEX page_batch ON page (batch) WHERE batch IS NOT NULL;
CREATE INDEX page_run ON page (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX page_source ON page (source, thread);

CREATE TABLE visit_count (
  source  TEXT NOT NULL,
  outcome TEXT NOT NULL,
  n       INTEGER NOT NULL,
  PRIMARY KEY (source, outcome)
) WITHOUT ROWID;

-- Keyed fingerprints of every post read, sorted, 8 bytes each.
CREATE TABLE seen (
  place  TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  prints BLOB NOT NULL,
  PRIMARY KEY (place, bucket)
) WITHOUT ROWID;

CREATE TABLE capture (
  digest        TEXT PRIMARY KEY,
  sealed_digest TEXT NOT NULL,
  file          TEXT NOT NULL,
  start         INTEGER NOT NULL,
  length        INTEGER NOT NULL,
  kind          TEXT NOT NULL,
  url           TEXT NOT NULL,
  at            INTEGER NOT NULL,
  source        TEXT NOT NULL
);
CREATE INDEX capture_file ON capture (file, start);

-- Posts that hold (or once held) a listing; text is masked.
CREATE TABLE post (
  id           TEXT PRIMARY KEY,
  place        TEXT NOT NULL,
  place_name   TEXT NOT NULL,
  site         TEXT NOT NULL,
  native_id    TEXT NOT NULL,
  author_kind  TEXT NOT NULL,
  author_id    TEXT NOT NULL,
  author_name  TEXT NOT NULL,
  posted_at    INTEGER NOT NULL,
  seen_at      INTEGER NOT NULL,
  title        TEXT NOT NULL,
  text         TEXT NOT NULL,
  text_digest  TEXT NOT NULL,
  permalink    TEXT NOT NULL,
  flags        TEXT NOT NULL,
  state        TEXT NOT NULL,
  revision     INTEGER NOT NULL DEFAULT 0,
  thread       TEXT NOT NULL DEFAULT '',
  capture      TEXT NOT NULL,
  start        INTEGER NOT NULL,
  length       INTEGER NOT NULL
);
CREATE INDEX post_thread ON post (thread) WHERE thread <> '';
CREATE TABLE post_source (
  post_id TEXT NOT NULL,
  source  TEXT NOT NULL,
  PRIMARY KEY (post_id, source)
) WITHOUT ROWID;
CREATE TABLE post_revision (
  post_id  TEXT NOT NULL,
  revision INTEGER NOT NULL,
  text     TEXT NOT NULL,
  digest   TEXT NOT NULL,
  capture  TEXT NOT NULL,
  seen_at  INTEGER NOT NULL,
  PRIMARY KEY (post_id, revision)
) WITHOUT ROWID;

CREATE TABLE listing (
  id         TEXT PRIMARY KEY,           -- the post's
  extractor  TEXT NOT NULL,
  live       INTEGER NOT NULL,           -- 0: an edit took the offer away
  doc        TEXT NOT NULL,
  confidence REAL NOT NULL,
  reasons    TEXT NOT NULL,
  spans      TEXT NOT NULL,
  sketch     INTEGER NOT NULL,
  version    INTEGER NOT NULL,
  wording    TEXT NOT NULL
);
CREATE INDEX listing_wording ON listing (wording);

-- What one account said in the same words, however often: the unit of grouping.
CREATE TABLE wording (
  id         TEXT PRIMARY KEY,
  place      TEXT NOT NULL,
  site       TEXT NOT NULL,
  author_kind TEXT NOT NULL,
  author_id  TEXT NOT NULL,
  author_name TEXT NOT NULL,
  doc        TEXT NOT NULL,
  sketch     INTEGER NOT NULL,
  listings   INTEGER NOT NULL,           -- live ones
  oldest     TEXT NOT NULL,              -- id of the oldest of them; '' none
  oldest_at  INTEGER NOT NULL,           -- when that was posted, 0 unknown
  first_seen INTEGER NOT NULL,
  last_seen  INTEGER NOT NULL,
  offer_id   TEXT NOT NULL DEFAULT '',
  seller_id  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX wording_offer ON wording (offer_id);
CREATE INDEX wording_seller ON wording (seller_id);
CREATE TABLE wording_source (
  wording TEXT NOT NULL,
  source  TEXT NOT NULL,
  PRIMARY KEY (wording, source)
) WITHOUT ROWID;
CREATE TABLE wording_key (
  key     TEXT NOT NULL,
  wording TEXT NOT NULL,
  PRIMARY KEY (key, wording)
) WITHOUT ROWID;
CREATE INDEX wording_key_wording ON wording_key (wording);

CREATE TABLE outbox (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  topic  TEXT NOT NULL,                  -- index, group
  ref    TEXT NOT NULL,
  run_id INTEGER NOT NULL
);
CREATE INDEX outbox_topic ON outbox (topic, seq);
CREATE INDEX outbox_run ON outbox (run_id);

CREATE TABLE offer (
  id         TEXT PRIMARY KEY,
  seller_id  INTEGER NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen  INTEGER NOT NULL,
  sightings  INTEGER NOT NULL,
  run_id     INTEGER NOT NULL DEFAULT 0  -- run that it is counted for: the first of its parts
);
CREATE TABLE offer_alias (
  alias    TEXT PRIMARY KEY,
  offer_id TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE seller (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  merged INTEGER NOT NULL DEFAULT 0      -- the seller that it became part of
);
CREATE TABLE seller_key (
  key       TEXT PRIMARY KEY,
  seller_id INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX seller_key_seller ON seller_key (seller_id);

CREATE TABLE alert (
  num        INTEGER PRIMARY KEY AUTOINCREMENT,
  kind       TEXT NOT NULL,
  offer_id   TEXT NOT NULL,
  rule       TEXT NOT NULL,
  severity   TEXT NOT NULL,
  state      TEXT NOT NULL,
  title      TEXT NOT NULL,
  reasons    TEXT NOT NULL,
  assignee   TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  merged     INTEGER NOT NULL DEFAULT 0, -- the alert that it became part of
  run_id     INTEGER NOT NULL DEFAULT 0  -- run that it is counted for
);
CREATE UNIQUE INDEX alert_offer ON alert (offer_id, rule) WHERE merged = 0;
CREATE TABLE alert_event (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  alert  INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  who    TEXT NOT NULL,
  action TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX alert_event_alert ON alert_event (alert);

-- Files that chunks are read from; a file that was moved keeps its id.
CREATE TABLE archive (
  id  TEXT PRIMARY KEY,
  doc TEXT NOT NULL
);

CREATE TABLE lease (
  name   TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until  INTEGER NOT NULL,
  fence  INTEGER NOT NULL
);
