csdm bench accuracy --problem builtin:phantom-56 --cases 20 \
    --methods network,certified --set reference_ess=2000 -o accuracy  # machine A, other load
