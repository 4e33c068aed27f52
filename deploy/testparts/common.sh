# Sourced by the scripts of the parts: the cache, one lock a part, Python
# environments. `part` must hold the part's name.
set -eu
testparts=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cache=${RESUMEWATCH_CACHE:-$(CDPATH='' cd -- "$testparts/../.." && pwd)/.cache}
mkdir -p "$cache"
cache=$(CDPATH='' cd -- "$cache" && pwd)

say() { echo "$part: $*" >&2; }

# alone waits until no other script works on this part. Children that live on
# must not inherit it: start them with 9>&-.
alone() {
	exec 9>"$cache/.$part.lock"
	flock 9
}

# python FOLDER REQUIREMENT…: a Python environment in FOLDER with these packages
# of PyPI (or -r FILE), made again when they change.
python() {
	folder=$1
	shift
	want="$(python3 --version 2>&1) $*"
	case "$*" in
	"-r "*) want="$want $(cksum <"$2")" ;;
	esac
	if [ -x "$folder/bin/python" ] && [ "$(cat "$folder/installed" 2>/dev/null)" = "$want" ]; then return; fi
	# A bare Debian has python3 without venv.
	"$testparts/need" 'python3 -c "import ensurepip, venv"' python3 python3-venv
	say "installing $*"
	rm -rf "$folder"
	python3 -m venv "$folder"
	"$folder/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
	want=$(echo "$want")
	echo "$want" >"$folder/installed"
}
