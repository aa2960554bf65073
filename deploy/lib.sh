# shellcheck shell=bash
# What deploy/test, deploy/demo and deploy/tests/* share. Sourced.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export top

if [ -t 1 ]; then bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'; else bold='' green='' red='' plain=''; fi

title() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
die() { printf '%s%s: %s%s\n' "$red" "${0##*/}" "$*" "$plain" >&2; exit 1; }

# need COMMAND:PACKAGE...: installs by apt the packages whose command is not there. A command with a slash is a file.
need() {
	local pair command missing=() as_root=()
	for pair in "$@"; do
		command=${pair%%:*}
		case $command in
		/*) [ -e "$command" ] || missing+=("${pair#*:}") ;;
		*) command -v "$command" >/dev/null || missing+=("${pair#*:}") ;;
		esac
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" != 0 ]; then
		as_root=(sudo -n)
		"${as_root[@]}" true 2>/dev/null || die "missing: ${missing[*]}; run as root, or: sudo apt install ${missing[*]}"
	fi
	command -v apt-get >/dev/null || die "missing: ${missing[*]}; this is not Debian, so install them first"
	echo "installing ${missing[*]}"
	if [ -z "${apt_is_fresh:-}" ]; then
		"${as_root[@]}" apt-get update -qq || die "apt-get update failed"
		apt_is_fresh=yes
	fi
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" \
		</dev/null >/dev/null || die "apt-get install ${missing[*]} failed"
}

# The build wants a JDK of 17 or later; Debian 12 has 17.
need_build_tools() { need javac:default-jdk-headless mvn:maven; }

# jdk LEVEL: the home of a JDK of this major version, or nothing.
jdk() {
	local home
	for home in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/*; do
		if [ -x "$home/bin/javac" ] && [ "$(jdk_level "$home")" = "$1" ]; then
			realpath "$home"
			return
		fi
	done
}

jdk_level() { sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null; }

# The newest long-term release here (every fourth from 17 on), or nothing.
newest_lts() {
	local home level newest=17
	for home in /usr/lib/jvm/*; do
		level=$(jdk_level "$home")
		if [ -x "$home/bin/javac" ] && [ $(((${level:-0} - 17) % 4)) = 0 ] && [ "${level:-0}" -gt "$newest" ]; then
			newest=$level
		fi
	done
	[ "$newest" = 17 ] || echo "$newest"
}

debian_architecture() {
	case $(uname -m) in
	x86_64) echo amd64 ;;
	aarch64) echo arm64 ;;
	armv[78]l) echo armhf ;;
	*) die "no package for $(uname -m); there are amd64, arm64, armhf" ;;
	esac
}

# The version that all modules carry: the first one in the root pom.
version() { sed -n 's|.*<version>\(.*\)</version>.*|\1|p' "$top/pom.xml" | head -1; }

# --- checks of shell tests: a sentence, and a command that has to succeed

passed=0 failed=0
check() {
	local sentence=$1 output
	shift
	if output=$("$@" 2>&1 </dev/null); then
		passed=$((passed + 1))
		printf '  %sok%s    %s\n' "$green" "$plain" "$sentence"
	else
		failed=$((failed + 1))
		printf '  %sFAIL%s  %s\n        %s\n' "$red" "$plain" "$sentence" "$*"
		printf '%s\n' "$output" | tail -n 25 | sed 's/^/        | /'
	fi
}

summary() {
	printf '%s: %d passed, %d failed\n' "${0##*/}" "$passed" "$failed"
	[ "$failed" = 0 ]
}

# within SECONDS COMMAND...: tries until it succeeds; its last output if it never does.
within() {
	local end=$((SECONDS + $1)) output
	shift
	until output=$("$@" 2>&1); do
		if [ $SECONDS -ge $end ]; then
			printf '%s\n' "$output"
			return 1
		fi
		sleep 0.2
	done
	printf '%s\n' "$output"
}
