# The wire: a report's bytes to counters and a session's bytes beside protobuf-c, in a program of its
# own made of the extension's objects; then call() beside the SQL function, with the same reports.
# Expects the helpers of run.
say 'the wire'
[ -n "$sessions" ] || . "$here/sessions.sh"

# shellcheck disable=SC2046 # one word a flag and a file
${CC:-cc} -std=gnu99 -O2 -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Isrc -Ibuild/proto \
    -I"$("$PG_CONFIG" --includedir-server)" $(pkg-config --cflags libprotobuf-c) -o "$work/wire" "$here/wire.c" \
    build/wire/report_request.o build/wire/session_message.o build/wire/protobuf_writer.o build/wire/wire_check.o \
    $(find build/proto -name 'synchronization_session*.pb-c.o' -o -name 'timestamp.pb-c.o') $(pkg-config --libs libprotobuf-c)
while IFS=$'\t' read -r key nanoseconds; do
    case $key in
        bytes) fact "wire: a report of 3 entries of 6 changes, $nanoseconds bytes; $((rounds * 10)) rounds of 20,000 messages a side, in turns" ;;
        *) note "$key" "$nanoseconds" ;;
    esac
done < <("$work/wire" $((rounds * 10)))

for k in 0 1 2 3 4 5 6 7; do
    variables+=(-D "request$k=$(value "SELECT idpsync.value(('{\"@type\": \"type.googleapis.com/yandex.cloud.organizationmanager.v1.idp.ReportSessionProgressRequest\",
                                                               \"progressEntries\": $(report $k)}')::idpsync.protobuf_any)")")
done
wire_bench() {
    local script=$1 key=$2 k scripts=()
    for k in 0 1 2 3 4 5 6 7; do
        sed "s/:\(report\|request\)\>/:\1$k/" "$here/$script.sql" > "$work/wire.$k.sql"
        scripts+=(-f "$work/wire.$k.sql")
    done
    bench "$key" "${variables[@]}" "${scripts[@]}"
}
for commit in on off; do
    export PGOPTIONS="-c synchronous_commit=$commit"
    value CHECKPOINT
    for ((round = 0; round < rounds; round++)); do
        wire_bench wire/call "wire call $commit"
        wire_bench report/idpsync "wire sql $commit"
    done
done
unset PGOPTIONS

row limit 'a report to counters, checked' ns 'wire to counters' '' '' 130
row faster '' ns 'wire to counters' 'wire to messages default' 'protobuf-c unpack, malloc, not checked' ''
row faster '' ns 'wire to counters' 'wire to messages bump' 'protobuf-c unpack, bump allocator, not checked' ''
row limit 'the same, and a session of these counters to bytes' ns 'wire back' '' '' 180
row faster '' ns 'wire back' 'wire back default' 'protobuf-c unpack and pack, malloc' ''
row faster '' ns 'wire back' 'wire back bump' 'protobuf-c unpack and pack, bump allocator' ''
row cost_rate 'call(ReportSessionProgress), durable' calls/s 'wire call on' 'wire sql on' 'report_session_progress() with the same progress' 1.1
row cost_rate 'the same, synchronous_commit off' calls/s 'wire call off' 'wire sql off' 'report_session_progress() with the same progress' 1.1
