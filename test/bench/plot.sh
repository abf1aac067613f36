# draw_counts: from lines of filter, our milliseconds, those with changes not folded, and those of count(*) with its
# best index, a tab between, an SVG with a logarithmic axis, its colours fit for a dark page and a light one.
draw_counts() {
    awk -F '\t' '
        function x(ms) { return left + width * log(ms / least) / log(most / least) }
        function clip(ms) { return ms < least ? least : ms > most ? most : ms }
        function show(ms) { return ms >= 100 ? sprintf("%.0f", ms) : ms >= 10 ? sprintf("%.1f", ms) : sprintf("%.2f", ms) }
        function bar(y, height, ms, class) {
            printf "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>", class, left, y, x(clip(ms)) - left, height
            printf "<text x=\"%.1f\" y=\"%d\" class=\"small\">%s</text>\n", x(clip(ms)) + 4, y + height - 1, show(ms)
        }
        function key(at, class, text) {
            printf "<rect class=\"%s\" x=\"%d\" y=\"12\" width=\"12\" height=\"12\"/><text x=\"%d\" y=\"22\">%s</text>\n", class, at, at + 18, text
        }
        { name[NR] = $1; ours[NR] = $2; deltas[NR] = $3; rival[NR] = $4 }
        END {
            left = 200; width = 480; least = 0.01; most = 1000; step = 44; top = 40; bottom = top + NR * step
            printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 740 %d\" font-family=\"sans-serif\" font-size=\"13\">\n", bottom + 44
            print "<title>Milliseconds of a total count, by filter</title>"
            print "<style>text{fill:#6e7781}.small{font-size:10px}.ours{fill:#2da44e}.deltas{fill:#8fce9f}.rival{fill:#bf8700}.grid{stroke:#8b949e;stroke-opacity:.4}" \
                "@media (prefers-color-scheme:dark){text{fill:#b1bac4}.ours{fill:#3fb950}.deltas{fill:#2a6b38}.rival{fill:#d29922}}</style>"
            key(left, "ours", "idpsync"); key(left + 90, "deltas", "changes not folded yet"); key(left + 270, "rival", "count(*), its best index")
            for (ms = least; ms <= most * 1.001; ms *= 10) {
                printf "<path class=\"grid\" d=\"M%.1f %dV%d\"/>", x(ms), top, bottom
                printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" class=\"small\">%g ms</text>\n", x(ms), bottom + 16, ms
            }
            for (i = 1; i <= NR; i++) {
                y = top + (i - 1) * step + 4
                printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", left - 8, y + 22, name[i]
                bar(y, 10, ours[i], "ours"); bar(y + 12, 10, deltas[i], "deltas"); bar(y + 24, 10, rival[i], "rival")
            }
            printf "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">milliseconds, logarithmic</text>\n</svg>\n", left + width / 2, bottom + 36
        }'
}
