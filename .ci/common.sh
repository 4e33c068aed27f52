# Sourced by the scripts of .ci: the root of the checkout, the cache, what must be installed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export RESUMEWATCH_CACHE=${RESUMEWATCH_CACHE:-$root/.cache}
mkdir -p "$RESUMEWATCH_CACHE/logs"
RESUMEWATCH_CACHE=$(cd "$RESUMEWATCH_CACHE" && pwd)
cache=$RESUMEWATCH_CACHE

say() { echo "$*" >&2; }

# need COMMAND PACKAGE…: installs Debian packages when a command is missing.
need() {
	local command=$1
	shift
	if command -v "$command" >/dev/null; then return; fi
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		say "$command is missing: apt-get install $*"
		return 1
	fi
	say "installing $*"
	apt-get update -qq >&2
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# packages: our own packages, as ./folder, one a line.
packages() { go list -f '{{.Dir}}' "$@" ./... | sed "s|^$root|.|"; }
