"""Values, the client: python3 examples/python/16_values_client.py [PORT]"""

import json
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
    for numbers in ([1, 2, 3], [-7], []):
        send(file, json.dumps({"name": "Ada", "numbers": numbers}).encode())
        answer = json.loads(receive(file))
        print(answer["greeting"], "sum", answer["sum"])
