csdm bench tasks --published sbibm --set cases=3 --threads 1 \
    -o tasks  # machine C, other load; one call for each task
