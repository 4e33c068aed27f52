# Sourced by the scripts of .ci: the root of the checkout, the cache, our files.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export RESUMEWATCH_CACHE=${RESUMEWATCH_CACHE:-$root/.cache}
mkdir -p "$RESUMEWATCH_CACHE/logs"
RESUMEWATCH_CACHE=$(cd "$RESUMEWATCH_CACHE" && pwd)
cache=$RESUMEWATCH_CACHE

say() { echo "$*" >&2; }

# ours PATTERN…: files of the checkout that match, also new ones, none that is gone.
ours() {
	git -c core.quotePath=false ls-files -co --exclude-standard "$@" | while IFS= read -r f; do
		if [ -f "$f" ]; then echo "$f"; fi
	done
}
