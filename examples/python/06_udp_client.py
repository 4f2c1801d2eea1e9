"""Sends three datagrams, and waits for the answers: python3 examples/python/06_udp_client.py [PORT]"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7000

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(1)
    for text in (b"one", b"two", b"three"):
        client.sendto(text, ("127.0.0.1", port))
    for _ in range(3):
        answer, peer = client.recvfrom(1024)
        print("answer", answer.decode())
