csdm bench accuracy --problem mirror-uneven --set grid=28 --cases 3 \
    --methods importance,adaptive,random-walk,pcn --set budgets=2000 -o modes  # machine A, other load
