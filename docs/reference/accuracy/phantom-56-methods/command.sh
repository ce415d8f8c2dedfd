csdm bench accuracy --problem builtin:phantom-56 --cases 6 --set budgets=4000 \
    --methods network,certified,importance,adaptive,random-walk,pcn --threads 1 \
    --set reference_ess=2000 --set training_cpu_seconds=2750 -o accuracy  # machine A, other load
