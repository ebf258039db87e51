#!/bin/sh
# host-packages.sh demo | test
#
# Installs what this machine lacks for `npm run demo` or `npm test`, and says so; silent and quick when it lacks nothing.
#
# Ends with 1 only when something that is needed is still missing afterwards. Services that packages start by
# themselves are kept from starting. Never removes or upgrades anything.
set -eu

# Not in the PATH of ordinary users on Debian.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# need | what has to be there (commands or files, any of them) | packages of apt | of dnf | of apk
NEEDED_BY_DEMO='
need|nft|nftables|nftables|nftables
need|ip|iproute2|iproute|iproute2
'
NEEDED_BY_TEST="$NEEDED_BY_DEMO"'
need|/usr/lib/postgresql/*/bin/postgres postgres|postgresql|postgresql-server|postgresql
need|redis-server|redis-server|redis|redis
need|nginx|nginx|nginx|nginx
need|runc|runc|runc|runc
need|skopeo|skopeo|skopeo|skopeo
need|zstd|zstd|zstd|zstd
need|openssl|openssl|openssl|openssl
need|docker-registry registry|docker-registry|docker-distribution|docker-registry
need|ufw|ufw|ufw|ufw
need|firewall-cmd|firewalld dbus|firewalld|firewalld
need|jq|jq|jq|jq
need|setfattr|attr|attr|attr
need|setfacl|acl|acl|acl
need|setcap|libcap2-bin|libcap|libcap
need|busybox|busybox-static|busybox|busybox-static
like|musl-gcc|musl-tools|musl-gcc|musl-dev
like|aarch64-linux-gnu-gcc|gcc-aarch64-linux-gnu libc6-dev-arm64-cross|gcc-aarch64-linux-gnu|
'

POLICY=/usr/sbin/policy-rc.d
made_policy=

main() {
  case ${1:-} in
  demo) table=$NEEDED_BY_DEMO ;;
  test) table=$NEEDED_BY_TEST ;;
  *)
    echo "usage: host-packages.sh demo | test" >&2
    exit 2
    ;;
  esac
  [ -n "$(missing need 2)" ] || return 0
  install_missing
  lacking=$(missing need 2)
  [ -n "$lacking" ] || return 0
  # shellcheck disable=SC2086
  say "still missing:" $lacking
  say "install by hand (names of Debian's packages):" $(missing need 3)
  exit 1
}

# Column $2 of every row of kind $1 whose programs are not there. 2: programs, 3 to 5: packages.
missing() {
  printf '%s\n' "$table" | while IFS='|' read -r kind programs apt dnf apk; do
    [ "$kind" = "$1" ] || continue
    ! any_there "$programs" || continue
    case $2 in
    2) printf '%s\n' "${programs##* }" ;;
    3) printf '%s\n' "$apt" ;;
    4) printf '%s\n' "$dnf" ;;
    5) printf '%s\n' "$apk" ;;
    esac
  done
}

any_there() {
  for candidate in $1; do # unquoted: a path may be a pattern
    case $candidate in
    /*) [ ! -x "$candidate" ] || return 0 ;;
    *) ! command -v "$candidate" >/dev/null 2>&1 || return 0 ;;
    esac
  done
  return 1
}

# Packages that are only liked come along when some are needed: their absence alone is no reason to ask for them again.
install_missing() {
  if command -v apt-get >/dev/null 2>&1; then
    hold_services
    install_with 3 with_apt
  elif command -v dnf >/dev/null 2>&1; then
    install_with 4 with_dnf
  elif command -v apk >/dev/null 2>&1; then
    install_with 5 with_apk
  fi
}

# A package that the distribution does not have must not keep the others from being installed.
install_with() {
  needed=$(missing need "$1")
  liked=$(missing like "$1")
  # shellcheck disable=SC2086
  say "installing:" $needed $liked
  # shellcheck disable=SC2086
  "$2" $needed $liked || for package in $needed $liked; do
    "$2" "$package" || say "$package could not be installed"
  done
}

with_apt() {
  [ -n "${apt_updated:-}" ] || as_root apt-get -qq -o DPkg::Lock::Timeout=300 update || true
  apt_updated=1
  as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
    apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 --no-install-recommends install "$@" >/dev/null
}

with_dnf() {
  as_root dnf -q -y install "$@" >/dev/null
}

with_apk() {
  as_root apk add -q "$@"
}

# Debian starts a service as soon as its package is there, unless this file says no.
hold_services() {
  [ ! -e "$POLICY" ] || return 0
  made_policy=1
  trap release_services EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  printf '#!/bin/sh\nexit 101\n' | as_root sh -c "cat > $POLICY && chmod 755 $POLICY"
}

release_services() {
  [ -z "$made_policy" ] || as_root rm -f "$POLICY"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    say "root is needed for: $*"
    return 1
  fi
}

# To standard error: standard output is the answer of whoever called.
say() {
  printf '%s\n' "$*" >&2
}

main "$@"
