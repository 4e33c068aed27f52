#!/bin/sh
# Writes what compose.yaml needs as secrets into ./secrets, once: what is there
# stays. Random passwords, and the addresses and settings that hold them.
#
# The folder is for its owner alone; the files in it can be read, since each
# container reads the few that it is given as a user of its own.
set -eu
cd "$(dirname -- "$0")"
umask 077
mkdir -p secrets
chmod 0700 secrets

# password NAME: 192 random bits, in characters that need no escaping in an address.
password() {
	[ -s "secrets/$1" ] || put "$1" "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"
}

# put NAME TEXT: whole or not at all.
put() {
	printf '%s\n' "$2" >"secrets/.$1.new"
	chmod 0444 "secrets/.$1.new"
	mv "secrets/.$1.new" "secrets/$1"
}

# derive NAME TEXT: as put, unless it is there.
derive() {
	[ -s "secrets/$1" ] || put "$1" "$2"
}

for name in postgres_password casebook_password redis_password elastic_password index_password admin_password; do
	password "$name"
done
derive casebook_dsn "postgres://resumewatch:$(cat secrets/casebook_password)@postgres:5432/resumewatch?sslmode=disable"
derive queue_redis "redis://:$(cat secrets/redis_password)@redis:6379/0"
derive redis_conf "$(sed "s/@PASSWORD@/$(cat secrets/redis_password)/" redis.conf)"
derive index_elasticsearch "http://resumewatch:$(cat secrets/index_password)@elasticsearch:9200"

echo "secrets: $(ls secrets | wc -l) files in $(pwd)/secrets"
echo "console: sign in as admin with the password in secrets/admin_password"
