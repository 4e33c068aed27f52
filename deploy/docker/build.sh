#!/bin/sh
# build.sh ROOT: the whole file system of the image below the folder ROOT. The
# Dockerfile calls this, and so does .ci/part/deploy, which then runs the result
# in a chroot: the image holds what was tried.
#
# VERSION is what `resumewatch version` says. The same source, version and Go
# give the same bytes wherever they are built: no paths, times or build ids.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
mkdir -p "$1"
root=$(CDPATH='' cd -- "$1" && pwd)
cd "$here/../.."

build() {
	CGO_ENABLED=0 go build -trimpath -buildvcs=false \
		-ldflags "-s -w -buildid= -X resumewatch/internal/app.Version=${VERSION:-unknown}" -o "$root/bin/$1" "$2"
}
mkdir -p "$root/bin" "$root/etc/ssl/certs" "$root/data" "$root/tmp"
build resumewatch ./cmd/resumewatch
build probe ./deploy/docker/probe
install -m 0644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'resumewatch:x:65532:65532::/data:/bin/false' >"$root/etc/passwd"
echo 'resumewatch:x:65532:' >"$root/etc/group"
chmod 0700 "$root/data"
chmod 1777 "$root/tmp"
