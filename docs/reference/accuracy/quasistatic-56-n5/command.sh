csdm bench accuracy --problem builtin:quasistatic-56-n5 --cases 20 \
    --methods certified --set draws=32 --threads 1 -o accuracy  # machine A, other load
