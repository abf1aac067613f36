# Numbers are noted under a key as they are measured; rows say which keys to set side by side.
: > "$work/notes"
: > "$work/rows"
: > "$work/facts"
: > "$work/plot"
note() { printf '%s\t%s\n' "$1" "$2" >> "$work/notes"; }
fact() { printf '%s\n' "$1" >> "$work/facts"; }

# row KIND WORK UNIT OUR_KEY RIVAL_KEY RIVAL GOAL; an empty WORK repeats the row before
#   rate      units a second: ours over the rival's, the goal is a least
#   faster    time or bytes: the rival's over ours, the goal is a least
#   cost      time: ours over the rival's, the goal is a most
#   cost_rate units a second: the rival's over ours (its time ratio), the goal is a most
#   limit     ours alone, the goal is a most
row() { (IFS=$'\t'; printf '%s\n' "$*") >> "$work/rows"; }

median() { awk -F '\t' -v key="$1" '$1 == key {print $2}' "$work/notes" | sort -g | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

# work | idpsync | rival's name | rival | ratio | goal | verdict, a tab between
table() {
    sort -t $'\t' -k 1,1 -k 2,2g "$work/notes" | awk -F '\t' '
        function show(x) { return x >= 1000 ? sprintf("%d", x + 0.5) : x >= 100 ? sprintf("%.0f", x) : x >= 10 ? sprintf("%.1f", x) : sprintf("%.2f", x) }
        function mid(k, n) { n = count[k]; return n % 2 ? v[k, (n + 1) / 2] : (v[k, n / 2] + v[k, n / 2 + 1]) / 2 }
        function cell(k, unit) {
            if (!count[k]) return "-"
            return show(mid(k)) (v[k, 1] == v[k, count[k]] ? "" : " (" show(v[k, 1]) "-" show(v[k, count[k]]) ")") " " unit
        }
        NR == FNR { v[$1, ++count[$1]] = $2; next }
        {
            kind = $1; ours = $4; rival = $5; goal = $7
            if ($2 != "") work = $2
            if (!count[ours] || (rival != "" && !count[rival])) next
            most = kind ~ /^(cost|cost_rate|limit)$/
            if (kind == "limit") ratio = mid(ours)
            else if (kind ~ /^(rate|cost)$/) ratio = mid(ours) / mid(rival)
            else ratio = mid(rival) / mid(ours)
            verdict = ""
            if (goal != "") {
                met = most ? ratio <= goal : ratio >= goal
                off = most ? ratio / goal - 1 : 1 - ratio / goal
                verdict = met ? "met" : sprintf("missed by %.0f %%", off * 100 < 1 ? 1 : off * 100)
                goal = (most ? "<= " : ">= ") goal (kind == "limit" ? "" : "x")
            }
            printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", work, cell(ours, $3), $6, rival == "" ? "" : cell(rival, $3), kind == "limit" ? "" : show(ratio) "x", goal, verdict
        }' - "$work/rows"
}

facts() {
    local model version
    model=$(awk -F ': ' '/^model name/ {print $2; exit}' /proc/cpuinfo)
    version=$(value 'SHOW server_version')
    printf '%s\n' "idpsync $(value "SELECT extversion FROM pg_extension WHERE extname = 'idpsync'") ($(git rev-parse --short HEAD 2>/dev/null || echo 'no commit')), $(date -u +%Y-%m-%d)" \
        "PostgreSQL $version, $(nproc) cores (${model:-unknown}), $((memory / 1024)) GB of memory" \
        "pgbench -M prepared -c 8 -j 2, $rounds rounds of $round_seconds s a side, in turns; medians, lowest and highest in brackets, ratios of medians" \
        "$(IFS=' '; echo "${settings[*]}")"
    cat "$work/facts"
}

print_results() {
    echo
    facts | sed 's/^/# /'
    echo
    table | awk -F '\t' -v OFS='\t' '
        BEGIN { split("work\tidpsync\trival\trival measured\tratio\tgoal\t", head, "\t"); for (i = 1; i <= 7; i++) { cell[0, i] = head[i]; width[i] = length(head[i]) } }
        { for (i = 1; i <= 7; i++) { cell[NR, i] = i == 1 && $1 == last ? "" : $i; if (length(cell[NR, i]) > width[i]) width[i] = length(cell[NR, i]) } last = $1 }
        END { for (n = 0; n <= NR; n++) { line = ""; for (i = 1; i <= 7; i++) line = line sprintf("%-" width[i] "s  ", cell[n, i]); sub(/ +$/, "", line); print line } }'
}

# write_results FILE MARKER: replaces what stands between the markers in FILE; everything else there is written by hand.
write_results() {
    {
        facts | sed 's/^/- /'
        echo
        echo '| work | idpsync | rival | measured | ratio | goal | |'
        echo '|---|---|---|---|---|---|---|'
        table | awk -F '\t' '{ printf "| %s | %s | %s | %s | %s | %s | %s |\n", $1 == last ? "" : $1, $2, $3, $4, $5, $6, $7; last = $1 }'
    } > "$work/results.md"
    awk -v results="$work/results.md" -v marker="$2" '
        index($0, "<!-- " marker ": begin") { print; print ""; while ((getline line < results) > 0) print line; print ""; skip = 1 }
        index($0, "<!-- " marker ": end") { skip = 0 }
        !skip' "$1" > "$work/docs.md"
    cat "$work/docs.md" > "$1"
    echo
    echo "written to $1"
}
