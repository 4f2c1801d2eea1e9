"""Half duplex, the client: python3 examples/python/13_half_client.py [PORT]"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7000

with socket.create_connection(("127.0.0.1", port)) as client, client.makefile("rw") as file:
    for line in sys.stdin:
        file.write(line)
        file.flush()
        if line.strip() == "quit":
            break
        answer = file.readline()
        if not answer or answer.strip() == "quit":
            break
        print("they say", answer.rstrip(), flush=True)
