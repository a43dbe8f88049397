#!/bin/sh
# Installs the system packages that are missing, and nothing that is there.
# usage: system.sh run|test|bench      (Debian 12 or later, Ubuntu 22.04 or later)
set -eu
purpose=${1:-run}
missing=""

lacks() { ! command -v "$1" >/dev/null 2>&1; }
as_root() { if [ "$(id -u)" != 0 ]; then command -v sudo || true; fi; }
want() { missing="$missing $*"; }

python_found=$(sh "$(dirname "$0")/python.sh" || true)
if [ -z "$python_found" ]; then
    # Ubuntu 22.04 ships 3.10 as python3 and 3.11 beside it; a fresh machine knows of neither before its lists are there.
    if ! apt-cache show python3 >/dev/null 2>&1; then $(as_root) apt-get update -qq; fi
    if apt-cache show python3.11 >/dev/null 2>&1; then want python3.11 python3.11-venv; else want python3 python3-venv; fi
elif ! "$python_found" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    want "python$("$python_found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
fi
if [ -z "${WANGGE_DATABASE_URL:-}" ] || [ "$purpose" = test ]; then
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || want postgresql
    ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1 || want postgis-for-server
fi
lacks npm && want npm
# What prints reports: Pango sets the pages, and a Chinese font letters them.
ls /usr/lib/*/libpangoft2-1.0.so.0 /usr/lib/libpangoft2-1.0.so.0 2>/dev/null | grep -q . || want libpango-1.0-0 libpangoft2-1.0-0
lacks fc-list && want fontconfig
fc-list :lang=zh 2>/dev/null | grep -q . || want fonts-noto-cjk
if [ "$purpose" = test ]; then
    lacks chromium && lacks chromium-browser && want chromium
fi
if [ "$purpose" = bench ]; then lacks wrk && want wrk; fi
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then as_root=""; elif command -v sudo >/dev/null 2>&1; then as_root=sudo; else
    echo "These packages are missing and neither root nor sudo is at hand:$missing" >&2; exit 1
fi
command -v apt-get >/dev/null 2>&1 || { echo "No apt-get here; install by hand:$missing" >&2; exit 1; }
echo "Refreshing the package lists"
$as_root apt-get update -qq
case "$missing" in *postgis-for-server*)
    installed=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sed 's|.*/postgresql/\([0-9]*\)/.*|\1|' | sort -n | tail -n 1)
    version=${installed:-$(apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)}
    missing=$(echo "$missing" | sed "s/postgis-for-server/postgresql-$version-postgis-3/");;
esac
# The packaged server would make a cluster of its own and start it at boot; Wangge keeps a private one.
if lacks pg_createcluster && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    $as_root mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
echo "Installing:$missing"
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
