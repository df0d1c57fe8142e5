#!/bin/sh
# Runs a command with a PostgreSQL of its own, made in a temporary folder and taken away afterwards:
#
#   tools/postgres.sh COMMAND …       the command finds it in BIHUAN_DATABASE_URL
#
# A server named in BIHUAN_DATABASE_URL already is used as it is. PostgreSQL refuses to run as root: then its own part
# is run as the user postgres.
set -eu

[ $# -gt 0 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ -z "${BIHUAN_DATABASE_URL:-}" ] || exec "$@"

as_owner() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"
    else
        "$@"
    fi
}

bin=
for found in "$(command -v initdb 2>/dev/null || :)" /usr/lib/postgresql/*/bin/initdb \
    /opt/homebrew/opt/postgresql@*/bin/initdb; do
    if [ -x "$found" ]; then bin=$(dirname "$found"); fi
done
[ -n "$bin" ] || { echo "no PostgreSQL server is installed (Debian: apt install postgresql)" >&2; exit 1; }

here=$(pwd)
cd /
folder=$(as_owner mktemp -d "${TMPDIR:-/tmp}/bihuan-postgres.XXXXXX")
cleanup() {
    status=$?
    trap - EXIT INT TERM
    cd /
    as_owner "$bin/pg_ctl" --pgdata="$folder/data" --mode=immediate --wait stop >/dev/null 2>&1 || :
    rm -rf "$folder"
    exit $status
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

as_owner "$bin/initdb" --pgdata="$folder/data" --username=bihuan --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
    >/dev/null || exit 1
# Tests keep nothing: no write has to reach the disk before it counts.
as_owner "$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/server.log" --wait --timeout=60 start \
    -o "-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=off -c synchronous_commit=off \
        -c full_page_writes=off -c shared_buffers=256MB -c max_connections=60" >/dev/null || {
    as_owner cat "$folder/server.log" >&2
    exit 1
}
as_owner "$bin/createdb" --host="$folder" --username=bihuan bihuan
# The socket is reached by others than its owner.
as_owner chmod 711 "$folder"

BIHUAN_DATABASE_URL="postgresql://bihuan@$(printf '%s' "$folder" | sed 's#/#%2F#g')/bihuan"
export BIHUAN_DATABASE_URL
cd "$here"
# Not exec: the server is stopped when the command has ended.
"$@"
