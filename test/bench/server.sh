# A private PostgreSQL on a socket in a temporary folder, gone with the shell
# that sourced this. Wants PG_CONFIG; sets $work, $bindir and the PG* variables.

bindir=$("${PG_CONFIG:-pg_config}" --bindir)
work=$(mktemp -d "${TMPDIR:-/tmp}/idpsync-bench.XXXXXX")
chmod 755 "$work"
as_server=()
if [ "$(id -u)" = 0 ]; then
    as_server=(runuser -u postgres --)
fi

stop_server() {
    if [ -f "$work/data/postmaster.pid" ]; then
        "${as_server[@]}" "$bindir/pg_ctl" -D "$work/data" -m immediate -w stop > /dev/null 2>&1
    fi
    rm -rf "$work"
}
trap stop_server EXIT
trap 'exit 130' INT TERM HUP

# settings: arguments of the form name=value
start_server() {
    mkdir "$work/server"
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$work" "$work/server"
    fi
    (cd "$work" && "${as_server[@]}" "$bindir/initdb" -D "$work/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 > "$work/initdb.log" 2>&1) ||
        { cat "$work/initdb.log" >&2; return 1; }
    local setting
    for setting in "$@" "listen_addresses=''" "unix_socket_directories='$work/server'"; do
        echo "${setting%%=*} = ${setting#*=}"
    done >> "$work/data/postgresql.conf"
    (cd "$work" && "${as_server[@]}" "$bindir/pg_ctl" -D "$work/data" -l "$work/server/log" -w start > "$work/start.log" 2>&1) ||
        { cat "$work/start.log" "$work/server/log" >&2; return 1; }
    export PGHOST=$work/server PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
    unset PGOPTIONS PGSERVICE PGPASSWORD
}
