"""Receives a file and checks its MD5: python3 examples/python/21_file_receiver.py NAME [PORT]"""

import hashlib
import socket
import sys

path = sys.argv[1]
port = int(sys.argv[2]) if len(sys.argv) > 2 else 7000

with socket.create_connection(("127.0.0.1", port)) as client, open(path, "xb") as file:
    with client.makefile("rb") as stream:
        digits = stream.read(32).decode()
        digest = hashlib.md5()
        while data := stream.read(65536):
            digest.update(data)
            file.write(data)
if digits != digest.hexdigest():
    sys.exit("damaged on the way: the MD5 differs")
print("received, with the right MD5")
