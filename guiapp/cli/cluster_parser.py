"""What may follow the word ``cluster``, and the options that name a cluster; imports nothing heavy, so that --help is quick."""

from __future__ import annotations

import argparse
from pathlib import Path

SYSTEMS = ("slurm", "pbs", "lsf", "sge", "oar", "moab")


def add_cluster_options(command: argparse.ArgumentParser, description: str = "") -> None:
    """Add the options that let a command compute on a cluster.

    Args:
        command: Its parser.
        description: What of the command runs there, where that is not everything.
    """
    group = command.add_argument_group("beyond one machine", description or None)
    group.add_argument(
        "--cluster", metavar="WHERE", default="", help="tls://host:port, tcp://host:port, profile:NAME (see: cluster), or local[:N]"
    )
    _add_tls(group, "--cluster-")
    group.add_argument(
        "--cluster-without-tls", action="store_true", help="accept a tcp:// address on another machine although anyone between can listen"
    )


def add_cluster_arguments(cluster: argparse.ArgumentParser) -> None:
    """Add what may follow ``cluster``."""
    actions = cluster.add_subparsers(dest="action", metavar="ACTION", required=True)
    profile = actions.add_parser("profile", help="save, list, show or remove a way to a cluster").add_subparsers(
        dest="profile_action", metavar="ACTION", required=True
    )
    _add_profile(profile.add_parser("add", help="save a profile, in place of one of the same name"))
    profile.add_parser("list", help="list the saved profiles")
    for word, about in (("show", "print a profile and where its file lies"), ("remove", "delete a profile")):
        profile.add_parser(word, help=about).add_argument("name", metavar="NAME")
    script = actions.add_parser("script", help="print the script that a profile gives to the queueing system")
    script.add_argument("name", metavar="NAME")
    status = actions.add_parser("status", help="list the workers of a cluster with their memory")
    add_cluster_options(status)
    certificates = actions.add_parser("certificates", help="make the three files that let only their holders into a cluster")
    certificates.add_argument("folder", metavar="FOLDER", type=Path)
    certificates.add_argument("--days", type=int, default=365, help="how long they are valid (default: %(default)s)")


def _add_profile(add: argparse.ArgumentParser) -> None:
    add.add_argument("name", metavar="NAME")
    where = add.add_argument_group("a scheduler that runs")
    where.add_argument("--address", default="", metavar="tls://HOST:PORT")
    _add_tls(where, "--")
    where.add_argument("--without-tls", action="store_true", help="accept that anyone on the network between can listen and run programs")
    jobs = add.add_argument_group("workers from a queueing system")
    jobs.add_argument("--system", choices=SYSTEMS, default="")
    jobs.add_argument("--jobs", type=int, default=1, help="how many jobs to ask for (default: %(default)s)")
    jobs.add_argument("--cores", type=int, default=1, help="cores of one job (default: %(default)s)")
    jobs.add_argument("--processes", type=int, default=0, help="worker processes in one job (default: one a core; with GPUs one a GPU)")
    jobs.add_argument("--memory", default="4GB", help="of one job (default: %(default)s; about 2GB for each process)")
    jobs.add_argument("--walltime", default="01:00:00", help="(default: %(default)s)")
    jobs.add_argument("--queue", default="", help="partition or queue")
    jobs.add_argument("--account", default="", help="what the time is charged to")
    jobs.add_argument("--interface", default="", help="network interface towards the compute nodes, e.g. ib0")
    jobs.add_argument("--directive", dest="directives", action="append", default=[], metavar="LINE", help="e.g. --directive=--gres=gpu:1")
    jobs.add_argument("--prologue", action="append", default=[], metavar="COMMAND", help="shell command before the worker starts")
    jobs.add_argument("--python", default="", help="Python of the workers (default: this one, over a shared file system)")
    jobs.add_argument("--shared-folder", default="", help="where workers find the cluster's certificates (default: the home folder)")
    jobs.add_argument("--scratch-folder", default="", help="fast disk of a compute node")
    jobs.add_argument("--log-folder", default="", help="where the queueing system writes what workers print")


def _add_tls(group: argparse._ArgumentGroup, prefix: str) -> None:
    for part, about in (("authority", "certificate of the authority"), ("certificate", "your certificate"), ("key", "its private key")):
        group.add_argument(f"{prefix}tls-{part}", metavar="FILE", default="", help=f"{about}, PEM")
