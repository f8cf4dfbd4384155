# Runs in the virtual machine, as root: servers and clients over its own loopback.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
drop=/run/work/scenario-drop
cd /tmp
say() { echo; echo "== $*"; }
await() { # SECONDS CONDITION…
	limit=$1 began=$(date +%s)
	shift
	until "$@"; do
		[ $(($(date +%s) - began)) -lt "$limit" ] || { echo "NOT within $limit s: $*"; return 1; }
		sleep 0.5
	done
	echo "after $(($(date +%s) - began)) s: $*"
}
holds() { # FILE: Scenario's stand-in has its bytes, once
	sum=$(sha256sum "$1" | cut -d' ' -f1)
	[ "$(curl -s "$account" | grep -o "$sum" | wc -l)" = 1 ]
}
noise() { dd if=/dev/urandom of="$1" bs=1k count="$2" 2>/dev/null; }

uname -r
mkdir -p /tmp/server/nfs /tmp/server/smb /tmp/nfs /tmp/nfs-other /tmp/smb /tmp/smb-other /tmp/local /tmp/fat /var/lib/nfs/v4recovery
mount -t tmpfs tmpfs /tmp/server/nfs
mount -t tmpfs tmpfs /tmp/server/smb

say "NFS server"
mount -t nfsd nfsd /proc/fs/nfsd
mount -t tmpfs tmpfs /var/lib/nfs
mkdir -p /var/lib/nfs/v4recovery /var/lib/nfs/rpc_pipefs
: > /var/lib/nfs/etab
: > /var/lib/nfs/rmtab
echo 10 > /proc/fs/nfsd/nfsv4leasetime
echo 10 > /proc/fs/nfsd/nfsv4gracetime
exportfs -o rw,no_root_squash,insecure,no_subtree_check,fsid=0 127.0.0.1:/tmp/server/nfs
rpc.mountd -N 3
rpc.nfsd --no-udp -N 3 2
sleep 3
mount -t nfs4 -o vers=4.2 127.0.0.1:/ /tmp/nfs
mount -t nfs4 -o vers=4.2,nosharecache 127.0.0.1:/ /tmp/nfs-other

say "SMB server"
mkdir -p /tmp/samba
cat > /tmp/samba/smb.conf <<CONF
[global]
server role = standalone server
private dir = /tmp/samba
lock directory = /tmp/samba
state directory = /tmp/samba
cache directory = /tmp/samba
pid directory = /tmp/samba
ncalrpc dir = /tmp/samba/ncalrpc
log file = /tmp/samba/log
interfaces = 127.0.0.1
bind interfaces only = yes
disable netbios = yes
load printers = no
[drop]
path = /tmp/server/smb
read only = no
CONF
printf 'word\nword\n' | smbpasswd -c /tmp/samba/smb.conf -s -a root
smbd -D -s /tmp/samba/smb.conf
sleep 3
mount -t cifs -o username=root,password=word,vers=3.1.1 //127.0.0.1/drop /tmp/smb
mount -t cifs -o username=root,password=word,vers=3.1.1,nosharesock //127.0.0.1/drop /tmp/smb-other

say "FAT, which keeps times of two seconds"
dd if=/dev/zero of=/tmp/fat.img bs=1M count=64 2>/dev/null
mkfs.vfat /tmp/fat.img > /dev/null
mount -o loop /tmp/fat.img /tmp/fat
grep -E ' /tmp/(nfs|smb|fat)' /proc/mounts | cut -c1-100
for at in nfs nfs-other smb smb-other fat; do
	grep -q " /tmp/$at " /proc/mounts || { echo "$at is not mounted"; exit 1; }
done

$drop standin --addr 127.0.0.1:8491 --dir /tmp/standin > /tmp/standin.txt 2>&1 &
account=http://127.0.0.1:8491/_standin/account
cat > /tmp/config.toml <<CONF
data_dir = "/tmp/data"
[scenario]
base_url = "http://127.0.0.1:8491/v1"
api_key = "standin-key"
api_secret = "standin-secret"
[status]
listen = "off"
CONF
for folder in nfs smb fat local; do
	printf '[[watch]]\npath = "/tmp/%s"\nkind = "image"\n' $folder >> /tmp/config.toml
done
chmod 600 /tmp/config.toml
export SCENARIO_DROP_CONFIG=/tmp/config.toml
sleep 3

say "check"
$drop check
echo "exit code $?"

say "run"
$drop run > /tmp/run.txt 2>&1 &
daemon=$!
sleep 5
for kind in nfs smb; do
	noise /tmp/$kind/here.png 100
	noise /tmp/server/$kind/by-server.png 100
	noise /tmp/$kind-other/by-other-mount.png 12000
	for file in here by-server by-other-mount; do
		echo "$kind $file.png"
		await 180 holds /tmp/server/$kind/$file.png
	done
	echo "$kind: the server's side writes a file in 6 pieces, 1.5 s apart"
	for i in 1 2 3 4 5 6; do
		dd if=/dev/urandom bs=1k count=200 2>/dev/null >> /tmp/server/$kind/growing.png
		sleep 1.5
	done
	await 180 holds /tmp/server/$kind/growing.png
done
noise /tmp/fat/twice.png 10
await 60 holds /tmp/fat/twice.png
noise /tmp/fat/twice.png 10
echo "FAT: saved again at once, with the same size"
await 60 holds /tmp/fat/twice.png
echo "uploads: $(curl -s "$account" | grep -o '"sha256"' | wc -l) contents; 10 were written"
$drop status
grep 'how the folder is watched' /tmp/run.txt

for kind in nfs smb; do
	say "$kind hangs"
	case $kind in
	nfs) rpc.nfsd 0 ;;
	smb) for p in $(pidof smbd); do kill -STOP "$p"; done ;;
	esac
	noise /tmp/server/$kind/late.png 100
	noise /tmp/local/during-$kind.png 100
	await 60 holds /tmp/local/during-$kind.png
	await 90 sh -c "$drop status | grep -q 'has not answered\|cannot be read'"
	$drop status | grep -iE "tmp/$kind|answer"
	began=$(date +%s)
	$drop check --offline
	echo "check: exit code $?, $(($(date +%s) - began)) s"
	began=$(date +%s)
	kill -TERM $daemon
	await 30 sh -c "! kill -0 $daemon 2>/dev/null || grep -q 'State:.Z' /proc/$daemon/status"
	wait $daemon
	echo "SIGTERM: exit code $?, $(($(date +%s) - began)) s"
	$drop run >> /tmp/run.txt 2>&1 &
	daemon=$!
	noise /tmp/local/started-without-$kind.png 100
	await 60 holds /tmp/local/started-without-$kind.png
	case $kind in
	nfs) rpc.nfsd --no-udp -N 3 2 ;;
	smb) for p in $(pidof smbd); do kill -CONT "$p"; done ;;
	esac
	echo "it answers again"
	await 180 holds /tmp/server/$kind/late.png
done
kill -TERM $daemon
wait $daemon
say "the daemon's log"
grep -E 'level=(WARN|ERROR)|answers again|well again' /tmp/run.txt | cut -c1-300
