"""Simplex, the receiver: python3 examples/python/12_simplex_receiver.py [PORT]"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7000

with socket.create_server(("127.0.0.1", port)) as server:
    print("listening on %s:%d" % server.getsockname(), flush=True)
    connection, peer = server.accept()
    with connection:
        total = 0
        while data := connection.recv(1024):
            print(repr(data.decode()), flush=True)
            total += len(data)
        print("the end, after", total, "bytes")
