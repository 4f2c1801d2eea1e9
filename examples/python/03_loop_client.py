"""Sends what is typed and shows each answer: python3 examples/python/03_loop_client.py [PORT]"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7000

with socket.create_connection(("127.0.0.1", port)) as client, client.makefile("rw") as file:
    for line in sys.stdin:
        file.write(line)
        file.flush()
        if line.strip() == "quit":
            break
        print(file.readline().rstrip(), flush=True)
