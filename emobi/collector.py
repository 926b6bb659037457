"""Python's garbage collector, in processes that live long."""

import gc


def spare() -> None:
    """Have it look for cycles now and then, not many times in each batch of messages or page of rows.

    What was loaded until now stays as long as the process, and a batch holds tens of thousands of objects
    that are gone with it. Never off: every closed socket leaves cycles behind.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
