# Shared by start, stop and seed: where the part lives. Sourced, not run.
part=machina
. "$(dirname -- "$0")/../common.sh"
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
mkdir -p "$cache/machina"
venv=$cache/machina/venv
state=$cache/machina/state # URL=… PID=… BY=… of what runs
db=$cache/machina/site     # the forum's own files
export RESUMEWATCH_MACHINA_DIR="$db"
export DJANGO_SETTINGS_MODULE=settings
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

# stated KEY: a value of the state file.
stated() { sed -n "s/^$1=//p" "$state" 2>/dev/null; }

# answers URL: the forum's index comes with 200.
answers() {
	"$venv/bin/python" - "$1" <<'PY' 2>/dev/null
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
sys.exit(0 if opener.open(sys.argv[1], timeout=3).status == 200 else 1)
PY
}

# ours PID: the process is the server that start made, not one that got its number.
ours() {
	[ -n "$1" ] && [ -r "/proc/$1/cmdline" ] && tr '\0' ' ' <"/proc/$1/cmdline" | grep -q -- "manage.py runserver"
}

# end stops the server of the state file. The lock must be held.
end() {
	pid=$(stated PID)
	if ours "$pid"; then
		kill "$pid" 2>/dev/null || true
		n=0
		while ours "$pid" && [ $n -lt 50 ]; do
			n=$((n + 1))
			sleep 0.1
		done
		if ours "$pid"; then kill -9 "$pid" 2>/dev/null || true; fi
	fi
	rm -f "$state"
}
