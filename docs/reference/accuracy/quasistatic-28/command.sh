csdm bench accuracy --problem builtin:quasistatic-28-n5 --cases 8 \
    --set budgets=1000,4000 -o accuracy  # machine A, other load
