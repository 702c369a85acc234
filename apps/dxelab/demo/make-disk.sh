#!/usr/bin/env bash
# Makes disk.img.gz, the disk of the demonstration: a GPT with an EFI system partition (FAT12) that
# holds a boot loader, its configuration, and a kernel for it to find. Needs gdisk, dosfstools, mtools.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

disk=$work/disk.img
truncate -s 4M "$disk"
sgdisk --clear --disk-guid=64E1AB00-0000-4000-8000-00000000D15C \
  --new=1:2048:8158 --typecode=1:EF00 --change-name=1:'EFI system partition' \
  --partition-guid=1:64E1AB00-0000-4000-8000-0000000000E5 "$disk" >/dev/null

volume=$work/volume.img
truncate -s $(((8158 - 2048 + 1) * 512)) "$volume"
mkfs.fat -F 12 -n DXELAB -i 0D0E1AB0 --invariant "$volume" >/dev/null

export SOURCE_DATE_EPOCH=1767225600
node "$here/make-bootx64.mjs" "$work/BOOTX64.EFI"
printf 'default dxelab\ntimeout 0\n' >"$work/loader.conf"
printf 'title  dxelab\nlinux  /dxelab/Kernel of the demonstration.txt\n' >"$work/dxelab.conf"
printf 'This is where an operating system would begin.\n' >"$work/kernel.txt"
find "$work" -type f -exec touch -d @$SOURCE_DATE_EPOCH {} +
mmd -i "$volume" ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries ::/dxelab
mcopy -m -i "$volume" "$work/BOOTX64.EFI" ::/EFI/BOOT/BOOTX64.EFI
mcopy -m -i "$volume" "$work/loader.conf" ::/loader/loader.conf
mcopy -m -i "$volume" "$work/dxelab.conf" ::/loader/entries/dxelab.conf
mcopy -m -i "$volume" "$work/kernel.txt" "::/dxelab/Kernel of the demonstration.txt"

dd if="$volume" of="$disk" bs=512 seek=2048 conv=notrunc status=none
gzip -9 -n -c "$disk" >"$here/disk.img.gz"
