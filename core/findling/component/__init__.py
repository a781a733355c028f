"""The training component: what tuning needs and the frozen application comes without, torch above all.

It is one file, built by `packaging/component.py`, that a person installs from a disk or an address into
Findling's own data (`findling.component.installing`). From then on it is at the end of `sys.path`, in this
process and in all that it starts.
"""

from findling.component.place import Manifest, State, Status, activate, remove, status, tune_command

__all__ = [
    "Manifest",
    "State",
    "Status",
    "activate",
    "remove",
    "status",
    "tune_command",
]
