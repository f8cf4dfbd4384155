#!/bin/sh
# Boots a virtual machine and runs guest.sh in it: scenario-drop on real NFS and SMB mounts,
# which a container cannot have. README.md says what it needs and what it showed.
#
#   KERNEL=…/vmlinuz MODULES=…/lib/modules/VERSION e2e/netfs/run.sh [WORK_DIRECTORY]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=${1:-$(mktemp -d)}
: "${KERNEL:?the kernel image to boot}" "${MODULES:?its directory of modules}"
mkdir -p "$work/root/bin" "$work/root/lib/modules"
work=$(cd "$work" && pwd)

(cd "$here/../.." && CGO_ENABLED=0 go build -o "$work/scenario-drop" .)
cp "$here/guest.sh" "$work/"

# The first steps are busybox's alone; then the machine's own programs, read-only, do.
version=$(basename "$MODULES")
depmod -b "${MODULES%/lib/modules/*}" "$version"
cp "$(command -v busybox)" "$work/root/bin/busybox"
for module in 9pnet_virtio virtio_pci 9p overlay nfsd nfsv3 nfsv4 cifs vfat loop ext4 nls_cp437 nls_ascii nls_iso8859-1 nls_utf8 \
	cmac ccm gcm ghash-generic ctr ecb sha512_generic; do
	modprobe -d "${MODULES%/lib/modules/*}" -S "$version" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' > "$work/modules"
n=100
while read -r module; do
	n=$((n + 1))
	cp "$module" "$work/root/lib/modules/$n-$(basename "$module")"
done < "$work/modules"
cat > "$work/root/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /host /top /new /work
/bin/busybox mount -t proc proc /proc
for m in /lib/modules/*; do /bin/busybox insmod "$m" 2>/dev/null; done
b=/bin/busybox
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro host /host
$b mount -t tmpfs tmpfs /top
$b mkdir /top/upper /top/temp
$b mount -t overlay -o lowerdir=/host,upperdir=/top/upper,workdir=/top/temp overlay /new
$b mount -t proc proc /new/proc
$b mount -t sysfs sys /new/sys
$b mount -t devtmpfs dev /new/dev
$b mount -t tmpfs tmpfs /new/tmp
$b mount -t tmpfs tmpfs /new/run
$b mkdir -p /new/run/work
$b mount -t 9p -o trans=virtio,version=9p2000.L work /new/run/work
$b ip link set lo up
$b chroot /new /bin/sh /run/work/guest.sh > /new/run/work/report.txt 2>&1
$b sync
$b poweroff -f
INIT
chmod +x "$work/root/init"
(cd "$work/root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) > "$work/initrd.gz"

qemu-system-x86_64 -accel tcg -cpu max -smp 2 -m 2048 -nographic -no-reboot -nic none \
	-kernel "$KERNEL" -initrd "$work/initrd.gz" -append "console=ttyS0 quiet panic=-1" \
	-virtfs "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap" \
	-virtfs "local,path=$work,mount_tag=work,security_model=none" > "$work/console.txt" 2>&1 < /dev/null
cat "$work/report.txt"
