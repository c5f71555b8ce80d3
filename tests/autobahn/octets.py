"""What Python 2 does with a string, done with one whose characters are octets."""

import binascii
import importlib.util
import os


def octets(text):
    return text.encode("latin-1") if isinstance(text, str) else bytes(text)


def b2a_hex(text):
    return binascii.b2a_hex(octets(text)).decode()


hexlify = b2a_hex


def resource_filename(package, name):
    return os.path.join(os.path.dirname(importlib.util.find_spec(package).origin), name)
