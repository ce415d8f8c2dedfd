#!/bin/sh
# Runs tests on an emulated processor with AVX-512:
#   run.sh [package...] [-- test flags]
# README.md describes it.
set -eu
cd "$(dirname "$0")/../../.."
work=${EMULATE_WORK:-${TMPDIR:-/tmp}/csdm-emulate}
packages=""
while [ $# -gt 0 ] && [ "$1" != -- ]; do packages="$packages $1"; shift; done
[ $# -eq 0 ] || shift
[ -n "$packages" ] || packages=./internal/kernel
[ $# -gt 0 ] || set -- -test.v "-test.run=./(avx512|seed)"

# The tools and a kernel, unpacked and not installed.
mkdir -p "$work/packages" "$work/root"
root=$work/root
if [ ! -e "$root/unpacked" ]; then
	kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: //p')
	(cd "$work/packages" && apt-get download bochs bochsbios vgabios libsamplerate0 syslinux mtools cpio "$kernel")
	for p in "$work"/packages/*.deb; do dpkg -x "$p" "$root"; done
	touch "$root/unpacked"
fi
plugins=$root/usr/lib/x86_64-linux-gnu/bochs/plugins
PATH=$PATH:$root/usr/bin:$root/bin
export MTOOLS_SKIP_CHECK=1

# The first file system: /init, and the tests next to the files that they read.
rm -rf "$work/initrd"
mkdir -p "$work/initrd/tests" "$work/initrd/dev" "$work/initrd/proc" "$work/initrd/tmp"
CGO_ENABLED=0 go build -ldflags='-s -w' -o "$work/initrd/init" ./internal/kernel/emulate
for p in $packages; do
	name=$(basename "$p")
	CGO_ENABLED=0 go test -c -ldflags='-s -w' -o "$work/initrd/tests/$name.test" "$p"
	mkdir "$work/initrd/tests/$name"
	find "$p" -maxdepth 1 -name '*.s' -exec cp {} "$work/initrd/tests/$name" \;
	[ ! -d "$p/testdata" ] || cp -r "$p/testdata" "$work/initrd/tests/$name"
done
(cd "$work/initrd" && find . | cpio -o -H newc --quiet) >"$work/initrd.img"

# Bochs 2.7 states the size of the processor's compact state wrongly, so the kernel must do without.
cat >"$work/syslinux.cfg" <<END
default tests
label tests
kernel /vmlinuz
initrd /initrd.img
append console=ttyS0 quiet loglevel=3 noxsaves clearcpuid=321,323 nosmp nokaslr mitigations=off tsc=reliable cryptomgr.notests panic=-1 reboot=t CSDM_SIMD=${CSDM_SIMD-avx512} -- $*
END
disk=$work/disk.img
cylinders=200
rm -f "$disk" "$disk.lock" "$work/serial"
truncate -s $((cylinders * 16 * 63 * 512)) "$disk"
mformat -i "$disk" -t $cylinders -h 16 -n 63 -H 0 ::
syslinux -i "$disk"
mcopy -i "$disk" "$root"/boot/vmlinuz-* ::/vmlinuz
mcopy -i "$disk" "$work/initrd.img" "$work/syslinux.cfg" ::/
cat >"$work/bochsrc" <<END
display_library: rfb, options="timeout=0"
cpu: model=corei7_skylake_x, count=1, ips=100000000, reset_on_triple_fault=0
memory: guest=1024, host=1024
romimage: file=$root/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=$root/usr/share/vgabios/vgabios.bin
ata0-master: type=disk, mode=flat, path=$disk, cylinders=$cylinders, heads=16, spt=63
boot: disk
com1: enabled=1, mode=file, dev=$work/serial
clock: sync=none
panic: action=fatal
log: $work/bochs.log
END
printf 'c\nq\n' >"$work/commands" # Debian's Bochs stops in its debugger first
# Bochs ends by a triple fault, which it calls a panic: the output of the tests
# has the result, not its status.
LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu:$plugins LTDL_LIBRARY_PATH=$plugins \
	bochs-bin -q -f "$work/bochsrc" -rc "$work/commands" </dev/null >"$work/bochs.out" 2>&1 || true
tr -d '\r' <"$work/serial"
grep -q '^emulated: ok' "$work/serial"
