# The program of hanging.toml: each column is a fibre that hangs from the top. Its strain is the
# force over the stiffness: 0.05 kPa where it is pulled, at rest the weight of what hangs below, of
# 0.00981 kPa per mm for a density of 1 g/cm3.
# A request with an index is for a pair; the first awk draws its fields, a disc with other values.
# The arrays are text: 8 lines of stiffness, 8 of density. The first line of each is the bottom.
value() { # value KEY: the value of a key of the request
    v=${request#*\"$1\":}
    v=${v#\"}
    echo "${v%%[\",\}]*}"
}
while read -r request; do
    id=$(value id) x=$(value x) y=$(value y)
    case $request in *'"index"'*)
        awk -v seed="$(value seed)" -v pair="$(value index)" -v n=8 '
            function uniform(lo, hi) { s = (16807 * s) % 2147483647; return lo + (hi - lo) * s / 2147483647 }
            BEGIN {
                s = (seed % 1000003 * 7919 + pair * 104729 + 12345) % 2147483646 + 1
                for (k = 0; k < 5; k++) uniform(0, 1)
                cx = uniform(3, 7); cy = uniform(3, 7); radius = uniform(1.5, 3)
                inside[0] = uniform(2, 6); inside[1] = uniform(0.5, 2)
                for (f = 0; f < 2; f++) for (r = 0; r < n; r++) for (c = 0; c < n; c++) {
                    dx = c * 10 / (n - 1) - cx; dy = r * 10 / (n - 1) - cy
                    v = dx * dx + dy * dy < radius * radius ? inside[f] : 1
                    printf "%.9g%s", v, c < n - 1 ? "," : "\n"
                }
            }' >"$x" ;;
    esac
    if awk -F, -v n=8 '
            { for (c = 1; c <= n; c++) field[NR, c] = $c }
            END {
                h = 10 / (n - 1)
                for (channel = 0; channel < 2; channel++) {
                    for (c = 1; c <= n; c++) { # from the top down
                        weight = 0
                        for (r = 1; r <= n; r++) {
                            force[r] = channel ? weight : 0.05
                            weight += h / 2 * 0.00981 * (field[n + r, c] + field[n + (r < n ? r + 1 : r), c])
                        }
                        u[n, c] = 0
                        for (r = n - 1; r >= 1; r--)
                            u[r, c] = u[r + 1, c] + h / 2 * (force[r] / field[r, c] + force[r + 1] / field[r + 1, c])
                    }
                    for (r = 1; r <= n; r++) for (c = 1; c <= n; c++)
                        printf "%.9g%s", u[r, c], c < n ? "," : "\n"
                }
            }' "$x" >"$y"; then
        echo "{\"id\": $id}"
    else
        echo "{\"id\": $id, \"error\": \"awk failed\"}"
    fi
done
