"""What our work costs, beside the least that it could cost: `python -m benchmarks` prints one table.

Each scenario does the product's own work and, in turns with it, the same work without the product; both in CPU seconds
of the process and its children. Wall time is never looked at: it lies on a machine that others use too.
"""
