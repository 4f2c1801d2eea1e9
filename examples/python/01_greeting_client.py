"""The client of the greeting server in Python: python3 examples/python/01_greeting_client.py [PORT]"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7000

with socket.create_connection(("127.0.0.1", port)) as client:
    greeting = b""
    # A stream has no messages: a receive brings what is there, and nothing is the end.
    while data := client.recv(1024):
        greeting += data
print("received", greeting.decode().rstrip())
