"""Full duplex in Python: python3 examples/python/14_full_server.py [PORT]"""

import socket
import sys
import threading

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7000


def send(connection):
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        connection.sendall(line.encode())
    connection.shutdown(socket.SHUT_WR)


with socket.create_server(("127.0.0.1", port)) as server:
    print("listening on %s:%d" % server.getsockname(), flush=True)
    connection, peer = server.accept()
    threading.Thread(target=send, args=(connection,), daemon=True).start()
    with connection.makefile() as file:
        for line in file:
            print("they say", line.rstrip(), flush=True)
