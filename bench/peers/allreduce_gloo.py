"""One rank of an all-reduce with torch.distributed over Gloo; see bench/collective/run.sh.

Arguments: rank, ranks, bytes, iterations, port. Rank 0 prints the median seconds.
"""

import os
import statistics
import sys
import time

import torch
import torch.distributed as dist


def main():
    rank, ranks, size, iterations, port = map(int, sys.argv[1:6])
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // ranks))
    dist.init_process_group("gloo", f"tcp://127.0.0.1:{port}", rank=rank, world_size=ranks)
    data = torch.zeros(size // 4)
    for _ in range(max(3, iterations // 4)):
        dist.all_reduce(data)
    seconds = []
    for _ in range(iterations):
        dist.barrier()
        start = time.perf_counter()
        dist.all_reduce(data)
        seconds.append(time.perf_counter() - start)
    if rank == 0:
        print(statistics.median(seconds), flush=True)
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
