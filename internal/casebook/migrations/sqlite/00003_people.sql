-- Who may look, what of them is open, and what they did. Secrets are here only as
-- digests (argon2id for passwords, SHA-256 for random tokens).

-- +goose Up
CREATE TABLE person (
  name        TEXT PRIMARY KEY,
  role        TEXT NOT NULL,
  password    TEXT NOT NULL,             -- argon2id PHC string
  language    TEXT NOT NULL DEFAULT '',  -- '': as the browser asks
  theme       TEXT NOT NULL DEFAULT '',  -- light, dark, '': as the system has it
  generation  INTEGER NOT NULL DEFAULT 1, -- sessions of an older one have ended
  created_at  INTEGER NOT NULL,
  disabled_at INTEGER NOT NULL DEFAULT 0,
  seen_at     INTEGER NOT NULL DEFAULT 0 -- last sign-in
) WITHOUT ROWID;

CREATE TABLE web_session (
  digest     TEXT PRIMARY KEY,
  person     TEXT NOT NULL,
  data       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX web_session_used ON web_session (used_at);
CREATE INDEX web_session_person ON web_session (person, used_at);

CREATE TABLE token (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  digest     TEXT NOT NULL UNIQUE,
  person     TEXT NOT NULL,
  scopes     TEXT NOT NULL,              -- words with a space between
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at    INTEGER NOT NULL DEFAULT 0,
  revoked_at INTEGER NOT NULL DEFAULT 0
);

-- Tries to sign in, a row an address and a row an account at an address.
CREATE TABLE sign_in_try (
  subject TEXT PRIMARY KEY,              -- digest
  times   TEXT NOT NULL,                 -- JSON list, oldest first
  last_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_in_try_last ON sign_in_try (last_at);

CREATE TABLE audit (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  who     TEXT NOT NULL,                 -- '' nobody that is known
  action  TEXT NOT NULL,
  target  TEXT NOT NULL,
  detail  TEXT NOT NULL,
  address TEXT NOT NULL,                 -- of the network; '' for the command line
  os_user TEXT NOT NULL                  -- for the command line
);
CREATE INDEX audit_at ON audit (at);
