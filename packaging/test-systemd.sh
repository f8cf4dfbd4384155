#!/bin/bash
# Tries the .deb under a real, booted systemd: install, first start, upload, crash, stop, upgrade,
# removal, purge, and the program's own "install" for one user and for the machine.
#   packaging/test-systemd.sh LAB [DEB]
# LAB is the folder with systemd-boot.sh and systemd-lib.sh, which boot a throw-away copy of this
# machine without a network. DEB is the package to try; without it one is built. Needs root. Exit
# codes: 0 passed, 1 failed, 77 skipped, since the machine cannot do it.
set -euo pipefail

lab=${1:?usage: test-systemd.sh LAB [DEB]} deb=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
name=scenario-drop-$$
config=/etc/scenario-drop/config.toml

skip() {
	echo "SKIPPED: the test under a booted systemd: $1" >&2
	exit 77
}
[ "$(id -u)" = 0 ] || skip "it needs root"
[ -f "$lab/systemd-boot.sh" ] || skip "$lab has no systemd-boot.sh"
command -v systemd-nspawn >/dev/null ||
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends systemd-container; } >/dev/null 2>&1 ||
	skip "systemd-container cannot be installed"

work=$(mktemp -d)
boot='' inside=''
finish() {
	local rc=$?
	if [ -n "$inside" ]; then
		if [ $rc != 0 ]; then
			echo "--- journal of the services inside" >&2
			run journalctl --no-pager -n 60 -u scenario-drop -u standin >&2 || true
			run systemctl status --no-pager scenario-drop >&2 || true
		fi
		run systemctl poweroff --force >/dev/null 2>&1 || true
	fi
	if [ -n "$boot" ]; then
		[ -n "$inside" ] || kill "$boot" 2>/dev/null || true
		wait "$boot" 2>/dev/null || true
		tidy "$name"
	fi
	rm -rf "$work" "${LAB_DIR:-/var/tmp/lab}/$name" 2>/dev/null || true
	exit $rc
}
trap finish EXIT

passed=0
ok() {
	passed=$((passed + 1))
	printf 'ok %2d %s (%ds)\n' $passed "$1" $SECONDS
}
fail() {
	echo "FAILED: $1" >&2
	exit 1
}
run() { in_ "$inside" "$@"; }
user() { as_ "$inside" artist "$@"; }

# soon SECONDS COMMAND…: waits until it succeeds.
soon() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# --- the package, and a picture of our own for every drop
if [ -z "$deb" ]; then
	ARCHES=$(go env GOHOSTARCH) FORMATS=deb "$here/build.sh" 0.0.1 "$work/built" >/dev/null
	deb=$(echo "$work"/built/*.deb)
fi
cp "$deb" "$work/scenario-drop.deb"
# PNGs of one pixel each.
png() { base64 -d <<<"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42m$2ElFTkSuQmCC" >"$work/$1.png"; }
png red P4z8AAAAMBAQD3A0FDAAAAA
png green Ng+M8AAAICAQBF9FLUAAAAA
png blue NgYPgPAAEDAQA2dBFAAAAAA
png black NgYGAAAAAEAAHI6uv5AAAAA
# The same picture with a few bytes after its end is another content.
for n in 1 2 3 4 5; do { cat "$work/red.png" && echo $n; } >"$work/more$n.png"; done
chmod 755 "$work"

# shellcheck disable=SC1091 # the lab's, not ours
. "$lab/systemd-lib.sh"
unshare -m --propagation private bash "$lab/systemd-boot.sh" "$name" --bind-ro="$work:/mnt" >"$work/boot.log" 2>&1 &
boot=$!
inside=$(up $boot none "$name") || { cat "$work/boot.log" >&2; fail "systemd did not boot"; }
run rm -f /usr/sbin/policy-rc.d # container images use it to forbid services
ok "systemd is up"

state() { run systemctl show --value --property="$1" scenario-drop; }
account() { run curl -fsS -H "X-Standin-Token: look" http://127.0.0.1:9000/_standin/account; }
held() { account | grep -q "$(sha256sum "$work/$1.png" | cut -d' ' -f1)"; }
is() { [ "$(state ActiveState)" = "$1" ]; }

# --- a new installation, not configured yet. (Without triggers, of which the one of
# the man pages takes seconds.)
run dpkg --no-triggers -i /mnt/scenario-drop.deb >"$work/dpkg.log" 2>&1 || { cat "$work/dpkg.log" >&2; fail "dpkg -i"; }
grep -q "sudo systemctl enable --now scenario-drop" "$work/dpkg.log" || fail "the installation does not say what to do next"
is inactive || fail "the service is $(state ActiveState) after an installation without a key"
[ "$(run systemctl is-enabled scenario-drop || true)" = disabled ] || fail "it would start, and fail, at the next boot"
[ "$(run stat -c '%a %U:%G' $config)" = "640 root:scenario-drop" ] || fail "$config is $(run stat -c '%a %U:%G' $config)"
run grep -q "modernc.org/sqlite" /usr/share/doc/scenario-drop/third-party-licenses.txt || fail "the package has no licence texts"
run scenario-drop version --licenses >"$work/licenses.log"
grep -q "^modernc.org/sqlite" "$work/licenses.log" || fail "the program does not show the licence texts"
ok "installed; nothing failed, nothing started"

# --- a stand-in for Scenario on loopback, a folder of another account, a config
run systemd-run --quiet --unit=standin scenario-drop standin --addr 127.0.0.1:9000 --dir /var/lib/standin \
	--any-account --key standin-key --secret standin-secret --admin-token look
run useradd --create-home artist
run install -d -o artist -g scenario-drop -m 2770 /srv/characters /home/artist/done
run tee /etc/scenario-drop/credentials.env >/dev/null <<-KEY
	SCENARIO_SDK_API_KEY=standin-key
	SCENARIO_SDK_API_SECRET=standin-secret
KEY
run chmod 600 /etc/scenario-drop/credentials.env # only systemd reads it
run mkdir /etc/systemd/system/scenario-drop.service.d
run tee /etc/systemd/system/scenario-drop.service.d/key.conf >/dev/null <<-DROPIN
	[Service]
	LoadCredential=scenario:/etc/scenario-drop/credentials.env
DROPIN
run tee $config >/dev/null <<-TOML
	[scenario]
	base_url = "http://127.0.0.1:9000/v1"
	[[watch]]
	path = "/srv/characters"
	kind = "image"
	[[watch]]
	path = "/home/artist/done"
	kind = "image"
	after_upload = "move"
TOML
run chmod 711 /home/artist
run systemctl daemon-reload
soon 10 account || fail "the stand-in does not answer"
drop() { run runuser -u artist -- sh -c "umask 027; cp /mnt/$1.png /srv/characters/"; }

# --- the service does its work, as an account of its own
run systemctl enable --quiet --now scenario-drop || fail "the service does not start"
is active || fail "the service is $(state ActiveState)"
pid=$(state MainPID)
[ "$(run stat -c %U "/proc/$pid")" = scenario-drop ] || fail "it runs as another account"
ok "started, and ready"
drop red
soon 15 held red || fail "the dropped file was not imported"
ok "a file dropped by another account is imported"
run test -e /var/lib/scenario-drop || fail "the ledger is not in /var/lib/scenario-drop"

# --- it sees watch folders anywhere, also in a home, and may write there; little else
run runuser -u artist -- sh -c "umask 007; cp /mnt/more1.png /home/artist/done/"
soon 15 run test -e /home/artist/done/Uploaded/more1.png || fail "a file in a home was not moved after its upload"
held more1 || fail "it was moved, but not imported"
run systemd-analyze security --no-pager --threshold=25 scenario-drop >"$work/exposure.log" || { cat "$work/exposure.log" >&2; fail "the unit is exposed more than 2.5"; }
ok "a folder in a home is read and written; exposed $(grep -o 'level for .*: [0-9.]*' "$work/exposure.log" | grep -o '[0-9.]*$')"

# --- a crash, and an end that nobody asked systemd for
run kill "$pid"
again() { is active && [ "$(state MainPID)" != "$pid" ]; }
soon 15 again || fail "it was not started again after it had ended peacefully, but unasked"
pid=$(state MainPID)
run kill -9 "$pid"
soon 15 again || fail "it was not started again after kill -9"
drop green
soon 15 held green || fail "nothing is imported after the crash"
ok "started again after kill -9, and imports"

# --- signals of the system's own programs: the log is rotated, its reader ends
goes_on() { # goes_on PICTURE WHAT: it runs on, the same process, and imports
	drop "$1"
	soon 15 held "$1" || fail "nothing is imported after $2"
	{ is active && [ "$(state MainPID)" = "$pid" ]; } || fail "it did not survive $2"
}
pid=$(state MainPID)
run install -d -o artist -g scenario-drop -m 2770 /srv/props
run tee -a $config >/dev/null <<-TOML
	[[watch]]
	path = "/srv/props"
	kind = "image"
TOML
run kill -HUP "$pid"
run runuser -u artist -- sh -c "umask 027; cp /mnt/more5.png /srv/props/"
soon 15 held more5 || fail "a HUP did not have the config read again"
goes_on more2 "a HUP"
run systemctl restart systemd-journald
run kill -HUP "$pid" # has it write to its log
goes_on more3 "the end of its log's reader"
run tee /etc/systemd/system/scenario-drop.service.d/pipe.conf >/dev/null <<-DROPIN
	[Service]
	ExecStart=
	ExecStart=/bin/sh -c 'exec /usr/bin/scenario-drop run --config $config 2>/run/log-pipe'
DROPIN
run mkfifo -m 666 /run/log-pipe
run systemd-run --quiet --unit=log-reader cat /run/log-pipe
run systemctl daemon-reload
run systemctl restart scenario-drop || fail "it does not start with a pipe as its log"
pid=$(state MainPID)
run systemctl stop log-reader
run kill -HUP "$pid"
goes_on more4 "the end of its log pipe's reader"
run rm /etc/systemd/system/scenario-drop.service.d/pipe.conf /run/log-pipe
run systemctl daemon-reload
run systemctl restart scenario-drop
ok "a HUP reloads the config; a restart of the journal and a closed log pipe do not end it"

# --- upgrade, stop, removal and back
pid=$(state MainPID)
run dpkg --no-triggers -i /mnt/scenario-drop.deb >"$work/dpkg.log" 2>&1 || { cat "$work/dpkg.log" >&2; fail "the upgrade"; }
again || fail "the upgrade did not restart the service"
run grep -q 127.0.0.1:9000 $config || fail "the upgrade lost the config"
ok "an upgrade restarts it and keeps the config"
from=$(date +%s%N)
run systemctl stop scenario-drop
took=$((($(date +%s%N) - from) / 1000000))
[ $took -lt 10000 ] || fail "stopping took $took ms"
[ "$(state Result)" = success ] || fail "it did not end well: $(state Result)"
run dpkg --no-triggers -i /mnt/scenario-drop.deb >/dev/null 2>&1
is inactive || fail "an upgrade started a stopped service"
ok "stopped in $took ms; an upgrade leaves it stopped"
run systemctl start scenario-drop
# Root writes nothing where the service's account could have put a link.
run test ! -e /var/lib/scenario-drop/.stopped-by-removal || fail "the upgrade left a file in the service's folder"
run runuser -u scenario-drop -- ln -s /etc/written-by-root /var/lib/scenario-drop/.stopped-by-removal
run dpkg --no-triggers --remove scenario-drop >/dev/null 2>&1
is inactive || fail "after the removal it is $(state ActiveState)"
run test ! -e /etc/written-by-root || fail "the removal wrote through a link of the service's account"
run test -e $config || fail "the removal took the config"
run dpkg --no-triggers -i /mnt/scenario-drop.deb >/dev/null 2>&1
is active || fail "after removal and installation it is $(state ActiveState)"
drop blue
soon 15 held blue || fail "nothing is imported after the reinstallation"
ok "a removal keeps the config; installed again, it goes on"

# --- one account's own service, made by the program
run loginctl enable-linger artist
soon 10 run test -S "/run/user/$(run id -u artist)/systemd/private" || fail "no systemd for the account"
user mkdir -p "/home/artist/my 50% \$HOME" "/home/artist/drops"
own="/home/artist/my 50% \$HOME/config.toml"
user tee "$own" >/dev/null <<-TOML
	data_dir = "/home/artist/ledger"
	[scenario]
	base_url = "http://127.0.0.1:9000/v1"
	credentials_file = "/home/artist/key.env"
	[status]
	listen = "off"
	[[watch]]
	path = "/home/artist/drops"
	kind = "image"
TOML
user sh -c "umask 077; printf 'SCENARIO_SDK_API_KEY=standin-key\nSCENARIO_SDK_API_SECRET=standin-secret\n' >/home/artist/key.env"
user scenario-drop install --user --config "$own" >/dev/null || fail "install --user"
user scenario-drop install --user --config "$own" >/dev/null || fail "install --user a second time"
user scenario-drop start --user || fail "start --user"
user cp /mnt/black.png /home/artist/drops/
soon 15 held black || fail "the account's own service imports nothing"
[ "$(user systemctl --user show --value --property=UnitFileState scenario-drop)" = enabled ] || fail "it would not start at the next login"
# A config that became bad leaves the daemon as it is, for restart and start alike.
pid=$(user systemctl --user show --value --property=MainPID scenario-drop)
user sh -c 'cp "$1" "$1.good"; echo "nonsense = 1" >>"$1"' sh "$own"
for command in restart start; do
	rc=0
	user scenario-drop $command --user >"$work/bad.log" 2>&1 || rc=$?
	[ $rc = 2 ] || fail "$command with a bad config ended with $rc: $(cat "$work/bad.log")"
	grep -q "unknown key .nonsense." "$work/bad.log" || fail "$command does not say what is wrong with the config: $(cat "$work/bad.log")"
	[ "$(user systemctl --user show --value --property=MainPID scenario-drop)" = "$pid" ] || fail "$command with a bad config ended the daemon"
done
user scenario-drop pause --config "$own" >/dev/null 2>&1 || fail "a bad config keeps pause from the daemon"
user scenario-drop resume --config "$own" >/dev/null 2>&1 || fail "a bad config keeps resume from the daemon"
user mv "$own.good" "$own"
for command in restart stop uninstall; do
	user scenario-drop $command --user >/dev/null || fail "$command --user"
done
run test ! -e /home/artist/.config/systemd/user/scenario-drop.service || fail "uninstall --user left its unit"
# An installation that fails half-way, here since the unit cannot be enabled, leaves nothing.
user sh -c 'rm -rf ~/.config/systemd/user/default.target.wants && touch ~/.config/systemd/user/default.target.wants'
if user scenario-drop install --user --config "$own" >"$work/half.log" 2>&1; then fail "install --user could not enable the unit and did not say so"; fi
grep -q "systemctl: Failed to enable unit" "$work/half.log" || fail "the failed install does not say why: $(cat "$work/half.log")"
run test ! -e /home/artist/.config/systemd/user/scenario-drop.service || fail "a failed install --user left its unit"
if user scenario-drop install --system --config "$own" >"$work/refused.log" 2>&1; then fail "install --system without rights"; fi
grep -q "sudo" "$work/refused.log" || fail "the refusal does not say what to do: $(cat "$work/refused.log")"
ok "install, start, restart, stop, uninstall --user; a bad config leaves the daemon as it is; --system wants rights"

# --- purge
run cp /usr/bin/scenario-drop /opt/ # for afterwards
run dpkg --no-triggers --purge scenario-drop >"$work/dpkg.log" 2>&1 || { cat "$work/dpkg.log" >&2; fail "purge"; }
if grep -i warning "$work/dpkg.log" >&2; then fail "purge warns"; fi
for left in /etc/scenario-drop /var/lib/scenario-drop /usr/bin/scenario-drop /usr/lib/systemd/system/scenario-drop.service \
	/etc/systemd/system/multi-user.target.wants/scenario-drop.service /etc/systemd/system/scenario-drop.service.d; do
	run test ! -e $left -a ! -L $left || fail "purge left $left"
done
if run getent passwd scenario-drop >/dev/null; then fail "purge left the account"; fi
[ "$(state LoadState)" = not-found ] || fail "purge left the unit $(state LoadState)"
[ -z "$(run systemctl list-units --failed --no-legend 'scenario-drop*')" ] || fail "purge left a failed unit"
run test -e /srv/characters/red.png || fail "purge took a file of the artist"
ok "purge leaves nothing but the artist's files"

# --- the service of the machine, without a package
sudo=(env SUDO_USER=artist) # as sudo would, called by the artist
run mkdir -p "/opt/100% {{of}} my \$HOME"
run mv /opt/scenario-drop "/opt/100% {{of}} my \$HOME/"
program="/opt/100% {{of}} my \$HOME/scenario-drop"
run "${sudo[@]}" "$program" install --system --config "$own" >/dev/null || fail "install --system"
run "${sudo[@]}" "$program" start --system || fail "start --system"
pid=$(state MainPID)
[ "$(run stat -c %U "/proc/$pid")" = artist ] || fail "the service does not run as who called sudo"
run "${sudo[@]}" "$program" uninstall --system >/dev/null || fail "uninstall --system"
[ "$(state LoadState) $(state ActiveState)" = "not-found inactive" ] || fail "uninstall --system left the service $(state LoadState), $(state ActiveState)"
ok "install, start, uninstall --system without a package, from a folder with an awkward name"

echo "$passed steps passed in $SECONDS s"
