#!/bin/bash
# Runs once, on an empty volume: a database and a role that owns it and nothing
# else. Texts are compared byte by byte, as the program does.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
	--set password="$(cat /run/secrets/casebook_password)" <<'SQL'
CREATE ROLE resumewatch LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE DATABASE resumewatch OWNER resumewatch ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
REVOKE ALL ON DATABASE resumewatch FROM PUBLIC;
SQL
