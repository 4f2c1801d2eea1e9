"""The greeting server in Python: python3 examples/python/01_greeting_server.py [PORT]"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7000

with socket.create_server(("127.0.0.1", port)) as server:
    print("listening on %s:%d" % server.getsockname(), flush=True)
    while True:
        connection, peer = server.accept()
        with connection:
            print("%s:%d came" % peer, flush=True)
            connection.sendall(b"hello, %s:%d\n" % (peer[0].encode(), peer[1]))
