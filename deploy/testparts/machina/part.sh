# Shared by start, stop and seed: where the part lives. Sourced, not run.
here=$(cd "$(dirname "$0")" && pwd)
cache=${RESUMEWATCH_CACHE:-$(cd "$here/../../.." && pwd)/.cache}
mkdir -p "$cache/machina"
part=$(cd "$cache/machina" && pwd)
venv=$part/venv
state=$part/state        # URL=… and PID=… of what runs
db=$part/site            # the forum's own files
export RESUMEWATCH_MACHINA_DIR=$db
export DJANGO_SETTINGS_MODULE=settings
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

say() { echo "machina: $*" >&2; }

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
	[ -n "$1" ] && [ -r "/proc/$1/cmdline" ] && tr '\0' ' ' <"/proc/$1/cmdline" | grep -q -- "$here/manage.py runserver"
}
