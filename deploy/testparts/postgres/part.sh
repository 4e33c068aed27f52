# Shared by start, stop and restart: where the part lives. Sourced, not run.
part=postgres
. "$(dirname -- "$0")/../common.sh"
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
home=$cache/postgres
data=$home/data
state=$home/state # PORT=… PASSWORD=… BY=… FAST=… of what runs
log=$home/log
mkdir -p "$home"

# stated KEY: a value of the state file.
stated() { sed -n "s/^$1=//p" "$state" 2>/dev/null || true; }

# The newest server that Debian has put here.
bin=
found() {
	for d in /usr/lib/postgresql/*/bin; do
		if [ -x "$d/initdb" ] && [ -x "$d/pg_ctl" ] && [ -x "$d/postgres" ]; then bin=$d; fi
	done
	[ -n "$bin" ]
}

# as COMMAND…: the server refuses to run as root, so root runs it as the account
# that Debian's package made. Where that account can't reach the cache (a checkout
# below /root), it is let through by the capability that root itself uses.
as() {
	if [ "$(id -u)" != 0 ]; then
		(cd "$home" && "$@")
		return
	fi
	caps=
	if ! setpriv --reuid=postgres --regid=postgres --clear-groups test -x "$home" 2>/dev/null; then
		caps="--inh-caps=+dac_override --ambient-caps=+dac_override"
	fi
	(cd "$home" && HOME=$home setpriv --reuid=postgres --regid=postgres --clear-groups $caps "$@")
}

# runs: the server of our folder is there, not a process that got its number.
runs() {
	pid=$(head -1 "$data/postmaster.pid" 2>/dev/null) || return 1
	[ -n "$pid" ] && [ -r "/proc/$pid/cmdline" ] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- "-D $data"
}

address() { echo "postgres://resumewatch:$(stated PASSWORD)@127.0.0.1:$(stated PORT)/postgres?sslmode=disable"; }

# launch starts the server at the port of the state file and waits until it answers.
launch() {
	if ! as "$bin/pg_ctl" start -D "$data" -w -t 60 -s -l "$log" -o "-p $(stated PORT)" </dev/null >&2 9>&-; then
		say "the server did not start; its log:"
		tail -20 "$log" >&2
		return 1
	fi
}

# halt MODE stops the server: fast says good-bye, immediate is a crash. The lock must be held.
halt() {
	if runs; then as "$bin/pg_ctl" stop -D "$data" -m "$1" -w -t 60 -s >&2; fi
}

# durability writes whether commits wait for the disk, from FAST of the state file.
durability() {
	if [ "$(stated FAST)" = 1 ]; then echo "fsync = off"; else echo "fsync = on"; fi >"$data/fast.conf"
	chmod 644 "$data/fast.conf"
}
