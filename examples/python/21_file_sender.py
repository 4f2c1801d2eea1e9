"""A file with its MD5: python3 examples/python/21_file_sender.py FILE [PORT]"""

import hashlib
import socket
import sys

path = sys.argv[1]
port = int(sys.argv[2]) if len(sys.argv) > 2 else 7000

with socket.create_server(("127.0.0.1", port)) as server:
    print("listening on %s:%d" % server.getsockname(), flush=True)
    connection, peer = server.accept()
    with connection, open(path, "rb") as file:
        digest = hashlib.file_digest(file, "md5")
        connection.sendall(digest.hexdigest().encode())
        file.seek(0)
        connection.sendfile(file)
