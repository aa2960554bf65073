# shellcheck shell=bash
# Small Debian machines with real systemd, for deploy/tests/system: systemd-nspawn containers over one read-only
# tree, on a bridge that stands in a network namespace of its own, so that nothing of this machine's network changes. Sourced.

prefix=pft$$
work=${TMPDIR:-/tmp}/pifleet-system.$$
machines=()

# Everything that can forbid machines here; prints the reason.
machines_are_impossible() {
	[ "$(id -u)" = 0 ] || { echo "it needs root"; return; }
	unshare --mount --net --pid --fork true 2>/dev/null || { echo "namespaces are not allowed here"; return; }
	grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || { echo "the kernel has no overlayfs"; return; }
	if ! ip netns add "$prefix-try" 2>/dev/null; then
		echo "ip netns add fails"
		return
	fi
	ip -n "$prefix-try" link add try0 type veth peer name try1 2>/dev/null &&
		ip -n "$prefix-try" link add br0 type bridge 2>/dev/null || echo "the kernel has no veth or no bridge"
	ip netns del "$prefix-try"
}

# The tree of all machines, from this machine's own package sources; kept for a week.
make_tree() { # sets tree
	local packages=systemd,systemd-sysv,dbus,default-jre-headless,libzstd1,zstd,avahi-daemon,avahi-utils,iproute2,procps
	local sources=() file suite key cache=${XDG_CACHE_HOME:-/var/cache}/pifleet
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/debian.list; do
		[ -s "$file" ] && grep -qE '^(deb |Types:)' "$file" && sources+=("$file")
	done
	key=$(cat "${sources[@]}" <(echo "$packages") | sha256sum | cut -c1-8)
	tree=$cache/$suite-$(dpkg --print-architecture)-$key
	mkdir -p "$cache"
	find "$cache" -mindepth 1 -maxdepth 1 -mtime +7 -exec rm -rf {} +
	[ ! -e "$tree" ] || return 0
	echo "making a Debian tree in $tree"
	# Java's packages want their manual directory; apt's timers would hold apt's lock at some time of their own.
	# shellcheck disable=SC2016 # $1 is the hook's: the tree
	if ! mmdebstrap --quiet --variant=minbase --mode=root --include="$packages" \
		--aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' --essential-hook='mkdir -p "$1/usr/share/man/man1"' \
		--customize-hook='systemctl --root="$1" mask apt-daily.timer apt-daily-upgrade.timer' \
		--customize-hook='rm -f "$1/etc/resolv.conf"; : >"$1/etc/machine-id"' \
		"$suite" "$tree.new" "${sources[@]}" >"$work/mmdebstrap.log" 2>&1 </dev/null; then
		tail -n 20 "$work/mmdebstrap.log"
		rm -rf "$tree.new"
		return 1
	fi
	mv "$tree.new" "$tree"
}

network_up() {
	ip netns add "$prefix-bridge"
	ip -n "$prefix-bridge" link add br0 type bridge mcast_snooping 0 stp_state 0 forward_delay 0
	ip -n "$prefix-bridge" link set br0 up
}

cgroup_mounts() { awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts; }

# machine_up NAME N: boots a machine with the address 10.77.0.N and waits until it runs.
machine_up() {
	local name=$1 n=$2 ns=$prefix-$1 dir=$work/$1 start=${EPOCHREALTIME/./} leader='' options=() file
	mkdir -p "$dir"/{upper,scratch,root}
	mount -t overlay "$ns" -o "lowerdir=$tree,upperdir=$dir/upper,workdir=$dir/scratch" "$dir/root" || return
	machines+=("$name")
	echo "$name" >"$dir/root/etc/hostname"
	printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$name" >"$dir/root/etc/hosts"
	: >"$dir/root/etc/resolv.conf"

	ip netns add "$ns"
	ip -n "$ns" link add host0 type veth peer name "to-$name" netns "$prefix-bridge"
	ip -n "$prefix-bridge" link set "to-$name" master br0 up
	ip -n "$ns" link set lo up
	ip -n "$ns" addr add "10.77.0.$n/24" broadcast + dev host0
	ip -n "$ns" link set host0 up
	ip -n "$ns" route add default via 10.77.0.254 # multicast wants a route, this one leads nowhere

	# nspawn mounts controllers of cgroup v1 read-only, and systemd then ignores MemoryMax= without a word.
	file=$dir/root/usr/local/sbin/first
	cat >"$file" <<-'EOF'
		#!/bin/sh
		for c in /sys/fs/cgroup/*; do mount -o remount,bind,rw "$c" 2>/dev/null; done
		exec /lib/systemd/systemd "$@"
	EOF
	chmod 755 "$file"
	# Where systemd runs the machine itself, nspawn gets a scope from it; elsewhere the cgroups are made here.
	[ -d /run/systemd/system ] || options=(--keep-unit)
	(
		[ -d /run/systemd/system ] || own_cgroup "$ns"
		exec systemd-nspawn --quiet --directory="$dir/root" --machine="$ns" --register=no "${options[@]}" \
			--link-journal=no --timezone=off --resolv-conf=off --console=read-only --kill-signal=SIGRTMIN+3 \
			--network-namespace-path="/run/netns/$ns" --capability=CAP_NET_ADMIN /usr/local/sbin/first
	) >"$dir/console" 2>&1 </dev/null &
	echo $! >"$dir/pid"
	if ! within 30 booted "$name" >"$dir/boot"; then
		cat "$dir/console" "$dir/boot"
		return 1
	fi
	echo "$name: $(on "$name" systemctl is-system-running --wait) after $(((${EPOCHREALTIME/./} - start) / 1000)) ms"
}

booted() {
	local pid leader
	pid=$(cat "$work/$1/pid")
	leader=$(cut -d ' ' -f 1 "/proc/$pid/task/$pid/children")
	[ -n "$leader" ] && [ "$(cat "/proc/$leader/comm")" = systemd ] &&
		[ -S "/proc/$leader/root/run/systemd/private" ] && echo "$leader" >"$work/$1/leader"
}

own_cgroup() {
	local c k
	for c in $(cgroup_mounts); do
		mkdir -p "$c/$1"
		# A v1 cpuset takes no process before it has processors and memory.
		if [ -e "$c/$1/cpuset.cpus" ]; then
			for k in cpus mems; do cat "$c/cpuset.$k" >"$c/$1/cpuset.$k"; done
		fi
		echo "$BASHPID" >"$c/$1/cgroup.procs"
	done 2>/dev/null
}

# on NAME COMMAND...: runs it as root on that machine.
on() {
	local leader
	leader=$(cat "$work/$1/leader") || return
	shift
	nsenter --target "$leader" --all -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb LANG=C.UTF-8 HOME=/root "$@"
}

machine_down() {
	local dir=$work/$1 ns=$prefix-$1 pid leader c
	pid=$(cat "$dir/pid" 2>/dev/null)
	leader=$(cat "$dir/leader" 2>/dev/null)
	[ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null
	within 20 ended "$pid" "$leader" >/dev/null || kill -KILL ${leader:+"$leader"} ${pid:+"$pid"} 2>/dev/null
	ip netns del "$ns" 2>/dev/null
	within 5 umount "$dir/root" >/dev/null
	rmdir "/run/systemd/nspawn/propagate/$ns" 2>/dev/null
	[ -d /run/systemd/system ] || for c in $(cgroup_mounts); do
		[ ! -d "$c/$ns" ] || find "$c/$ns" -depth -type d -exec rmdir {} \; 2>/dev/null
	done
}

ended() { # PROCESS...: empty names have ended too
	local pid
	for pid; do [ -z "$pid" ] || [ ! -e "/proc/$pid/root" ] || return 1; done
}

all_down() {
	local name
	for name in "${machines[@]}"; do machine_down "$name"; done
	ip netns del "$prefix-bridge" 2>/dev/null
	rm -rf --one-file-system "$work"
}
