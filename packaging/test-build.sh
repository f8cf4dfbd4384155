#!/bin/bash
# Builds the packages twice, by two people in two places, and compares them byte for byte.
#   packaging/test-build.sh
# Exit codes: 0 the same, 1 not.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
arch=$(go env GOHOSTARCH)

git clone -q "$here" "$work/one"
git clone -q "$here" "$work/another place"
(
	cd "$work/one"
	umask 077
	export TZ=Asia/Tokyo LC_ALL=C.UTF-8 GOFLAGS=-buildvcs=false GOAMD64=v2
	ARCHES=$arch packaging/build.sh 0.0.1 "$work/built.1"
)
(
	cd "$work/another place"
	touch "a file beside the sources"
	find . -name .git -prune -o -type f -exec touch -d 2001-01-01 {} +
	umask 002
	export TZ=America/New_York GOFLAGS=-tags=foreign GODEBUG=http2client=0
	ARCHES=$arch packaging/build.sh 0.0.1 "$work/built.2"
)
(cd "$work/built.1" && sha256sum -- *) >"$work/1"
(cd "$work/built.2" && sha256sum -- *) >"$work/2"
if ! diff "$work/1" "$work/2"; then
	echo "FAILED: two builds of one commit differ" >&2
	exit 1
fi
"$work/built.1/scenario-drop_linux_$arch" version | grep -q "^commit   $(git -C "$here" rev-parse HEAD) (" || {
	echo "FAILED: the program does not know its commit" >&2
	exit 1
}
echo "ok: $(wc -l <"$work/1") files, byte for byte the same"
