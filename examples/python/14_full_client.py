"""Full duplex, the client: python3 examples/python/14_full_client.py [PORT]"""

import socket
import sys
import threading

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7000


def send(client):
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        client.sendall(line.encode())
    client.shutdown(socket.SHUT_WR)


client = socket.create_connection(("127.0.0.1", port))
threading.Thread(target=send, args=(client,), daemon=True).start()
with client.makefile() as file:
    for line in file:
        print("they say", line.rstrip(), flush=True)
