"""A Unix socket in Python: python3 examples/python/07_unix_server.py [PATH]"""

import os
import socket
import sys

path = sys.argv[1] if len(sys.argv) > 1 else "lesson.sock"

if os.path.exists(path):
    os.unlink(path)
with socket.socket(socket.AF_UNIX) as server:
    server.bind(path)
    server.listen()
    print("listening on unix:" + path, flush=True)
    while True:
        connection, _ = server.accept()
        with connection:
            connection.sendall(connection.recv(1024).upper())
