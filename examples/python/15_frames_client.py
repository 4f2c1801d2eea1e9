"""Frames, the client: python3 examples/python/15_frames_client.py [PORT]"""

import socket
import struct
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7000


def receive(file):
    """The next frame: four bytes that say how long, and then so many. None at the end."""
    head = file.read(4)
    if not head:
        return None
    (length,) = struct.unpack(">I", head)
    return file.read(length)


def send(file, message):
    file.write(struct.pack(">I", len(message)) + message)
    file.flush()


with socket.create_connection(("127.0.0.1", port)) as client, client.makefile("rwb") as file:
    for text in ("one", "two and a half", ""):
        send(file, text.encode())
        print("a message", repr(receive(file).decode()))
