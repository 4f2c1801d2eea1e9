"""UDP in Python: python3 examples/python/06_udp_server.py [PORT]"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7000

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind(("127.0.0.1", port))
    print("listening on %s:%d" % server.getsockname(), flush=True)
    while True:
        data, peer = server.recvfrom(65535)
        server.sendto(data.upper(), peer)
