#!/usr/bin/env bash
# Builds the archives of a release, with a static csdm for Linux on amd64 and on arm64, and SHA256SUMS.
#
#   ./release.sh [VERSION]
#
# They go to the folder dist, or to $OUT. VERSION defaults to the tag. The same sources, toolchain and VERSION give the
# same bytes in any folder. docs/how-to/air-gapped.md explains the archives.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p "${OUT:-dist}"
out=$(realpath "${OUT:-dist}")

# An archive of git has its version and its commit in a file.
commit=$(sed -n 2p internal/cli/version.txt) version=$(sed -n 1p internal/cli/version.txt) epoch=315532800
if [[ $commit = '$Format'* ]]; then
  commit=$(git rev-parse HEAD) version=$(git describe --tags --always --dirty) epoch=$(git log -1 --format=%ct)
fi
version=${1:-$version}
[[ $version =~ ^[A-Za-z0-9._+-]+$ ]] || { echo "the version is '$version'; give one, such as v1.2.3" >&2; exit 64; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build() { # FILE
  CGO_ENABLED=0 GOAMD64=v1 GOARM64=v8.0 GOEXPERIMENT='' go build -trimpath -buildvcs=false \
    -ldflags "-s -w -X csdm/internal/cli.version=$version -X csdm/internal/cli.commit=$commit" -o "$1" ./cmd/csdm
}

# What the program writes itself.
build "$work/csdm"
mkdir -p "$work"/common/completions
"$work/csdm" man -q "$work/common/man/man1" >"$work/pages"
"$work/csdm" licenses >"$work/common/licenses.txt"
"$work/csdm" completion bash >"$work/common/completions/csdm"
"$work/csdm" completion zsh >"$work/common/completions/_csdm"
"$work/csdm" completion fish >"$work/common/completions/csdm.fish"
cp LICENSE NOTICE README.md "$work/common"

names=()
for arch in amd64 arm64; do
  name=csdm-$version-linux-$arch
  cp -r "$work/common" "$work/$name"
  GOOS=linux GOARCH=$arch build "$work/$name/csdm"
  "$work/csdm" licenses --sbom "$work/$name/csdm" >"$work/$name/sbom.cdx.json"
  tar --create --directory "$work" --format=ustar --sort=name --mtime="@$epoch" --mode=u=rwX,go=rX \
    --owner=0 --group=0 --numeric-owner "$name" | gzip -9n >"$out/$name.tar.gz"
  names+=("$name.tar.gz")
done
cd "$out"
sha256sum "${names[@]}" | tee SHA256SUMS
