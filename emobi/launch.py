"""Turns into another program, one that doesn't outlive the process that started it.

    python -I -S launch.py PARENT SIGNAL OWNER PROGRAM [ARGUMENT …]

PARENT is the pid of the caller, SIGNAL the number of what the kernel sends to the program when the caller's
main thread ends, however it ends, OWNER "" or "uid:gid" to run as. A script of its own because code between
fork and exec isn't safe in a process with threads. Only Linux knows such a signal (prctl(2),
PR_SET_PDEATHSIG); elsewhere a caller that is killed with SIGKILL leaves the program running.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def become(parent: str, death_signal: str, owner: str, *argv: str) -> None:
    if owner:
        uid, gid = map(int, owner.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After setuid, which clears it.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit(f"{argv[0]}: not started, its parent is gone")
    # Python ignores it, and what is ignored stays so across exec.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        sys.exit(f"{argv[0]}: {error.strerror}")


if __name__ == "__main__":
    become(*sys.argv[1:])
