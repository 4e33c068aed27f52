# Shared by start, stop and restart: where the part lives. Sourced, not run.
part=elasticsearch
. "$(dirname -- "$0")/../common.sh"
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
dir=$cache/elasticsearch
built=$dir/8.19.21  # jars and our classes
data=$dir/node      # the server's own files
state=$dir/state    # URL=… PID=… BY=… of what runs
mkdir -p "$dir"

# stated KEY: a value of the state file.
stated() { sed -n "s/^$1=//p" "$state" 2>/dev/null || true; }

# ours PID: the process is the server that start made, not one that got its number.
ours() {
	[ -n "$1" ] && [ -r "/proc/$1/cmdline" ] && tr '\0' ' ' <"/proc/$1/cmdline" | grep -q -- "org.elasticsearch.node.Server $data "
}

# answers URL: the server is up and has recovered what it holds.
answers() {
	python3 - "$1/_cluster/health?wait_for_status=yellow&timeout=5s" <<'PY' 2>/dev/null
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
sys.exit(0 if opener.open(sys.argv[1], timeout=8).status == 200 else 1)
PY
}

# build fetches the jars and compiles the server around them, once for each
# state of the sources.
build() {
	want=$(cat "$here/pom.xml" "$here"/src/*.java | cksum)
	if [ "$(cat "$built/made" 2>/dev/null)" = "$want" ]; then return; fi
	"$testparts/need" 'javac -version' openjdk-17-jdk-headless
	"$testparts/need" 'mvn -v' maven
	say "installing org.elasticsearch:elasticsearch:8.19.21"
	rm -rf "$built"
	mkdir -p "$built/lib" "$built/classes"
	mvn -q -B -f "$here/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
		"-DoutputDirectory=$built/lib" -DincludeScope=runtime >&2
	javac --release 17 -nowarn -cp "$built/lib/*" -d "$built/classes" "$here"/src/*.java >&2
	echo "$want" >"$built/made"
}

# begin PORT: starts the server on its data (0: any free port) and waits for it.
begin() {
	: >"$dir/log"
	# Small, on loopback, and not minding a disk that is nearly full.
	nohup java -Xms256m -Xmx512m -cp "$built/classes:$built/lib/*" org.elasticsearch.node.Server "$data" \
		cluster.name=testparts node.name=n1 discovery.type=single-node network.host=127.0.0.1 "http.port=$1" transport.port=0 \
		cluster.routing.allocation.disk.threshold_enabled=false >"$dir/log" 2>&1 9>&- </dev/null &
	pid=$!
	n=0
	url=
	until [ -n "$url" ] && answers "$url"; do
		n=$((n + 1))
		if [ $n -gt 600 ] || ! kill -0 "$pid" 2>/dev/null; then
			say "the server did not answer; its log:"
			tail -20 "$dir/log" >&2
			kill -9 "$pid" 2>/dev/null || true
			rm -f "$state"
			exit 1
		fi
		sleep 0.1
		url=$(sed -n 's/^READY /http:\/\//p' "$dir/log")
		printf 'URL=%s\nPID=%s\nBY=%s\n' "$url" "$pid" "${TESTPARTS_BY:-hand}" >"$state"
	done
}

# end SIGNAL: stops the server of the state file. The lock must be held.
end() {
	pid=$(stated PID)
	if ours "$pid"; then
		kill "-$1" "$pid" 2>/dev/null || true
		n=0
		while ours "$pid" && [ $n -lt 100 ]; do
			n=$((n + 1))
			sleep 0.1
		done
		if ours "$pid"; then kill -9 "$pid" 2>/dev/null || true; fi
	fi
	rm -f "$state"
}
