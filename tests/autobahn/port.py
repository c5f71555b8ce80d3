"""Makes Python 3 of Autobahn's fuzzing client, which its package has for Python 2 alone: port.py PACKAGE.

A string of Python 2 is octets. Here it stays a string, whose characters are these octets (Latin-1); `fuzz.py` turns them
into bytes where they are sent and compared.
"""

import os
import re
import sys

from fissix.refactor import RefactoringTool, get_fixers_from_package

# What a converter cannot know. Each has to be found, so that another version of the package is not ported by half.
REWRITES = [
    # What is written in UTF-8 are octets too.
    ("case/", r"^# coding=utf-8$", "# coding=latin-1"),
    # `octets.py` has what is asked of them.
    ("", r"\b(?:binascii|pkg_resources)\b", "octets"),
    ("case/case6_x_x.py", r"\bv\.validate\((.*)\)", r"v.validate(octets.octets(\1))"),
    # Every class is an object, in an order of its own.
    ("case/", r"\(object, Case, \)", "(Case, )"),
    ("case/case10_1_1.py", r"(len\(self\.payload\)) / ", r"\1 // "),
    ("fuzzing.py", r"''\.join\(payload\)", "b''.join(payload)"),
    # It is not among those that are run.
    ("case/__init__.py", r"^from case9_9_1 import \*$", ""),
    # Files are written as text.
    ("fuzzing.py", r"\.encode\([\"']utf-?8[\"']\)\)(?=\n)", ")"),
    # The other programs of the package, and what they need, are left out.
    ("__init__.py", r"(?s)\nimport warnings\n.*", ""),
]


def python_files(package):
    names = ["__init__.py", "_version.py", "caseset.py", "fuzzing.py", "interfaces.py", "report.py", "rinterfaces.py"]
    cases = sorted(name for name in os.listdir(os.path.join(package, "case")) if name.endswith(".py"))
    return names + ["case/" + name for name in cases]


def port(package):
    tool = RefactoringTool(get_fixers_from_package("fissix.fixes"))
    found = [0] * len(REWRITES)
    for name in python_files(package):
        path = os.path.join(package, name)
        with open(path, encoding="latin-1") as file:
            text = file.read()
        for index, (where, pattern, replacement) in enumerate(REWRITES):
            if name.startswith(where):
                text, times = re.subn(pattern, replacement, text, flags=re.MULTILINE)
                found[index] += times
        with open(path, "w", encoding="latin-1") as file:
            file.write(text)
        # Only where it stands does it know which imports are of the same package.
        tool.refactor_file(path, write=True)
    missing = [pattern for (_, pattern, _), times in zip(REWRITES, found) if not times]
    if missing or tool.errors:
        sys.exit(f"not the package that this was made for: {missing or tool.errors}")


port(sys.argv[1])
