# The environment of a worker, in which its native libraries find how to treat memory. What is set before goes first.

# Layers allocate and free the same large tensors each step. Left alone, glibc gives that memory back to the system each
# time, and the page faults of getting it anew cost a tenth of a training step.
export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-1073741824}"
export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-1073741824}"
export MALLOC_TOP_PAD_="${MALLOC_TOP_PAD_:-67108864}"

# One arena for all threads: with one each, what a job's threads have freed is of no use to those of the next job.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"

# Compiled products of oneDNN, one for each shape: a third of a MiB each, and rows of uneven lengths hardly meet a shape again.
export ONEDNN_PRIMITIVE_CACHE_CAPACITY="${ONEDNN_PRIMITIVE_CACHE_CAPACITY:-128}"
