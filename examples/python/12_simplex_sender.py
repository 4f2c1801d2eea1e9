"""Simplex, the sender: python3 examples/python/12_simplex_sender.py [PORT]"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7000

with socket.create_connection(("127.0.0.1", port)) as client:
    for line in sys.stdin:
        client.sendall(line.encode())
    client.shutdown(socket.SHUT_WR)
    while client.recv(1024):
        pass
print("the receiver has it all")
