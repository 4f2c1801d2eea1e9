"""Frames in Python: python3 examples/python/15_frames_server.py [PORT]"""

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


with socket.create_server(("127.0.0.1", port)) as server:
    print("listening on %s:%d" % server.getsockname(), flush=True)
    while True:
        connection, peer = server.accept()
        with connection, connection.makefile("rwb") as file:
            while (message := receive(file)) is not None:
                send(file, message.upper())
