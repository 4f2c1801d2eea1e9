"""The client of the Unix server in Python: python3 examples/python/07_unix_client.py [PATH]"""

import socket
import sys

path = sys.argv[1] if len(sys.argv) > 1 else "lesson.sock"

with socket.socket(socket.AF_UNIX) as client:
    client.connect(path)
    client.sendall(b"hello, neighbour")
    print("received", client.recv(1024).decode())
