# Shared by start, stop and restart: where the part lives. Sourced, not run.
part=s3
. "$(dirname -- "$0")/../common.sh"
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
home=$cache/s3
state=$home/state # PORT=… SECRET=… BY=… of what runs
log=$home/log
mkdir -p "$home"
chmod 700 "$home"
server=$cache/bin/versitygw-$({ cat "$here/go.mod" "$here/go.sum"; go env GOVERSION; } | cksum | cut -d' ' -f1)

# stated KEY: a value of the state file.
stated() { sed -n "s/^$1=//p" "$state" 2>/dev/null || true; }

# runs: our server is there, not a process that got its number.
runs() {
	pid=$(cat "$home/pid" 2>/dev/null) && [ -n "$pid" ] && [ -r "/proc/$pid/cmdline" ] &&
		tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- "$home/data"
}

answers() {
	runs && python3 - "$(stated PORT)" <<'PY' 2>/dev/null
import sys, urllib.request
urllib.request.build_opener(urllib.request.ProxyHandler({})).open("http://127.0.0.1:%s/health" % sys.argv[1], timeout=2)
PY
}

# launch starts the server at the port of the state file and waits until it answers.
launch() {
	mkdir -p "$home/data" "$home/versions" "$home/iam"
	ROOT_ACCESS_KEY_ID=resumewatch ROOT_SECRET_ACCESS_KEY=$(stated SECRET) nohup "$server" --quiet --keep-alive --health /health \
		--port "127.0.0.1:$(stated PORT)" --iam-dir "$home/iam" posix --versioning-dir "$home/versions" "$home/data" >>"$log" 2>&1 </dev/null 9>&- &
	echo $! >"$home/pid"
	n=0
	until answers; do
		n=$((n + 1))
		if [ $n -gt 100 ] || ! kill -0 "$(cat "$home/pid")" 2>/dev/null; then
			say "the server did not start; its log:"
			tail -20 "$log" >&2
			return 1
		fi
		sleep 0.05
	done
}

# halt [SIGNAL] ends the server.
halt() {
	n=0
	while runs && [ $n -lt 200 ]; do
		if [ $n = 100 ]; then set -- KILL; fi
		if [ $((n % 100)) = 0 ]; then kill "-${1:-TERM}" "$(cat "$home/pid")" 2>/dev/null || true; fi
		n=$((n + 1))
		sleep 0.05
	done
	rm -f "$home/pid"
}

tell() {
	echo "RESUMEWATCH_S3=http://127.0.0.1:$(stated PORT)"
	echo "RESUMEWATCH_S3_ACCESS_KEY=resumewatch"
	echo "RESUMEWATCH_S3_SECRET_KEY=$(stated SECRET)"
}
