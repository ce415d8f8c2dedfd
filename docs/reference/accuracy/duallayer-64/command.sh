csdm bench accuracy --problem builtin:duallayer-64 --cases 1 --methods network,certified \
    --set reference=adaptive --set reference_ess=500 --threads 1 -o accuracy  # machine A, other load
