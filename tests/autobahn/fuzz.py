"""Runs Autobahn's fuzzing client against one server: fuzz.py URL OUTDIR [CASES [WITHOUT]]

Fails, with a list of them, when cases find a fault or have not been run.
"""

import collections
import contextlib
import os
import sys

from autobahntestsuite import fuzzing
from autobahntestsuite.case import Case
from octets import octets
from twisted.internet import reactor

# What the report calls the server.
AGENT = "server"
PASSING = {"OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED"}
# Seconds for everything: a server that hangs fails.
LONGEST = 900


def bare(value):
    if isinstance(value, (list, tuple)):
        return [bare(part) for part in value]
    return octets(value) if isinstance(value, str) else value


def shown(data, most=64):
    """As the package shows it."""
    data = octets(data)
    cut = data[:most] if len(data) > most - 4 else data
    more = " ..." if len(cut) < len(data) else ""
    try:
        return cut.decode() + more
    except UnicodeDecodeError:
        return "0x" + cut.hex() + more


class Protocol(fuzzing.FuzzingClientProtocol):
    """Octets become bytes."""

    def sendFrame(self, opcode, payload=b"", payload_len=None, **more):
        payload = octets(payload)
        if payload_len is not None:
            payload = (payload * (payload_len // len(payload) + 1))[:payload_len]
        super().sendFrame(opcode, payload=payload, **more)

    def sendMessage(self, payload, *more, **named):
        super().sendMessage(octets(payload), *more, **named)

    def sendMessageFrameData(self, payload, *more, **named):
        return super().sendMessageFrameData(octets(payload), *more, **named)

    def sendCloseFrame(self, code=None, reasonUtf8=None, isReply=False):
        super().sendCloseFrame(code, None if reasonUtf8 is None else octets(reasonUtf8), isReply)


class Factory(fuzzing.FuzzingClientFactory):
    def logCase(self, results):
        texts = {key: value.decode("latin-1") for key, value in results.items() if isinstance(value, bytes)}
        super().logCase({**results, **texts})


def judge(factory, outdir):
    results = factory.agents.get(AGENT, {})
    counts, faults = collections.Counter(), []
    for case in factory.specCases:
        behavior, close = "NOT RUN", "NOT RUN"
        if case in results:
            behavior, close = results[case]["behavior"], results[case]["behaviorClose"]
        counts[behavior] += 1
        if not {behavior, close} <= PASSING:
            faults.append(f"{case}: {behavior}, close: {close}")
    print(f"{len(factory.specCases)} cases:", ", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    if faults or not results:
        print(f"{len(faults)} with a fault, see {os.path.abspath(outdir)}/index.html", *faults, sep="\n  ")
        sys.exit(1)


def main(url, outdir, cases="*", without=""):
    fuzzing.FuzzingClientProtocol = Protocol
    fuzzing.asciiLogData = shown
    Case.compare = lambda _, left, right: bare(left) == bare(right)
    spec = {
        "outdir": outdir,
        "servers": [{"agent": AGENT, "url": url}],
        "cases": cases.split(","),
        "exclude-cases": [case for case in without.split(",") if case],
        "exclude-agent-cases": {},
    }
    os.makedirs(outdir, exist_ok=True)
    with open(os.path.join(outdir, "log.txt"), "w") as log, contextlib.redirect_stdout(log):
        factory = Factory(spec)

        def give_up():
            factory.createReports()
            reactor.stop()

        reactor.callLater(LONGEST, give_up)
        reactor.run()
    judge(factory, outdir)


main(*sys.argv[1:])
