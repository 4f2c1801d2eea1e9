"""Half duplex in Python: python3 examples/python/13_half_server.py [PORT]"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7000

with socket.create_server(("127.0.0.1", port)) as server:
    print("listening on %s:%d" % server.getsockname(), flush=True)
    connection, peer = server.accept()
    with connection, connection.makefile("rw") as file:
        while (line := file.readline()) and line.strip() != "quit":
            print("they say", line.rstrip(), flush=True)
            answer = sys.stdin.readline() or "quit\n"
            file.write(answer)
            file.flush()
            if answer.strip() == "quit":
                break
