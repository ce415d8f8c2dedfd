csdm bench tasks --published sbibm --set cases=1 --set draws=4000 --set steps=3000 \
    --threads 1 -o tasks  # machine A, other load; one call for each task
