#!/usr/bin/env bash
# Makes disc.iso.gz, a disc that boots through El Torito: its boot image is the EFI system partition of
# disk.img.gz. Needs xorriso.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export SOURCE_DATE_EPOCH=1767225600
mkdir "$work/tree"
gunzip -c "$here/disk.img.gz" |
  dd of="$work/tree/esp.img" bs=512 skip=2048 count=$((8158 - 2048 + 1)) iflag=fullblock status=none
printf 'This disc boots through El Torito.\n' >"$work/tree/readme.txt"
find "$work" -exec touch -d @$SOURCE_DATE_EPOCH {} +

xorriso -as mkisofs -quiet -V DXELAB -e esp.img -no-emul-boot -o "$work/disc.iso" "$work/tree"
gzip -9 -n -c "$work/disc.iso" >"$here/disc.iso.gz"
