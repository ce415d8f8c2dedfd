# The forward model of fibres.toml: each column of x is a fibre of stiffness x, fixed at the bottom and pulled by 0.05 kPa at the top,
# so that du/dz = 0.05/x. A request is a line such as {"id":0,"x":"/tmp/csdm-1/x.csv","y":"/tmp/csdm-1/y.csv"}; row 0, the first line, is
# the bottom.
while read -r request; do
    id=${request#*\"id\":}
    id=${id%%,*}
    x=${request#*\"x\":\"}
    x=${x%%\"*}
    y=${request#*\"y\":\"}
    y=${y%%\"*}
    if awk -F, -v stress=0.05 -v height=10 -v rows=16 '{
            for (c = 1; c <= NF; c++) {
                if (NR > 1) u[c] += height / (rows - 1) * stress * (1 / $c + 1 / below[c]) / 2
                below[c] = $c
                printf "%.9g%s", u[c], c < NF ? "," : "\n"
            }
        }' "$x" >"$y"; then
        echo "{\"id\": $id}"
    else
        echo "{\"id\": $id, \"error\": \"awk failed\"}"
    fi
done
