"""Become another program that cannot outlive the process that started it.

Run as a script by `child_process` (never imported by a running service), because what it does
must happen between fork and exec, and a `preexec_fn` is unsafe as soon as the parent has threads:

    python -I -S launch.py PARENT_PID SIGNAL ACCOUNT REACH PROGRAM ARGUMENT...

PARENT_PID   exit at once where the parent is already somebody else.
SIGNAL       number of the signal the kernel sends when the parent dies (Linux).
ACCOUNT      `uid:gid` to become, or `-` to stay.
REACH        `reach`: keep the right to look into folders that the account could not enter
             (PostgreSQL refuses to run as root, yet its files may be under a closed /root);
             `-`: keep no right.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
CAPABILITY_VERSION_3 = 0x20080522

EXIT_ORPHANED = 75
EXIT_CANNOT_EXECUTE = 126


def main(arguments: list[str]) -> None:
    """Apply the arguments described above, then replace this process. Never returns."""
    parent, signal_number, account, reach = arguments[:4]
    command = arguments[4:]
    if account != "-":
        uid, gid = (int(part) for part in account.split(":"))
        _become(uid, gid, keep_reach=reach == "reach")
    # After the change of account: the kernel clears the death signal when credentials change.
    _die_with_parent(int(parent), int(signal_number))
    try:
        os.execv(command[0], command)
    except OSError as error:
        sys.stderr.write(f"cannot start {command[0]}: {error.strerror}\n")
        sys.exit(EXIT_CANNOT_EXECUTE)


def _die_with_parent(parent: int, signal_number: int) -> None:
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        sys.exit(EXIT_ORPHANED)


def _become(uid: int, gid: int, *, keep_reach: bool) -> None:
    if keep_reach:
        _prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if keep_reach:
        # A container often withholds the narrow capability and grants the wide one.
        _ = _keep_capability(CAP_DAC_READ_SEARCH) or _keep_capability(CAP_DAC_OVERRIDE)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilitySet(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def _keep_capability(capability: int) -> bool:
    """Drop every capability but this one and hand it on through exec; False where not allowed."""
    bit = 1 << capability
    sets = (_CapabilitySet * 2)(_CapabilitySet(bit, bit, bit), _CapabilitySet(0, 0, 0))
    header = _CapabilityHeader(CAPABILITY_VERSION_3, 0)
    if _libc().capset(ctypes.byref(header), sets) != 0:
        return False
    return _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability) == 0


def _prctl(option: int, *arguments: int) -> int:
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return int(_libc().prctl(option, *(ctypes.c_ulong(argument) for argument in padded)))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main(sys.argv[1:])
