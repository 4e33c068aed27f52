# Sourced by the scripts of redis, redis-sentinel and redis-cluster, after `part`
# was set: Debian's Redis, nodes of it on loopback, each a folder below $home:
#   port        its port, kept over restarts   conf   its settings
#   pid         of the server that runs        log
. "$(dirname -- "$0")/../common.sh"
home=$cache/$part
mkdir -p "$home"
chmod 700 "$home"
state=$home/state # BY=… of what runs
bin=$cache/redis-bin

# Debian keeps the program in redis-tools; the package redis-server adds a name
# for it and a service on 6379, which nobody here wants to run.
program() {
	if [ -x "$bin/redis-server" ] && "$bin/redis-server" --version >/dev/null 2>&1; then return; fi
	mkdir -p "$bin"
	if [ "$(id -u)" = 0 ]; then
		"$testparts/need" 'command -v redis-check-rdb && command -v redis-cli' redis-tools
	fi
	for pair in redis-server:redis-check-rdb redis-sentinel:redis-check-rdb redis-cli:redis-cli; do
		real=$(command -v "${pair#*:}") || {
			unpack
			return
		}
		ln -sf "$real" "$bin/${pair%%:*}"
	done
}

# unpack: the same packages without root, in the cache.
unpack() {
	say "unpacking Debian's redis-tools below $bin (not root)"
	rm -rf "$bin"
	mkdir -p "$bin/lists/partial" "$bin/debs"
	set -- -o "Dir::State::Lists=$bin/lists" -o Debug::NoLocking=1
	(
		cd "$bin/debs"
		apt-get "$@" -qq update >&2
		apt-get "$@" -qq download redis-tools libjemalloc2 liblzf1 libatomic1 >&2
		for deb in *.deb; do dpkg-deb -x "$deb" "$bin/root"; done
	)
	rm -rf "$bin/lists" "$bin/debs"
	ln -sf redis-check-rdb "$bin/root/usr/bin/redis-server"
	ln -sf redis-check-rdb "$bin/root/usr/bin/redis-sentinel"
	for name in redis-server redis-sentinel redis-cli; do
		cat >"$bin/$name" <<SH
#!/bin/sh
export LD_LIBRARY_PATH="$bin/root/usr/lib/$(uname -m)-linux-gnu"
exec "$bin/root/usr/bin/$name" "\$@"
SH
		chmod +x "$bin/$name"
	done
}

# stated KEY: a value of the state file.
stated() { sed -n "s/^$1=//p" "$state" 2>/dev/null; }

# password: of all nodes of the part, made once.
password() {
	[ -s "$home/password" ] || (umask 077 && head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$home/password")
	cat "$home/password"
}

# freeport: a port of loopback that nobody listens on.
freeport() {
	python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'
}

# node NAME: its folder and, the first time, its port.
node() {
	mkdir -p "$home/$1"
	[ -s "$home/$1/port" ] || freeport >"$home/$1/port"
}

port() { cat "$home/$1/port"; }

# cli NAME …: redis-cli of a node.
cli() {
	node=$1
	shift
	REDISCLI_AUTH=$(password) "$bin/redis-cli" -h 127.0.0.1 -p "$(port "$node")" --no-auth-warning "$@"
}

# ours NAME: the node's process runs, and is not another that got its number.
ours() {
	pid=$(cat "$home/$1/pid" 2>/dev/null) && [ -n "$pid" ] && [ -r "/proc/$pid/cmdline" ] &&
		tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q "redis-.*127.0.0.1:$(port "$1") "
}

answers() { ours "$1" && [ "$(cli "$1" ping 2>/dev/null)" = PONG ]; }

# run NAME PROGRAM [OPTION…]: starts a node from its conf and waits until it
# answers; fails when it could not start.
run() {
	name=$1
	program=$2
	shift 2
	if answers "$name"; then return; fi
	finish "$name"
	# exec -a: the process must be called so, however it was unpacked
	(cd "$home/$name" && exec nohup "$bin/$program" ./conf "$@" >>log 2>&1 9>&- </dev/null) &
	echo $! >"$home/$name/pid"
	n=0
	until answers "$name"; do
		n=$((n + 1))
		if [ $n -gt 100 ] || ! kill -0 "$(cat "$home/$name/pid")" 2>/dev/null; then
			say "$name did not start; its log:"
			tail -5 "$home/$name/log" >&2
			finish "$name"
			return 1
		fi
		sleep 0.05
	done
}

# finish NAME [SIGNAL]: ends a node.
finish() {
	n=0
	while ours "$1" && [ $n -lt 100 ]; do
		if [ $n = 50 ]; then set -- "$1" KILL; fi
		if [ $((n % 50)) = 0 ]; then kill "-${2:-TERM}" "$(cat "$home/$1/pid")" 2>/dev/null || true; fi
		n=$((n + 1))
		sleep 0.05
	done
	rm -f "$home/$1/pid"
}

# settings NAME: what all nodes share, as a conf. Tasks outlive a restart: what
# is stale then must do no harm.
settings() {
	cat <<CONF
bind 127.0.0.1
port $(port "$1")
protected-mode yes
dir $home/$1
daemonize no
requirepass $(password)
masterauth $(password)
save ""
appendonly yes
appendfsync everysec
maxmemory 256mb
maxmemory-policy noeviction
CONF
}

# mayStop: `with` leaves alone what somebody started by hand.
mayStop() { [ -f "$state" ] && { [ -z "${TESTPARTS_BY:-}" ] || [ "$(stated BY)" = "$TESTPARTS_BY" ]; }; }
