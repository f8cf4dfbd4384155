#!/bin/bash
# Builds the Linux binaries and packages.
#   packaging/build.sh VERSION OUTDIR
# VERSION is a semantic version without the v, such as 1.2.3 or 1.3.0-rc.1. OUTDIR gets
# scenario-drop_linux_ARCH, the .deb and the .rpm of each architecture. From the same commit they come out byte for byte
# the same, wherever, whenever and by whom they are built: what else would matter is set below.
#   SOURCE_DATE_EPOCH=SECONDS   the time of all files (default: of the last commit; needed without git)
#   TOOLCHAIN=go1.26.8   the Go to build with, fetched when it is another than the one here; "local" takes that
#   ARCHES="amd64 arm64"  FORMATS="deb rpm"   choose fewer of them
#   BINARY=FILE   packs this program instead of building one (for trying out the packaging)
set -euo pipefail

version=${1:?usage: build.sh VERSION OUTDIR} out=${2:?usage: build.sh VERSION OUTDIR}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || {
	echo "build.sh: $version is no version such as 1.2.3" >&2
	exit 2
}
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$(dirname "$0")/.."
nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
read -ra arches <<<"${ARCHES:-amd64 arm64}"
read -ra formats <<<"${FORMATS:-deb rpm}"
umask 022
export LC_ALL=C TZ=UTC
# Settings of Go that a person or a machine may have of its own.
export CGO_ENABLED=0 GOFLAGS=-mod=readonly GO111MODULE=on GOWORK=off GOAMD64=v1 GOARM64=v8.0 GOFIPS140=off GOTOOLCHAIN=${TOOLCHAIN:-go1.26.8}
unset GOEXPERIMENT GODEBUG GOOS GOARCH

# The commit is told to the program: what Go finds out by itself depends on files that lie about.
commit=$(git rev-parse HEAD 2>/dev/null) || commit=
commit_time=
if [ -n "$commit" ]; then
	commit_time=$(git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd)
	[ -z "$(git status --porcelain --untracked-files=no)" ] || commit="$commit with changes"
fi
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null)} || {
	echo "build.sh: this is no git repository: set SOURCE_DATE_EPOCH to the time of the sources, in seconds since 1970" >&2
	exit 2
}
export SOURCE_DATE_EPOCH VERSION=$version STAGE ARCH
STAGE=$(mktemp -d)
trap 'rm -rf "$STAGE"' EXIT

build() { # build GOARCH FILE
	if [ -n "${BINARY:-}" ]; then
		cp "$BINARY" "$2"
	else
		GOOS=linux GOARCH=$1 go build -trimpath -buildvcs=false -o "$2" -ldflags \
			"-s -w -X scenario-drop/cli.version=$version -X 'scenario-drop/cli.commit=$commit' -X scenario-drop/cli.commitTime=$commit_time" .
	fi
}

# What is the same for every architecture. The completions come from a program that runs here.
build "$(go env GOHOSTARCH)" "$STAGE/here"
for shell in bash zsh fish; do
	"$STAGE/here" completion $shell >"$STAGE/completion.$shell"
done
gzip -9n <packaging/scenario-drop.1 >"$STAGE/scenario-drop.1.gz"
gzip -9n >"$STAGE/changelog.gz" <<-CHANGELOG
	scenario-drop (${version/-/\~}-1) unstable; urgency=medium

	  * Release $version.

	 -- Scenario Drop maintainers <maintainers@scenario-drop.invalid>  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGELOG
cat >"$STAGE/copyright" <<-COPYRIGHT
	Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
	Upstream-Name: scenario-drop

	Files: *
	Copyright: $(date -u -d "@$SOURCE_DATE_EPOCH" +%Y) The Scenario Drop authors
	License: Apache-2.0
	 On Debian systems, the full text of the Apache License, Version 2.0
	 can be found in the file /usr/share/common-licenses/Apache-2.0.
	Comment: The program contains the software of others. What that is, and its
	 licences, is in /usr/share/doc/scenario-drop/third-party-licenses.txt.
COPYRIGHT

for ARCH in "${arches[@]}"; do
	build "$ARCH" "$STAGE/scenario-drop"
	cp "$STAGE/scenario-drop" "$out/scenario-drop_linux_$ARCH"
	for format in "${formats[@]}"; do
		go run $nfpm package --config packaging/nfpm.yaml --packager "$format" --target "$out/"
	done
done
